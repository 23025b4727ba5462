import { describe, expect, it } from 'vitest'
import { fits } from './equivalent.ts'
import type { Mutant } from './mutants.ts'
import { report, strengthOf, type Judged } from './report.ts'
import type { Finding } from './trial.ts'

const killed: Finding = { outcome: 'killed', suite: 'public', task: '1.2', title: 'a fact' }

function judged(finding: Finding, line = 1): Judged {
  const mutant: Mutant = {
    id: `level1/response.ts:${line}:1 StringLiteral "a" -> "b"`,
    file: 'level1/response.ts',
    line,
    column: 1,
    mutator: 'StringLiteral',
    original: "'a'",
    replacement: "'b'",
    text: '',
    start: 0,
    end: 0,
  }
  return { mutant, finding }
}

describe('the strength of a suite', () => {
  it('is the share of mutants that a test noticed', () => {
    const all = [judged(killed), judged(killed), judged({ outcome: 'survived' })]
    expect(strengthOf(all)).toBeCloseTo(2 / 3)
  })

  it('counts a suite that never ends as noticed, as no server may take so long', () => {
    expect(strengthOf([judged({ outcome: 'timed out' })])).toBe(1)
  })

  it('names each survivor that nothing explains', () => {
    const page = report(1, [judged({ outcome: 'survived' }, 7), judged(killed)], 10)
    expect(page).toContain('2 of 10 mutants tried: 50.0 %')
    expect(page).toContain('- `level1/response.ts:7:1 StringLiteral "a" -> "b"`')
  })

  it('says of a fault of ours that it says nothing', () => {
    expect(report(1, [judged({ outcome: 'fault', reason: 'no memory left' })], 1)).toContain(
      'Faults of ours, which say nothing:',
    )
  })
})

describe('an equivalence', () => {
  const { mutant } = judged(killed)

  it('fits by file, code and kind of change', () => {
    expect(fits({ file: 'level1/response.ts', why: '' }, mutant)).toBe(true)
    expect(fits({ file: /response/, original: /a/, why: '' }, mutant)).toBe(true)
    expect(fits({ file: 'level1/routes.ts', why: '' }, mutant)).toBe(false)
    expect(fits({ file: /./, mutator: 'Regex', why: '' }, mutant)).toBe(false)
    expect(fits({ file: /./, replacement: "'c'", why: '' }, mutant)).toBe(false)
  })

  it('fits by the line of the change, as it reads after it', () => {
    const changed = { ...mutant, line: 2, text: 'one\n  two\nthree\n' }
    expect(fits({ file: /./, line: 'two', why: '' }, changed)).toBe(true)
    expect(fits({ file: /./, line: 'three', why: '' }, changed)).toBe(false)
  })
})
