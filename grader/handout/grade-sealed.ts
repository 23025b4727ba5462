/** Grades a handout with the hidden tests that are sealed in it: the edition that comes out of the seal does it. */
import path from 'node:path'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { runToEnd } from '../run-to-end.ts'
import { KEY_VARIABLE } from './sealed-file.ts'
import { unseal } from './unseal.ts'

/**
 * Runs a command line in the opened edition. Returns the exit code.
 *
 * @param args - names the levels and the place of the result: the opened edition has others of its own
 */
export async function gradeSealed(keyFile: string, args: readonly string[]): Promise<number> {
  const folder = await temporaryFolder()
  try {
    await unseal(keyFile, folder)
    const { [KEY_VARIABLE]: _key, ...env } = process.env
    return await runToEnd(process.execPath, [path.join(folder, 'grader/main.js'), ...args], { env })
  } finally {
    await removeFolder(folder)
  }
}
