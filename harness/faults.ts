/**
 * Everything that can stop a submission from being tried at all, as data.
 *
 * Each has a heading of its own in TROUBLESHOOTING.md; `checks/course` keeps the two lists equal.
 */
export const faults = {
  // Intake: what may be taken from a folder of a stranger.
  NO_LEVEL: 'the folder of the level is missing',
  NO_MAIN: 'main.ts, which starts the server, is missing',
  NOT_A_FILE: 'something that is not a regular file stands where a source file should',
  SYMBOLIC_LINK: 'a symbolic link stands among the source files',
  HARD_LINK: 'a source file has a second name (hard link)',
  UNREADABLE: 'a source file cannot be read',
  BAD_NAME: 'a file name has a character outside A-Z a-z 0-9 . _ -',
  SAME_NAME: 'two file names differ only in letter case',
  TOO_DEEP: 'folders are nested too deeply',
  TOO_MANY_FILES: 'there are too many files',
  FILE_TOO_LARGE: 'a source file is too large',
  TOO_LARGE: 'the source files together are too large',
  // Submissions of a class
  NOTHING_HANDED_IN: 'nothing lies where the submission should',
  UNKNOWN_ARCHIVE: 'the submission is neither a folder nor an archive of a known kind',
  BAD_ARCHIVE: 'the archive is damaged, or is no such archive',
  ENCRYPTED_ARCHIVE: 'the archive needs a password',
  NAME_OUTSIDE: 'a name in the archive leads out of the folder that it is unpacked into',
  // Build
  SYNTAX_ERROR: 'the source does not parse',
  FORBIDDEN_IMPORT: 'the level does without this module',
  IMPORT_OUTSIDE: 'an import leaves the folder of the levels',
  IMPORT_MISSING: 'an imported file does not exist',
  // Launch
  EXITED: 'the server ended before it accepted a connection',
  KILLED: 'the server was ended by a signal before it accepted a connection',
  ADDRESS_IN_USE: 'the port is taken by another program',
  OTHER_PORT: 'the server listens on another port than it says',
  ONLY_IPV6: 'the server listens on IPv6 only',
  NO_LINE: 'the server listens, but never printed its line',
  TOO_SLOW: 'the server neither listened nor ended in time',
  NEVER_ANSWERS: 'the server accepts a connection, but no answer comes, or none that ends',
  // Limits
  OUTPUT_LIMIT: 'the server printed more than we read',
  MEMORY_LIMIT: 'the server used, or asked for, more memory than it may',
  PROCESS_LIMIT: 'the server started processes or threads that it may not start',
  DISK_LIMIT: 'the server wrote to the disk, or more than there is room for',
} as const

export type FaultCode = keyof typeof faults

/** A submission that cannot be tried, told to its author: what was wrong, where, what to do. */
export class SubmissionFault extends Error {
  override readonly name = 'SubmissionFault'
  readonly code: FaultCode
  /** Further lines worth seeing: a code frame, the last lines of stderr. */
  readonly detail: string

  constructor(code: FaultCode, message: string, detail = '') {
    super(message)
    this.code = code
    this.detail = detail
  }
}

/** Of these the machine is short, or they are its own trouble: no submission can bring them about. */
const OF_THE_MACHINE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO', 'ENOSPC'])

/**
 * What to say of a file or a folder of a submission that cannot be read.
 *
 * @throws what was thrown, when that is the machine's fault: it is ours, and costs nobody anything
 */
export function unreadable(name: string, error: unknown): SubmissionFault {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (OF_THE_MACHINE.has(code)) throw error
  return new SubmissionFault('UNREADABLE', `${name} cannot be read (${code || message}).`)
}
