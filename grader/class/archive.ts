/**
 * Reads the archive of a stranger: all that is wanted of it is checked in memory before a byte is written.
 *
 * Wanted are the TypeScript files in folders called level1, level2, …; a learner who packs the whole
 * workbook, packages and all, hands in the same as one who packs `levels/`. Sizes are counted on the bytes
 * that come out, never taken from what the archive says of itself.
 */
import { SubmissionFault } from '../../harness/faults.ts'
import { printable } from '../terminal/style.ts'

/** A packed workbook with its packages has about ten thousand. */
const MAX_ENTRIES = 20_000
const MAX_FILES = 1000
const MAX_FILE_BYTES = 256 * 1024
const MAX_TOTAL_BYTES = 8 * 1024 * 1024
const MAX_NAME = 1000
const MAX_NOTES = 1000

/** What an entry of an archive would become, were it written. */
export type EntryKind =
  'file' | 'folder' | 'a symbolic link' | 'a hard link' | 'a device, a FIFO or a socket'

/** The wanted files of one archive, as they are read. */
export class ArchiveContents {
  /** Its name, for sentences. */
  readonly archive: string
  /** Source files by their name in the archive. */
  readonly files = new Map<string, SourceFile>()
  /** Names of what is left alone. */
  readonly ignored = new Set<string>()
  /** Lower-case names, so that no two files become one where letter case does not count. */
  readonly #taken = new Map<string, 'file' | 'folder'>()
  #entries = 0
  #bytes = 0

  constructor(archive: string) {
    this.archive = archive
  }

  /** @throws {SubmissionFault} `TOO_MANY_FILES`, if the archive says that it has more entries than are looked at */
  announce(entries: number): void {
    if (entries > MAX_ENTRIES) this.#tooMany(`${MAX_ENTRIES} files and folders`)
  }

  /**
   * Looks at the next entry. Returns the file to fill if its bytes are wanted.
   *
   * @throws {SubmissionFault} `TOO_MANY_FILES`, `BAD_NAME`, `NAME_OUTSIDE`, `SYMBOLIC_LINK`, `HARD_LINK`, `NOT_A_FILE`, `SAME_NAME`
   */
  entry(rawName: string, kind: EntryKind): SourceFile | undefined {
    this.announce(++this.#entries)
    const name = this.#checkedName(rawName)
    if (name === '') return undefined
    const unwanted = /^(.*?\/)??(node_modules|__MACOSX|\.[^/]*)(?=\/|$)/.exec(name)
    if (unwanted !== null || !isInLevel(name)) {
      if (kind !== 'folder') this.#ignore(unwanted?.[0] ?? name)
      return undefined
    }
    if (kind === 'folder') return undefined
    if (kind !== 'file') throw this.#notAFile(name, kind)
    if (!name.endsWith('.ts')) {
      this.#ignore(name)
      return undefined
    }
    if (this.files.size >= MAX_FILES) this.#tooMany(`${MAX_FILES} source files`)
    this.#take(name)
    const file = new SourceFile((bytes) => this.#count(name, file, bytes))
    this.files.set(name, file)
    return file
  }

  #checkedName(name: string): string {
    const shown = JSON.stringify(printable(name).slice(0, 120))
    const parts = name.split('/')
    if (
      name.length > MAX_NAME ||
      /\p{Cc}/u.test(name) ||
      parts.some(({ length }) => length > 200)
    ) {
      throw new SubmissionFault(
        'BAD_NAME',
        `${this.archive} holds a file called ${shown}: names must be short, without line breaks and control characters.`,
      )
    }
    if (/^(\/|[a-z]:)/i.test(name) || parts.includes('..')) {
      throw new SubmissionFault(
        'NAME_OUTSIDE',
        `${this.archive} holds a file called ${shown}, which would be written outside of the folder that it is unpacked into.`,
      )
    }
    return parts.filter((part) => part !== '' && part !== '.').join('/')
  }

  #notAFile(name: string, kind: EntryKind): SubmissionFault {
    const codes = { 'a symbolic link': 'SYMBOLIC_LINK', 'a hard link': 'HARD_LINK' } as const
    const code = kind === 'a symbolic link' || kind === 'a hard link' ? codes[kind] : 'NOT_A_FILE'
    return new SubmissionFault(
      code,
      `${printable(name)} in ${this.archive} is ${kind}: put the file itself there.`,
    )
  }

  #take(name: string): void {
    const parts = name.toLowerCase().split('/')
    parts.forEach((_, index) => {
      const kind = index === parts.length - 1 ? 'file' : 'folder'
      const key = parts.slice(0, index + 1).join('/')
      const before = this.#taken.get(key)
      if (before !== undefined && !(before === 'folder' && kind === 'folder')) {
        throw new SubmissionFault(
          'SAME_NAME',
          `${printable(name)} in ${this.archive} has the name of another entry, or differs from it only in letter case: rename one.`,
        )
      }
      this.#taken.set(key, kind)
    })
  }

  #count(name: string, { length }: SourceFile, { length: more }: Buffer): void {
    this.#bytes += more
    if (length + more > MAX_FILE_BYTES) {
      throw new SubmissionFault(
        'FILE_TOO_LARGE',
        `${printable(name)} in ${this.archive} has more than ${MAX_FILE_BYTES} bytes, which a source file may have.`,
      )
    }
    if (this.#bytes > MAX_TOTAL_BYTES) {
      throw new SubmissionFault(
        'TOO_LARGE',
        `The source files in ${this.archive} are larger than ${MAX_TOTAL_BYTES} bytes together.`,
      )
    }
  }

  #tooMany(what: string): never {
    throw new SubmissionFault(
      'TOO_MANY_FILES',
      `There are more than ${what} in ${this.archive}: pack the folder levels/ only.`,
    )
  }

  #ignore(name: string): void {
    if (this.ignored.size < MAX_NOTES) this.ignored.add(name)
  }
}

/** The bytes of a file, as they come out of the archive. */
export class SourceFile {
  readonly #allow: (bytes: Buffer) => void
  readonly #parts: Buffer[] = []
  length = 0

  /** @param allow - throws when it is too much */
  constructor(allow: (bytes: Buffer) => void) {
    this.#allow = allow
  }

  push(bytes: Buffer): void {
    this.#allow(bytes)
    this.#parts.push(bytes)
    this.length += bytes.length
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** `level3/main.ts`, also below one or two folders, as in `anna/levels/level3/main.ts`. */
function isInLevel(name: string): boolean {
  return /^(?:[^/]+\/){0,2}level\d+(\/|$)/.test(name)
}
