/** What a file system says that is no fault of ours. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'it can only be read',
  EISDIR: 'it is a folder',
  ENOTDIR: 'what lies above it is no folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  ENAMETOOLONG: 'the name is too long',
}

/** The sentence for an error of the file system; `undefined` for any other. */
export function fileRefused(error: unknown): string | undefined {
  const { code = '', path: file, syscall } = error as NodeJS.ErrnoException
  const why = REFUSALS[code]
  if (why === undefined || syscall === undefined) return undefined
  return `${file ?? 'A file'} cannot be used: ${why} (${code}, ${syscall}). Name another place, or mend that, and give the same command again.`
}
