/**
 * The default sandbox, for a learner's own code on their own machine: resource limits, and Node's permission model.
 *
 * It stops accidents and lazy cheating: no writing, no reading outside the copy, no child
 * processes. It does not stop code that attacks the grader; `npm run class` asks for more.
 */
import { spawnSync } from 'node:child_process'
import { prlimitArguments } from './limits.ts'

/** A command line. */
export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
}

/** What a process is allowed beyond reading the build. */
export interface Grants {
  readonly workers?: boolean
  /** Further files and folders to read, absolute. */
  readonly read?: readonly string[]
}

/** How `entry`, a file below `folder`, is started in the default sandbox. */
export function inDefaultSandbox(folder: string, entry: string, grants: Grants = {}): Command {
  const node = [
    '--disable-sigusr1',
    '--enable-source-maps',
    '--permission',
    // That threads may be started is our decision, not news for a learner's stderr.
    '--disable-warning=SecurityWarning',
    `--allow-fs-read=${folder}/`,
    ...(grants.read ?? []).map((name) => `--allow-fs-read=${name}`),
    '--no-experimental-sqlite',
    ...(grants.workers ? ['--allow-worker'] : []),
    // Node 25 and later ask for it; Node 24 does not know it.
    ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
    entry,
  ]
  if (!hasPrlimit()) return { program: process.execPath, arguments: node }
  return {
    program: 'prlimit',
    arguments: [...prlimitArguments(grants.workers), process.execPath, ...node],
  }
}

/** The name that stands in every result. */
export function defaultSandboxName(): string {
  return hasPrlimit() ? 'default (limits, Node permissions)' : 'default (Node permissions)'
}

let prlimitWorks: boolean | undefined

/** Tried, not looked for: a `prlimit` that is there may still be forbidden. */
function hasPrlimit(): boolean {
  prlimitWorks ??=
    process.platform === 'linux' &&
    spawnSync('prlimit', [...prlimitArguments(), 'true'], { stdio: 'ignore' }).status === 0
  return prlimitWorks
}
