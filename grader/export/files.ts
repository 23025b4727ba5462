/** Writes what an export yields, piece by piece, so that a class never stands in memory as a whole. */
import { once } from 'node:events'
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeFolder } from '../make-folder.ts'

/** A text as it comes. */
export type Pieces = Iterable<string> | AsyncIterable<string>

/**
 * Writes a file in one step: a reader sees the old one or the new one.
 *
 * @throws an error of the file system, with its `code`
 */
export async function writePieces(file: string, pieces: Pieces): Promise<void> {
  makeFolder(path.dirname(file))
  const draft = `${file}.${process.pid}.draft`
  try {
    const descriptor = openSync(draft, 'w')
    try {
      for await (const piece of pieces) writeFileSync(descriptor, piece)
    } finally {
      closeSync(descriptor)
    }
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Writes to standard output, no faster than it is read. */
export async function printPieces(pieces: Pieces): Promise<void> {
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
}
