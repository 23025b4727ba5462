import { appendFileSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Findings } from './findings.ts'
import type { Mutant } from './mutants.ts'
import type { Finding } from './trial.ts'

function mutant(text: string): Mutant {
  return {
    id: 'level1/response.ts:1:1',
    file: 'level1/response.ts',
    line: 1,
    column: 1,
    mutator: 'StringLiteral',
    original: "'a'",
    replacement: "'b'",
    text,
  }
}

const killed: Finding = { outcome: 'killed', suite: 'hidden', task: '1.2', title: 'a fact' }

let file: string

beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'loadbearing-check-')), 'findings', 'level1')
})

describe('findings of earlier runs', () => {
  it('are there in the next run, without the titles of tests', () => {
    const first = new Findings(file)
    first.keep(mutant('a'), killed)
    first.keep(mutant('b'), { outcome: 'survived' })
    first.keep(mutant('c'), { outcome: 'timed out' })
    const next = new Findings(file)
    expect(next.find(mutant('a'))).toEqual({ ...killed, title: '' })
    expect(next.find(mutant('b'))).toEqual({ outcome: 'survived' })
    expect(next.find(mutant('c'))).toEqual({ outcome: 'timed out' })
    expect(next.find(mutant('d'))).toBe(undefined)
  })

  it('are not those of faults of ours', () => {
    new Findings(file).keep(mutant('a'), { outcome: 'fault', reason: 'no memory' })
    expect(new Findings(file).find(mutant('a'))).toBe(undefined)
  })

  it('are the latest of each mutant', () => {
    new Findings(file).keep(mutant('a'), { outcome: 'survived' })
    new Findings(file).keep(mutant('a'), killed)
    expect(new Findings(file).find(mutant('a'))?.outcome).toBe('killed')
  })

  it('lack the one that was being written when the run was killed', () => {
    new Findings(file).keep(mutant('a'), killed)
    appendFileSync(file, readFileSync(file, 'utf8').slice(0, -2).replace(/^..../, 'ffff'))
    const next = new Findings(file)
    next.keep(mutant('b'), killed)
    expect(readFileSync(file, 'utf8')).toMatch(/^(?:[0-9a-f]{16} killed hidden 1\.2\n){2}$/)
    expect(new Findings(file).find(mutant('b'))?.outcome).toBe('killed')
  })
})
