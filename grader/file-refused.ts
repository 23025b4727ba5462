import path from 'node:path'
import { root, UsageError } from './course.ts'

/** What a file system says that is no fault of ours. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'it can only be read',
  EISDIR: 'it is a folder',
  ENOTDIR: 'what lies above it is no folder',
  ENOENT: 'it is not there, or cannot be made there',
  ELOOP: 'its symbolic links lead in a circle',
  EINVAL: 'the file system there does not do that',
  ETXTBSY: 'it is a program that is running',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  EIO: 'the disk could not do that',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'the name is too long',
}

/** Our own mistakes end in these as well: they are told so only of places that we did not choose. */
const ALSO_OURS: ReadonlySet<string> = new Set(['ENOENT', 'EINVAL'])

/** The sentence for an error of the file system; `undefined` for any other. */
export function fileRefused(error: unknown): string | undefined {
  const { code = '', path: file, syscall } = error as NodeJS.ErrnoException
  const why = whyRefused(code)
  if (why === undefined || syscall === undefined) return undefined
  if (ALSO_OURS.has(code) && !isElsewhere(file, syscall)) return undefined
  return `${file ?? 'A file'} cannot be used: ${why} (${code}, ${syscall}). Name another place, or mend that, and give the same command again.`
}

/** In words, for the code of an error of the file system. */
export function whyRefused(code: string): string | undefined {
  return REFUSALS[code]
}

/**
 * The sentence for a file that was named to be read, and cannot be.
 *
 * @param remedy - a sentence that says which file is meant
 */
export function cannotRead(file: string, error: unknown, remedy: string): UsageError {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return new UsageError(`There is no file ${file}. ${remedy}`)
  const why = whyRefused(code)
  const said = why === undefined ? code || message : `${code}: ${why}`
  return new UsageError(`${file} cannot be read (${said}). ${remedy}`)
}

/** No file of this checkout, and no program that is not installed. */
function isElsewhere(file: string | undefined, syscall: string): boolean {
  if (file === undefined || syscall.startsWith('spawn')) return false
  const fromRoot = path.relative(root, path.resolve(file))
  return fromRoot.startsWith('..') || path.isAbsolute(fromRoot)
}
