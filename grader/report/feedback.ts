/**
 * What a learner may be told, decided in one place: every page and every export is made from what `told` leaves.
 *
 * A hidden test is told by its behaviour (its title) and its verdict. Inputs, expected values, stacks, paths
 * and times are taken out here, so that nothing made from the rest can give them away.
 */
import type { Result, TestResult } from '../result.ts'

export interface Feedback {
  /** After the deadline: hidden failures with all that public ones tell. */
  readonly releaseDetails?: boolean
}

/** The result without what must stay hidden. */
export function told(result: Result, { releaseDetails = false }: Feedback = {}): Result {
  if (releaseDetails) return result
  return {
    ...result,
    faults: result.faults.length === 0 ? [] : [outsideOfTests(result.faults.length)],
    tasks: result.tasks.map((task) => ({ ...task, tests: task.tests.map(toldTest) })),
  }
}

/** A message of ours may quote the test that it comes from. */
function outsideOfTests(count: number): string {
  return `${count === 1 ? 'Something went' : `${count} things went`} wrong outside of the tests; your instructor's report says what.`
}

function toldTest(test: TestResult): TestResult {
  const { suite, title, verdict, failure, reason } = test
  if (suite === 'public' || failure?.open) return test
  return {
    suite,
    title,
    verdict,
    // How long a server took can be made to say what it was asked, one bit a submission.
    durationMs: 0,
    ...(verdict === 'blocked' && reason !== undefined ? { reason: blockedBy(reason) } : {}),
  }
}

/** Of `3.5: files are not served yet`, the task; of `EXITED: …`, the fault. */
function blockedBy(reason: string): string {
  return reason.split(':')[0] ?? ''
}
