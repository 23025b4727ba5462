/** What is wrong with an archive, for people who have never seen the inside of one. */
import { stat } from 'node:fs/promises'
import { SubmissionFault } from '../../harness/faults.ts'

/** What a library says, and what that means. */
export type Meanings = readonly (readonly [said: RegExp, meaning: string])[]

/**
 * Reads an archive. What the library says of a broken one is told in words; what it alone knows stays as it is.
 *
 * @throws {Error} saying what is broken
 */
export async function readable(
  file: string,
  meanings: Meanings,
  read: () => Promise<void>,
): Promise<void> {
  if ((await stat(file)).size === 0) throw new Error('it is empty')
  try {
    await read()
  } catch (error) {
    // Our own sentences begin with a name that a stranger chose.
    if (error instanceof SubmissionFault) throw error
    const { message } = error as Error
    const meaning = meanings.find(([said]) => said.test(message))?.[1]
    throw meaning === undefined ? error : new Error(meaning, { cause: error })
  }
}
