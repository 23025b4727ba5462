/** The submissions of a class: where they are, and how each becomes a folder that holds level1, level2, … */
import type { Stats } from 'node:fs'
import { lstat, mkdir, readdir, realpath, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SubmissionFault, unreadable } from '../../harness/faults.ts'
import { UsageError } from '../course.ts'
import { plain } from '../report/plain.ts'
import { printable } from '../terminal/style.ts'
import { ArchiveContents } from './archive.ts'
import { isNothing } from './handed-in.ts'
import { isLevelName, placeOfLevels } from './place.ts'
import { readRoster } from './roster.ts'
import { readTar } from './tar.ts'
import { encrypted, readZip } from './zip.ts'

/** One submission of a class. */
export interface Entry {
  /** Unique in its class; any text, so never a file name as it is. */
  readonly id: string
  /** For people. */
  readonly name: string
  /** A folder or an archive; absolute. A roster may name one that is not there. */
  readonly path: string
}

const ARCHIVE = /\.(zip|tar\.gz|tgz)$/i

/**
 * Lists the submissions of a class.
 *
 * @param from - a folder with one folder or archive a submission, or a roster (`.csv`)
 * @throws {UsageError} saying what is wrong, and in a roster in which line
 */
export async function listSubmissions(from: string): Promise<Entry[]> {
  const status = await statusOf(from)
  if (!status.isDirectory()) {
    if (/\.csv$/i.test(from)) return await readRoster(path.resolve(from))
    throw new UsageError(
      `${from} is one file. Name the folder that holds all submissions, or a roster: a .csv file with the columns id, name, path.`,
    )
  }
  const names = (await readdir(from)).filter((name) => !name.startsWith('.')).toSorted()
  if (names.some(isLevelName)) {
    throw new UsageError(
      `${from} holds level folders itself, so it is one submission: name the folder that holds all of them.`,
    )
  }
  if (names.length === 0) throw new UsageError(`There is no submission in ${from}.`)
  const folder = await realpath(from)
  const entries = names.map((name) => entryAt(path.join(folder, name)))
  // As an export writes them: characters that nobody sees tell nobody apart.
  const ids = entries.map(({ id }) => plain(id))
  const twin = entries.find((_, index) => ids.indexOf(ids[index] ?? '') < index)
  if (twin !== undefined) {
    const both = entries
      .filter(({ id }) => plain(id) === plain(twin.id))
      .map((each) => path.basename(each.path))
    throw new UsageError(
      `${both.map(printable).join(' and ')} in ${from} would both be called ${printable(twin.id)}: remove or rename one.`,
    )
  }
  return entries
}

/** @throws {UsageError} when there is none */
export async function statusOf(file: string): Promise<Stats> {
  const status = await stat(file).catch(() => undefined)
  if (status === undefined) throw new UsageError(`There is no file or folder ${file}.`)
  return status
}

/** One submission by itself: called after its file. */
export function entryAt(file: string): Entry {
  const id = path.basename(file).replace(ARCHIVE, '')
  return { id, name: id, path: path.resolve(file) }
}

/**
 * Makes a submission a folder that holds level1, level2, …; `takeIn` then takes from it what is allowed.
 *
 * The levels may lie at the top, in `levels/`, or in a single folder around either.
 *
 * @param into - a fresh folder, for what an archive holds; a folder is not copied
 * @param note - called with the name of each thing beside the levels, which is left alone
 * @throws {SubmissionFault} for everything that a submission should not be or hold
 */
export async function unpack(
  { path: from }: Entry,
  into: string,
  note: (ignored: string) => void = () => undefined,
): Promise<string> {
  const status = await lstat(from).catch((error: NodeJS.ErrnoException) => error)
  const name = printable(path.basename(from))
  if (status instanceof Error) {
    if (!isNothing(status)) throw unreadable(name, status)
    throw new SubmissionFault(
      'NOTHING_HANDED_IN',
      `Nothing was handed in: there is no ${name} where it should lie.`,
    )
  }
  if (status.isSymbolicLink()) {
    throw new SubmissionFault(
      'SYMBOLIC_LINK',
      `${name} is a symbolic link: put the folder or the archive itself there.`,
    )
  }
  if (status.isDirectory()) return await levelsIn(from, name, note)
  if (!status.isFile() || !ARCHIVE.test(from)) {
    throw new SubmissionFault(
      'UNKNOWN_ARCHIVE',
      `${name} is neither a folder nor an archive of a known kind (.zip, .tar.gz, .tgz): pack the folder levels/ as one of these.`,
    )
  }
  const contents = await read(from, name)
  await write(contents, name, into, note)
  return into
}

