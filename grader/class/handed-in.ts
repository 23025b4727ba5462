/** Whether anything lies where a submission should: not all of a class hand something in. */
import { lstat, realpath } from 'node:fs/promises'
import path from 'node:path'

/** What the system says of a place where nothing lies, not even a link that leads nowhere. */
export function isNothing({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** What lies there, and whether it may be read, is another question. */
export async function isHandedIn(file: string): Promise<boolean> {
  try {
    await lstat(file)
    return true
  } catch (error) {
    return !isNothing(error as NodeJS.ErrnoException)
  }
}

/** Where a path leads, as far as links can be followed: who hands in later hands in at the same place. */
export async function placeOf(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch {
    const above = path.dirname(file)
    return above === file ? file : path.join(await placeOf(above), path.basename(file))
  }
}
