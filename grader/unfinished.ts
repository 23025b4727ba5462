/** Work that nobody has done yet is told once: by the tests of its own task. */
import type { Task } from '../levels/register.ts'
import type { TestResult } from './result.ts'

/** What a starter throws where something is left to write. */
const UNFINISHED = /NotImplementedError: (\S+) is yours to write \(task (\d+\.\d+)\)/

/** A test that fails because the server ran into an unwritten part of another task is blocked by that task. */
export function blockedByUnfinished({ id }: Pick<Task, 'id'>, result: TestResult): TestResult {
  const { failure, ...rest } = result
  const [, part, other] = UNFINISHED.exec(`${failure?.received}\n${failure?.stderr}`) ?? []
  if (result.verdict !== 'failed' || other === undefined || other === id) return result
  return { ...rest, verdict: 'blocked', reason: `${other}: ${part} is not written yet.` }
}
