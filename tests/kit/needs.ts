import { Blocked, Expectation } from '../../harness/expectation.ts'

/**
 * Tries what another task is about. When it does not hold, the test says nothing: it is blocked by that task.
 *
 * @param why - a sentence about what the test cannot do without it
 */
export async function needs(
  task: string,
  why: string,
  check: () => Promise<unknown>,
): Promise<void> {
  try {
    await check()
  } catch (error) {
    if (error instanceof Expectation) throw new Blocked(task, why)
    throw error
  }
}
