import { describe, expect, it } from 'vitest'
import type { Result, TestResult } from '../../grader/result.ts'
import { Findings, show } from './findings.ts'

/** A run in which the one test of task 1.1 got this verdict, or none. */
function run(seed: number, verdict?: TestResult['verdict'], complete = true): Result {
  const test = { suite: 'hidden', title: 'answers', durationMs: 1 } as const
  const failure = { steps: [], expected: 'an answer', received: 'FIN' }
  const tests = verdict === undefined ? [] : [{ ...test, verdict, failure }]
  return {
    seed,
    complete,
    start: null,
    faults: [],
    tasks: [{ id: '1.1', tests }],
  } as unknown as Result
}

describe('Findings', () => {
  it('has nothing to say of tests that always got the same verdict', () => {
    const findings = new Findings()
    for (const seed of [1, 2, 3]) findings.take('reference', run(seed, 'passed'))
    findings.take('wrong', run(1, 'failed'))
    expect(findings.differences).toEqual([])
    expect([findings.runs, findings.verdicts]).toEqual([4, 4])
  })

  it('names a test that differed, with the seeds that repeat the rarer verdict', () => {
    const findings = new Findings()
    for (const seed of [1, 2, 3])
      findings.take('reference', run(seed, seed === 2 ? 'failed' : 'passed'))
    const [difference] = findings.differences
    expect(difference === undefined ? '' : show(difference)).toBe(
      '  reference: 1.1 hidden: answers\n    passed 2 times, failed 1 times (seed 2)\n    FIN\n',
    )
  })

  it('takes a verdict that never came for one of its own', () => {
    const findings = new Findings()
    findings.take('reference', run(1, 'passed'))
    findings.take('reference', run(2))
    expect(findings.differences[0]?.verdicts).toEqual([
      { verdict: 'passed', seeds: [1] },
      { verdict: 'none', seeds: [2] },
    ])
  })

  it('leaves out a run that was cut short', () => {
    const findings = new Findings()
    findings.take('reference', run(1, 'passed'))
    findings.take('reference', run(2, 'failed', false))
    expect([findings.runs, findings.differences]).toEqual([1, []])
  })
})
