/** Writes what an export yields, piece by piece, so that a class never stands in memory as a whole. */
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { Draft } from '../draft.ts'

/** A text as it comes. */
export type Pieces = Iterable<string> | AsyncIterable<string>

/**
 * Writes a file in one step: a reader sees the old one or the new one.
 *
 * @throws an error of the file system, with its `code` and the `path` that was asked for
 */
export async function writePieces(file: string, pieces: Pieces): Promise<void> {
  const draft = new Draft(file)
  try {
    const descriptor = openSync(draft.path, 'w')
    try {
      for await (const piece of pieces) writeFileSync(descriptor, piece)
    } finally {
      closeSync(descriptor)
    }
    draft.putInPlace()
  } catch (error) {
    throw draft.giveUp(error)
  }
}

/** Writes to standard output, no faster than it is read. */
export async function printPieces(pieces: Pieces): Promise<void> {
  for await (const piece of pieces) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
  }
}
