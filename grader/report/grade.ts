/** From a result to what a grade book needs: points, and whether they may be published. */
import type { Result, TaskResult, TestResult } from '../result.ts'

/**
 * - `graded`: every test has a verdict
 * - `not started`: the server could not be tried; the score is 0, and the reason is known
 * - `our fault`: some tests have no verdict through a fault of ours; they are taken out of the sum
 * - `interrupted`: the run did not end; its score is no grade
 */
export type Standing = 'graded' | 'not started' | 'our fault' | 'interrupted'

export interface Grade {
  readonly standing: Standing
  readonly earned: number
  readonly possible: number
  /** 0 to 100, in tenths; `null` when nothing could be judged, or not all of it was run: never a zero by our doing. */
  readonly percent: number | null
}

export function gradeOf(result: Result): Grade {
  const { earned, possible } = result.score
  const standing = standingOf(result)
  const known = standing !== 'interrupted' && possible > 0
  return { standing, earned, possible, percent: known ? tenths((100 * earned) / possible) : null }
}

/** Points for speed stand beside those of the tasks; `null` where no bench ran, or its points do not count. */
export function speedOf({ bench }: Result): { earned: number; possible: number } | null {
  if (bench === null || bench.void !== null || bench.points.counts === false) return null
  return { earned: bench.points.earned, possible: bench.points.possible }
}

function standingOf({ complete, start, faults, tasks }: Result): Standing {
  if (!complete) return 'interrupted'
  if (start !== null) return 'not started'
  const ours =
    faults.length > 0 || tasks.some(({ tests }) => tests.some(({ verdict }) => verdict === 'fault'))
  return ours ? 'our fault' : 'graded'
}

/** How many of a suite's tests pass, of those that have a verdict of the submission. */
export function countOf(
  { tests }: TaskResult,
  suite: TestResult['suite'],
): { readonly passed: number; readonly judged: number } | null {
  const judged = tests.filter((test) => test.suite === suite && test.verdict !== 'fault')
  if (judged.length === 0) return null
  return {
    passed: judged.filter(({ verdict }) => verdict === 'passed').length,
    judged: judged.length,
  }
}

export function tenths(number: number): number {
  return Math.round(number * 10) / 10
}
