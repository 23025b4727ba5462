/** Two runs into one folder would both grade what the other has not written yet, and publish what it has. */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UsageError } from '../course.ts'
import { makeFolder } from '../make-folder.ts'

/** SQLite's own names for a lock that somebody else holds. */
const BUSY = [5, 6]

/**
 * Keeps every other run out of a folder. The lock is the kernel's, by way of an empty database: it goes with this process,
 * however that ends.
 *
 * @returns lets the next one in
 * @throws {UsageError} when another run is at work there
 */
export function holdFolder(folder: string): () => void {
  makeFolder(folder)
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path.join(folder, '.lock'))
    lock.exec('begin exclusive')
    const held = lock
    return () => held.close()
  } catch (error) {
    lock?.close()
    const { errcode = 0 } = error as { readonly errcode?: number }
    // Extended codes carry the plain one in their lowest byte.
    if (!BUSY.includes(errcode & 0xff)) return () => undefined
    throw new UsageError(
      `Another npm run class is at work in ${folder}: wait until it is done, or name another folder with --out.`,
    )
  }
}
