/** Tells whether two submissions of a level are the same files. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Intake } from '../harness/intake.ts'

/** SHA-256 of the level's own files, whose levels below may have been taken from elsewhere. */
export async function digestOf(
  { folder, files }: Pick<Intake, 'folder' | 'files'>,
  level: number,
): Promise<string> {
  const hash = createHash('sha256')
  for (const name of files.filter((each) => each.startsWith(`level${level}/`)).toSorted()) {
    const bytes = await readFile(path.join(folder, name))
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}
