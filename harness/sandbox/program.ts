/** What is started in a sandbox, and what a sandbox makes of it. */

/** What a process is allowed beyond reading the build. */
export interface Grants {
  readonly workers?: boolean
  /** Further files and folders to read, absolute. */
  readonly read?: readonly string[]
}

/** A file of a build that is to run. */
export interface Program {
  /** The build: the one folder that it can read. */
  readonly folder: string
  /** A file below `folder`. */
  readonly entry: string
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly grants: Grants
}

/** File descriptors beyond the three of every process. */
export const descriptors = {
  /** A probe answers there. */
  channel: 3,
  /** The command reads its `input` there. */
  input: 4,
  /** The command says there what became of the program. */
  status: 5,
} as const

/** A command line. */
export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  /** For a command that uses the descriptors `input` and `status`. */
  readonly input?: Buffer
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Sandbox {
  /** Stands in every result. */
  describe(): string
  command(program: Program): Command
  /** The submission's own process, found from the one that we started. */
  ownPid(started: number): number
  /**
   * How the submission's own process ended, told from the end of the one that we started.
   *
   * @param status - what the command wrote to the descriptor `status`
   * @returns `undefined` when the sandbox could not be set up, so that the program never ran
   */
  ownExit(exit: Exit, status: string): Exit | undefined
}
