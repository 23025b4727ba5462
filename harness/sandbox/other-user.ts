/**
 * The sandbox for a container that is made for one submission, where root may not make namespaces
 * (an autograder of Gradescope): what the default one does, as a user who owns no file and may read none of ours.
 *
 * It keeps results and hidden tests from a submission, and the grader's processes from its signals. It
 * does not keep the network from it, nor its own processes from one another: `strong` does.
 */
import { chmodSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { defaultSandbox } from './default.ts'
import type { Sandbox } from './program.ts'
import { unprivileged } from './worker.ts'

export const otherUser: Sandbox = {
  ...defaultSandbox,
  describe: () => defaultSandbox.describe().replace('default', 'other user'),
  command(program) {
    for (const name of [program.folder, ...(program.grants.read ?? [])]) letThrough(name)
    const { program: file, arguments: args } = defaultSandbox.command(program)
    // setpriv becomes prlimit, and that becomes Node: one process.
    return unprivileged('setpriv', ['--no-new-privs', file, ...args])
  },
}

/** Why it cannot be used here, in a sentence; `undefined` when it can. */
export function otherUserMissing(): string | undefined {
  if (process.platform !== 'linux') return `The sandbox "other-user" needs Linux.`
  if (process.getuid?.() !== 0)
    return 'The sandbox "other-user" is for root, who can become somebody else: in a container that is made for one submission.'
  return undefined
}

/** Temporary folders are for their owner alone: opens one, and the way to it, but no list of what lies beside it. */
export function letThrough(name: string): void {
  open(name, 0o755)
  const temporary = `${tmpdir()}${path.sep}`
  for (let at = path.dirname(name); at.startsWith(temporary); at = path.dirname(at)) open(at, 0o711)
}

function open(name: string, mode: number): void {
  const has = statSync(name).mode & 0o777
  if ((has | mode) !== has) chmodSync(name, has | mode)
}
