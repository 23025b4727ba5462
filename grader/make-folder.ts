import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'

/**
 * Makes a folder, and those above it, unless it is there.
 *
 * Node's own way to do that never comes back where the system lets nobody make one, as in `/proc`.
 *
 * @throws {NodeJS.ErrnoException} when one of them cannot be made
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(path.dirname(path.resolve(folder)))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Somebody else was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
