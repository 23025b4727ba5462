/** Writes the files of a handout: all of them, or none. */
import { existsSync, rmdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { writeFile } from '../journal.ts'
import { makeFolder } from '../make-folder.ts'

/**
 * Half a handout would look like one, and the next attempt would find its folder in use.
 *
 * @throws an error of the file system, with its `code` and `path`; what was written before it is taken back
 */
export function writeAll(out: string, files: ReadonlyMap<string, Uint8Array>): void {
  const written: string[] = []
  const folders: string[] = []
  // It takes a moment, after which there is nothing left to stop.
  for (const signal of STOPPING) process.on(signal, ignore)
  try {
    for (const [name, bytes] of files) {
      const file = path.join(out, name)
      folders.push(...missingFolders(path.dirname(file)))
      makeFolder(path.dirname(file))
      writeFile(file, bytes)
      written.push(file)
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true })
    for (const folder of folders.toReversed()) removeEmpty(folder)
    throw error
  } finally {
    for (const signal of STOPPING) process.off(signal, ignore)
  }
}

const STOPPING = ['SIGINT', 'SIGTERM'] as const

function ignore(): void {
  // Ctrl-C finds all of the files, or none.
}

/** The folders that making this one makes, the topmost first. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(path.dirname(folder)), folder]
}

/** Somebody else may have put something there meanwhile, or it was never made. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // What is told is the error that stopped the writing.
  }
}