async function read(archive: string, name: string): Promise<ArchiveContents> {
  const contents = new ArchiveContents(name)
  try {
    await (/\.zip$/i.test(archive) ? readZip : readTar)(archive, contents)
  } catch (error) {
    if (error instanceof SubmissionFault) throw error
    // The system says which call failed; what reads archives does not.
    if ((error as NodeJS.ErrnoException).syscall !== undefined) throw unreadable(name, error)
    const { message } = error as Error
    if (/strong encryption/.test(message)) throw encrypted(name)
    throw new SubmissionFault(
      'BAD_ARCHIVE',
      `${name} is damaged, or is no such archive (${printable(message)}): hand it in again.`,
    )
  }
  return contents
}

async function write(
  { files, ignored }: ArchiveContents,
  name: string,
  into: string,
  note: (ignored: string) => void,
): Promise<void> {
  const names = [...files.keys()]
  const place = placeOfLevels(
    (inside) => {
      const below = inside === '' ? names : names.filter((each) => each.startsWith(`${inside}/`))
      const skip = inside === '' ? 0 : inside.length + 1
      return [...new Set(below.map((each) => each.slice(skip).split('/')[0] ?? ''))]
    },
    name,
    [...names, ...ignored],
  )
  const prefix = place === '' ? '' : `${place}/`
  for (const [each, { bytes }] of files) {
    const inside = each.startsWith(prefix) ? each.slice(prefix.length) : ''
    if (!isLevelName(inside.split('/')[0] ?? '')) {
      ignored.add(each)
      continue
    }
    const file = path.join(into, inside)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, bytes)
  }
  const notes = [...ignored].map((each) => noteOn(each, place))
  for (const each of new Set(notes)) if (each !== undefined) note(printable(each))
}

/** In a level by its whole name, elsewhere by its place only; nothing about what the course hands out itself. */
function noteOn(name: string, place: string): string | undefined {
  const around = place === '' ? [] : place.split('/')
  const parts = name.split('/')
  const beside = parts.findIndex((part, index) => part !== around[index])
  const top = parts[beside]
  if (top === undefined || beside < around.length || !isLevelName(top)) return top
  const inside = parts.slice(beside).join('/')
  return /\/(README\.md|NOTES\.md|public\/.*)$/.test(inside) ? undefined : inside
}

async function levelsIn(
  folder: string,
  name: string,
  note: (ignored: string) => void,
): Promise<string> {
  const known = new Map<string, string[]>()
  const look = async (inside: string) => {
    const found = await readdir(path.join(folder, inside), { withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
        throw unreadable(printable(name), error)
      },
    )
    known.set(
      inside,
      // A level that is no folder is a place, too: taking it in says what it is instead.
      found.filter((each) => each.isDirectory() || isLevelName(each.name)).map((each) => each.name),
    )
    return found.map((each) => each.name)
  }
  const top = await look('')
  for (const each of known.get('') ?? []) {
    await look(each)
    if (each !== 'levels' && known.get(each)?.includes('levels')) await look(`${each}/levels`)
  }
  const place = placeOfLevels((inside) => known.get(inside) ?? [], name, top)
  const around = place === '' ? [] : place.split('/')
  for (let depth = 0; depth <= around.length; depth++) {
    const here = await look(around.slice(0, depth).join('/'))
    const beside = here.filter((each) =>
      depth === around.length ? !isLevelName(each) : each !== around[depth],
    )
    for (const each of beside) note(printable(each))
  }
  return path.join(folder, place)
}
