/** Where a handout keeps its sealed part, and where the key to it is named. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { root } from '../course.ts'

/** Where a handout keeps what is sealed. */
export const SEALED_FILE = 'hidden-tests.age'

/** Names the file that holds the secret key. */
export const KEY_VARIABLE = 'LOADBEARING_KEY'

/** Is there something sealed here? */
export function isSealed(): boolean {
  return existsSync(path.join(root, SEALED_FILE))
}
