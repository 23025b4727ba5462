/** Reads a .tar.gz file entry by entry, as it comes out of gzip. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { SubmissionFault } from '../../harness/faults.ts'
import type { ArchiveContents, EntryKind, SourceFile } from './archive.ts'
import { readable, type Meanings } from './broken.ts'

/** A packed workbook with its packages has some 320 MB. */
const MAX_INFLATED_BYTES = 512 * 1024 ** 2

/** The first bytes of what the parser would unpack by itself. */
const GZIP = 0x1f8b
const ZSTD = 0xfd2fb528

/** Headers that are about the next entry, as long names are; each costs the time of an entry. */
const MAX_META_ENTRIES = 40_000

/** What zlib and the parser say. */
const MEANINGS: Meanings = [
  [/^incorrect header check$/, 'it is no .tar.gz archive, whatever its name says'],
  [/^(unexpected end of file$|TAR_BAD_ARCHIVE: Truncated)/, 'only the beginning of it is here'],
  [/^(incorrect|invalid) /, 'some of its bytes are not those that were packed'],
  [/^TAR_/, 'what is packed in it is no tar file, or a damaged one'],
]

/** Shows every entry to `contents`, and keeps the bytes of those that it wants. Errors say what is broken. */
export async function readTar(file: string, contents: ArchiveContents): Promise<void> {
  await readable(file, MEANINGS, async () => await readEntries(file, contents))
}

async function readEntries(file: string, contents: ArchiveContents): Promise<void> {
  let problem: Error | undefined
  let ended = false
  let metaEntries = 0
  const attempt = (work: () => void) => {
    try {
      if (problem === undefined) work()
    } catch (error) {
      problem = error as Error
    }
  }
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      let wanted: SourceFile | undefined
      attempt(() => (wanted = contents.entry(entry.path, kindOf(entry))))
      entry.on('data', (bytes) => attempt(() => wanted?.push(bytes)))
    },
  })
  parser.on('meta', () => {
    if (++metaEntries > MAX_META_ENTRIES) problem ??= new Error('it has too many long names')
  })
  parser.on('eof', () => (ended = true))
  parser.on('error', (error: Error) => (problem ??= error))
  await pipeline(createReadStream(file), createGunzip(), async (source: AsyncIterable<Buffer>) => {
    let inflated = 0
    for await (const bytes of source) {
      // The parser would inflate once more, and nobody would count.
      if (inflated === 0 && !isTar(bytes)) throw new Error('there is no tar file in it')
      inflated += bytes.length
      if (inflated > MAX_INFLATED_BYTES) {
        throw new SubmissionFault('TOO_LARGE', `${contents.archive} unpacks to more than 512 MiB.`)
      }
      // What follows the end, the parser would collect.
      if (!ended) parser.write(bytes)
      if (problem !== undefined) throw problem
    }
    if (inflated === 0) throw new Error('nothing is packed in it')
    parser.end()
    if (problem !== undefined) throw problem
  })
}

/** Not for certain, but neither shorter than a block nor packed once more. */
function isTar(bytes: Buffer): boolean {
  return bytes.length >= 512 && bytes.readUInt16BE(0) !== GZIP && bytes.readUInt32LE(0) !== ZSTD
}

function kindOf({ type }: ReadEntry): EntryKind {
  if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') return 'file'
  if (type === 'Directory' || type === 'GNUDumpDir') return 'folder'
  if (type === 'SymbolicLink') return 'a symbolic link'
  return type === 'Link' ? 'a hard link' : 'a device, a FIFO or a socket'
}
