/** From the verdicts of tests to the verdict and the points of a task. */
import type { Task } from '../levels/register.ts'
import type { TaskResult, TestResult, Verdict } from './result.ts'

/**
 * Every test of a task weighs the same. A fault of ours takes its share out of the sum: it costs nobody anything.
 *
 * @param missing - tests that the run was stopped before: nobody has earned their share yet
 */
export function scoreTask(task: Task, tests: readonly TestResult[], missing = 0): TaskResult {
  const faults = tests.filter(({ verdict }) => verdict === 'fault').length
  const passed = tests.filter(({ verdict }) => verdict === 'passed').length
  const all = tests.length + missing
  const share = all === 0 ? 0 : task.points / all
  return {
    id: task.id,
    title: task.title,
    verdict: verdictOf(tests),
    points: tenths((all - faults) * share),
    earned: tenths(passed * share),
    tests: [...tests],
  }
}

export function total(tasks: readonly TaskResult[]): { earned: number; possible: number } {
  return {
    earned: tenths(tasks.reduce((sum, { earned }) => sum + earned, 0)),
    possible: tenths(tasks.reduce((sum, { points }) => sum + points, 0)),
  }
}

function verdictOf(tests: readonly TestResult[]): Verdict {
  for (const verdict of ['failed', 'fault', 'blocked'] as const) {
    if (tests.some((test) => test.verdict === verdict)) return verdict
  }
  return tests.length === 0 ? 'blocked' : 'passed'
}

function tenths(points: number): number {
  return Math.round(points * 10) / 10
}
