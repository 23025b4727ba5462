/**
 * The default sandbox, for a learner's own code on their own machine: resource limits, and Node's permission model.
 *
 * It stops accidents and lazy cheating: no writing, no reading outside the copy, no child
 * processes. It does not stop code that attacks the grader; `npm run class` asks for more.
 */
import { spawnSync } from 'node:child_process'
import { prlimitArguments } from './limits.ts'
import type { Program, Sandbox } from './program.ts'

export const defaultSandbox: Sandbox = {
  describe: () =>
    hasPrlimit() ? 'default (limits, Node permissions)' : 'default (Node permissions)',
  command(program) {
    const node = nodeArguments(program)
    if (!hasPrlimit()) return { program: process.execPath, arguments: node }
    return {
      program: 'prlimit',
      arguments: [...prlimitArguments(program.grants.workers), process.execPath, ...node],
    }
  },
  // prlimit becomes the program that it starts.
  ownPid: (started) => started,
  ownExit: (exit) => exit,
}

/** Arguments for Node that leave the program only what it needs. */
export function nodeArguments({ folder, entry, grants }: Program): readonly string[] {
  return [
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
}

let prlimitWorks: boolean | undefined

/** Tried, not looked for: a `prlimit` that is there may still be forbidden. */
function hasPrlimit(): boolean {
  prlimitWorks ??=
    process.platform === 'linux' &&
    spawnSync('prlimit', [...prlimitArguments(), 'true'], { stdio: 'ignore' }).status === 0
  return prlimitWorks
}
