/** Opens files below a folder, and never one that is elsewhere. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { sep } from 'node:path'
import { RequestError } from '../level2/errors.ts'

/**
 * For reading; a FIFO without anybody who writes to it is not waited for, and a link that took the
 * file's place a moment ago is not followed.
 */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

/** A file or a folder that was opened, and what it was at that moment. */
export class OpenFile {
  readonly descriptor: number
  readonly stats: BigIntStats
  #isOpen = true

  constructor(descriptor: number) {
    this.descriptor = descriptor
    this.stats = fstatSync(descriptor, { bigint: true })
  }

  /** Reads `length` bytes from `position` at once: for as many as are quicker read than waited for. */
  readNow(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(this.descriptor, bytes, filled, length - filled, position + filled)
      if (count === 0) throw new Error('The file became shorter while it was read.')
      filled += count
    }
    return bytes
  }

  close(): void {
    if (this.#isOpen) closeSync(this.descriptor)
    this.#isOpen = false
  }
}

/** The folder with all links resolved; `undefined` when there is none. */
export function resolveFolder(folder: string): string | undefined {
  try {
    return realpathSync.native(folder)
  } catch {
    return undefined
  }
}

/**
 * Opens what `names` lead to below `root`, which is resolved. Links are followed as long as what they
 * lead to is below `root` too.
 *
 * Opening a file of a local disk takes microseconds, less than to have another thread do it; so it is
 * done at once, as most web servers do.
 *
 * @throws {RequestError} `NOT_FOUND`, or `TOO_BUSY` when there are no descriptors left
 */
export function openBelow(root: string, names: readonly string[]): OpenFile {
  const direct = [root, ...names].join(sep)
  try {
    // Nearly always there are no links, and the direct way is the resolved one.
    let path = direct
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const file = openResolved(root, path)
      if (file !== undefined) return file
      path = realpathSync.native(direct)
      if (!isBelow(root, path)) break
    }
  } catch (error) {
    throw asRequestError(error)
  }
  throw new RequestError('NOT_FOUND')
}

/** A file that is replaced at the very moment is looked for again, but not for ever. */
const MAX_ATTEMPTS = 5

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

/** Opens `path`; `undefined` when there are links in it, or somebody is changing it. */
function openResolved(root: string, path: string): OpenFile | undefined {
  const descriptor = openUnlessLink(path)
  if (descriptor === undefined) return undefined

  const file = new OpenFile(descriptor)
  let isRight = false
  try {
    // What lies in the root itself has no folders before it that could be links.
    isRight = !path.includes(sep, root.length + 1) || isFileAt(path, file)
  } finally {
    if (!isRight) file.close()
  }
  return isRight ? file : undefined
}

function openUnlessLink(path: string): number | undefined {
  try {
    return openSync(path, FLAGS)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
    throw error
  }
}

/**
 * Whether `path` had no links in it when `file` was opened: somebody may have put a link in the place of
 * one of its folders a moment before.
 *
 * Linux tells where an opened file is. Where that cannot be asked, the path must still lead to this file
 * without a link: a guess, which a folder that is swapped twice in between can fool, so it is made twice.
 */
function isFileAt(path: string, file: OpenFile): boolean {
  if (canAskSystem) return readlinkSync(`${DESCRIPTORS}/${file.descriptor}`) === path
  return leadsTo(path, file) && leadsTo(path, file)
}

const DESCRIPTORS = '/proc/self/fd'
const canAskSystem = canRead(DESCRIPTORS)

/** Under Node's permission model the question itself throws. */
function canRead(folder: string): boolean {
  try {
    return existsSync(folder)
  } catch {
    return false
  }
}

function leadsTo(path: string, { stats }: OpenFile): boolean {
  const there = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (there?.ino !== stats.ino || there.dev !== stats.dev) return false
  return realpathSync.native(path) === path
}

const notServed: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
  'ENODEV',
  'EINVAL',
  'ERR_ACCESS_DENIED',
])

const noDescriptors: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE'])

function asRequestError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (notServed.has(code)) return new RequestError('NOT_FOUND', { cause: error })
  if (!noDescriptors.has(code)) return error
  return new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' }, cause: error })
}
