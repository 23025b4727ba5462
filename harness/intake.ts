/**
 * Takes a submission in: copies the source files that the course allows, and nothing else, into a fresh folder.
 *
 * The folder is a stranger's. A link could point at the hidden tests, a FIFO would hang whoever
 * reads it, a hard link is a file of somebody else; so every entry is looked at without following
 * it, and the bytes are read from a descriptor that was checked after it was opened.
 */
import { constants } from 'node:fs'
import { lstat, mkdir, open, opendir, readlink, realpath, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SubmissionFault, unreadable } from './faults.ts'

const MAX_FILES = 200
const MAX_FILE_BYTES = 256 * 1024
const MAX_TOTAL_BYTES = 2 * 1024 * 1024
const MAX_DEPTH = 8
const MAX_ENTRIES = 5000

/** What was taken in. */
export interface Intake {
  /** The copy: holds `level1`, `level2`, … */
  readonly folder: string
  /** Paths of the source files, relative to `folder`. */
  readonly files: readonly string[]
  /** What lay beside the source files and was left where it was. */
  readonly ignored: readonly string[]
}

/**
 * Copies `levels` `1` to `level` of a submission.
 *
 * @param from - the submission: a folder that holds `level1`, `level2`, …
 * @param earlier - where the levels below `level` come from, if not from the submission
 * @param into - a fresh folder
 * @throws {SubmissionFault} for everything that a folder of source files should not hold
 */
export async function takeIn(
  from: string,
  level: number,
  into: string,
  earlier: string = from,
): Promise<Intake> {
  const copy = new Copy(into)
  for (let number = 1; number <= level; number++) {
    const root = number < level ? earlier : from
    await copy.level(root, `level${number}`, number === level)
  }
  return { folder: into, files: copy.files, ignored: copy.ignored }
}

class Copy {
  readonly #into: string
  readonly files: string[] = []
  readonly ignored: string[] = []
  #bytes = 0
  #entries = 0

  constructor(into: string) {
    this.#into = into
  }

  async level(root: string, name: string, graded: boolean): Promise<void> {
    const kind = await kindOf(path.join(root, name))
    if (kind === 'nothing' && !graded) return
    if (kind === 'nothing') {
      throw new SubmissionFault('NO_LEVEL', `There is no folder ${name} in ${root}.`)
    }
    if (kind !== 'a folder') {
      throw new SubmissionFault('NO_LEVEL', `${name} in ${root} is ${kind}, not a folder.`)
    }
    await this.#folder(root, name, 1)
    if (!graded || this.files.includes(`${name}/main.ts`)) return
    const main = await kindOf(path.join(root, name, 'main.ts'))
    throw new SubmissionFault(
      'NO_MAIN',
      main === 'nothing'
        ? `${name}/main.ts is missing: it is what starts the server. Take it back from the course.`
        : `${name}/main.ts is ${main}, but it must be a file: it is what starts the server. Take it back from the course.`,
    )
  }

  async #folder(root: string, folder: string, depth: number): Promise<void> {
    const lowerCase = new Map<string, string>()
    for await (const entry of await opendir(path.join(root, folder))) {
      const name = path.posix.join(folder, entry.name)
      if (++this.#entries > MAX_ENTRIES) {
        throw new SubmissionFault(
          'TOO_MANY_FILES',
          `There are more than ${MAX_ENTRIES} files and folders.`,
        )
      }
      const kind = await kindOf(path.join(root, name))
      const wanted = kind === 'a folder' ? entry.name !== 'node_modules' : name.endsWith('.ts')
      if (!wanted || entry.name.startsWith('.')) {
        if (!expectedBeside(name)) this.ignored.push(printable(name))
        continue
      }
      if (!/^[A-Za-z0-9._-]+$/.test(entry.name)) {
        throw new SubmissionFault(
          'BAD_NAME',
          `The name ${JSON.stringify(printable(name))} has a character outside A-Z a-z 0-9 . _ -: rename it.`,
        )
      }
      const twin = lowerCase.get(entry.name.toLowerCase())
      if (twin !== undefined) {
        throw new SubmissionFault(
          'SAME_NAME',
          `${twin} and ${name} differ only in letter case, which some file systems cannot tell apart: rename one.`,
        )
      }
      lowerCase.set(entry.name.toLowerCase(), name)
      if (kind === 'a folder') await this.#subfolder(root, name, depth + 1)
      else await this.#file(root, name, kind)
    }
  }

  async #subfolder(root: string, name: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      throw new SubmissionFault('TOO_DEEP', `${name} lies more than ${MAX_DEPTH} folders deep.`)
    }
    await this.#folder(root, name, depth)
  }

  async #file(root: string, name: string, kind: Kind): Promise<void> {
    if (kind === 'a symbolic link') {
      throw new SubmissionFault(
        'SYMBOLIC_LINK',
        `${name} is a symbolic link: put the file itself there.`,
      )
    }
    if (kind !== 'a file') {
      throw new SubmissionFault(
        'NOT_A_FILE',
        `${name} is ${kind}: a source file must be a regular file.`,
      )
    }
    if (this.files.length >= MAX_FILES) {
      throw new SubmissionFault('TOO_MANY_FILES', `There are more than ${MAX_FILES} source files.`)
    }
    const bytes = await readChecked(root, name)
    this.#bytes += bytes.length
    if (this.#bytes > MAX_TOTAL_BYTES) {
      throw new SubmissionFault(
        'TOO_LARGE',
        `The source files are larger than ${MAX_TOTAL_BYTES} bytes together.`,
      )
    }
    const target = path.join(this.#into, name)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, bytes)
    this.files.push(name)
  }
}

/** Reads a file of which, or of whose folder, another process may just have made something else. */
async function readChecked(root: string, name: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(path.join(root, name), flags).catch((error: unknown) => {
    throw unreadable(name, error)
  })
  try {
    // A folder on the way can have become a link since we looked at it. Linux alone tells where a descriptor leads.
    const opened = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined)
    if (opened !== undefined && opened !== path.join(await realpath(root), name)) {
      throw new SubmissionFault('SYMBOLIC_LINK', `${name} became something else while it was read.`)
    }
    const status = await handle.stat()
    if (!status.isFile()) {
      throw new SubmissionFault('NOT_A_FILE', `${name} must be a regular file.`)
    }
    if (status.nlink > 1) {
      throw new SubmissionFault(
        'HARD_LINK',
        `${name} has a second name (hard link): put a copy there.`,
      )
    }
    if (status.size > MAX_FILE_BYTES) {
      throw new SubmissionFault(
        'FILE_TOO_LARGE',
        `${name} has ${status.size} bytes; a source file may have ${MAX_FILE_BYTES}.`,
      )
    }
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

type Kind = 'nothing' | 'a file' | 'a folder' | 'a symbolic link' | 'a FIFO, a socket or a device'

async function kindOf(file: string): Promise<Kind> {
  const status = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unreadable(printable(file), error)
  })
  if (status === undefined) return 'nothing'
  if (status.isSymbolicLink()) return 'a symbolic link'
  if (status.isDirectory()) return 'a folder'
  return status.isFile() ? 'a file' : 'a FIFO, a socket or a device'
}

/** The course hands these out itself. */
function expectedBeside(name: string): boolean {
  return /(?:^|\/)(?:README|NOTES)\.md$|^level\d+\/public\//.test(name)
}

function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 200)
}
