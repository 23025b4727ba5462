/** Reads a zip file entry by entry, from its central directory. */
import { crc32 } from 'node:zlib'
import { getFileNameLowLevel, openPromise, type Entry, type ZipFile } from 'yauzl'
import { SubmissionFault } from '../../harness/faults.ts'
import type { ArchiveContents, EntryKind, SourceFile } from './archive.ts'
import { readable, type Meanings } from './broken.ts'

/** What yauzl and zlib say. */
const MEANINGS: Meanings = [
  [/^End of central directory/, 'it is no zip archive, or only the beginning of one'],
  [/^Invalid comment length/, 'more follows where it should end'],
  [/^invalid central directory/, 'its list of files is not where it should be'],
  [/^multi-disk/, 'it is one part of several'],
  [
    /^(too many|not enough) bytes in the stream/,
    'a file in it is shorter or longer than its list of files says',
  ],
  [/^invalid (?!local)/, 'some of its bytes are not those that were packed'],
]

/** Shows every entry to `contents`, and reads those that it wants. Errors say what is broken. */
export async function readZip(file: string, contents: ArchiveContents): Promise<void> {
  await readable(file, MEANINGS, async () => await readEntries(file, contents))
}

async function readEntries(file: string, contents: ArchiveContents): Promise<void> {
  // Names stay bytes, so that ours is the check of them that speaks.
  const zip = await openPromise(file, { decodeStrings: false })
  try {
    contents.announce(zip.entryCount)
    for await (const entry of zip.eachEntry()) {
      const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
      const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false)
      const wanted = contents.entry(name, kindOf(entry, name))
      if (wanted === undefined) continue
      if (entry.isEncrypted()) throw encrypted(contents.archive)
      await inflate(zip, entry, name, wanted)
    }
  } finally {
    zip.close()
  }
}

async function inflate(zip: ZipFile, entry: Entry, name: string, into: SourceFile): Promise<void> {
  if (!entry.canDecodeFileData()) throw new Error('it is packed by an unusual method')
  for await (const bytes of await zip.openReadStreamPromise(entry)) into.push(bytes as Buffer)
  if (crc32(into.bytes) !== entry.crc32) throw new Error(`the checksum of ${name} is another one`)
}

/** Also thrown for an archive that is encrypted as a whole. */
export function encrypted(archive: string): SubmissionFault {
  return new SubmissionFault(
    'ENCRYPTED_ARCHIVE',
    `${archive} is encrypted: pack it again without a password.`,
  )
}

/** By the mode bits that a packer on Unix leaves; other systems leave zeros, and have files and folders only. */
function kindOf({ externalFileAttributes }: Entry, name: string): EntryKind {
  const type = (externalFileAttributes >>> 16) & 0o170_000
  if (type === 0o120_000) return 'a symbolic link'
  if (type !== 0 && type !== 0o100_000 && type !== 0o040_000) return 'a device, a FIFO or a socket'
  return name.endsWith('/') ? 'folder' : 'file'
}
