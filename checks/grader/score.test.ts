import { describe, expect, it } from 'vitest'
import type { TestResult, Verdict } from '../../grader/result.ts'
import { scoreTask, total } from '../../grader/score.ts'

const task = { id: '1.1', title: 'T', module: 'm', files: [], points: 12, hours: 1, sections: [] }
const tests = (...verdicts: Verdict[]): TestResult[] =>
  verdicts.map((verdict, index) => ({
    suite: 'public',
    title: `test ${index}`,
    verdict,
    durationMs: 0,
  }))

describe('the score of a task', () => {
  it('is the share of its tests that pass', () => {
    expect(scoreTask(task, tests('passed', 'passed', 'failed', 'blocked'))).toMatchObject({
      earned: 6,
      points: 12,
      verdict: 'failed',
    })
  })

  it('leaves a fault of ours out of the sum', () => {
    expect(scoreTask(task, tests('passed', 'passed', 'fault', 'fault'))).toMatchObject({
      earned: 6,
      points: 6,
      verdict: 'fault',
    })
  })

  it('does not hold the share of tests that the run was stopped before', () => {
    expect(scoreTask(task, tests('passed', 'passed', 'fault'), 3)).toMatchObject({
      earned: 4,
      points: 10,
    })
  })

  it('is full for a task whose tests all pass', () => {
    expect(scoreTask(task, tests('passed'))).toMatchObject({
      earned: 12,
      points: 12,
      verdict: 'passed',
    })
  })

  it('is nothing for a task of which no test ran', () => {
    expect(scoreTask(task, [])).toMatchObject({ earned: 0, verdict: 'blocked' })
  })

  it('adds up without errors of rounding', () => {
    const thirds = Array.from({ length: 3 }, () =>
      scoreTask({ ...task, points: 0.1 }, tests('passed')),
    )
    expect(total(thirds)).toEqual({ earned: 0.3, possible: 0.3 })
  })
})
