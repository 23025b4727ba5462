import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { folderWith } from '../kit/folders.ts'
import { Findings } from './findings.ts'
import type { Mutant } from './mutants.ts'
import type { Finding } from './trial.ts'

/** A mutant that put the `b` into this text. */
function mutant(text: string): Mutant {
  return {
    id: 'level1/response.ts:1:1',
    file: 'level1/response.ts',
    line: 1,
    column: 1,
    mutator: 'StringLiteral',
    original: "'a'",
    replacement: 'b',
    text,
    start: text.indexOf('b'),
    end: text.indexOf('b') + 1,
  }
}

const killed: Finding = { outcome: 'killed', suite: 'hidden', task: '1.2', title: 'a fact' }

let file: string

beforeEach(async () => {
  file = path.join(await folderWith(), 'findings', 'level1')
})

describe('findings of earlier runs', () => {
  it('are there in the next run, without the titles of tests', () => {
    const first = new Findings(file)
    first.keep(mutant('a = b'), killed)
    first.keep(mutant('a != b'), { outcome: 'survived' })
    first.keep(mutant('a > b'), { outcome: 'timed out' })
    const next = new Findings(file)
    expect(next.find(mutant('a = b'))).toEqual({ ...killed, title: '' })
    expect(next.find(mutant('a != b'))).toEqual({ outcome: 'survived' })
    expect(next.find(mutant('a > b'))).toEqual({ outcome: 'timed out' })
    expect(next.find(mutant('a < b'))).toBe(undefined)
  })

  it('are not those of faults of ours', () => {
    new Findings(file).keep(mutant('a = b'), { outcome: 'fault', reason: 'no memory' })
    expect(new Findings(file).find(mutant('a = b'))).toBe(undefined)
  })

  it('are the latest of each mutant', () => {
    new Findings(file).keep(mutant('a = b'), { outcome: 'survived' })
    new Findings(file).keep(mutant('a = b'), killed)
    expect(new Findings(file).find(mutant('a = b'))?.outcome).toBe('killed')
  })

  it('hold as long as the paragraph that the mutant changes reads the same', () => {
    new Findings(file).keep(mutant('one\n\ntwo\n  // why\n  b\n\nthree'), killed)
    const next = new Findings(file)
    expect(next.find(mutant('else\n\n/** What. */\ntwo\n  b\n\nother'))?.outcome).toBe('killed')
    expect(next.find(mutant('one\n\ntoo\n  b\n\nthree'))).toBe(undefined)
  })

  it('lack the one that was being written when the run was killed', () => {
    new Findings(file).keep(mutant('a = b'), killed)
    appendFileSync(file, readFileSync(file, 'utf8').slice(0, -2).replace(/^..../, 'ffff'))
    const next = new Findings(file)
    next.keep(mutant('a != b'), killed)
    expect(readFileSync(file, 'utf8')).toMatch(/^(?:[0-9a-f]{16} killed hidden 1\.2\n){2}$/)
    expect(new Findings(file).find(mutant('a != b'))?.outcome).toBe('killed')
  })
})
