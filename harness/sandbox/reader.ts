/**
 * How a program of ours is started that opens whatever a submission's text names: the type checker.
 *
 * `import type` may name any file of the disk, and what the checker says of it is shown to the learner.
 */
import { walls } from './bubblewrap.ts'
import { prlimitArguments } from './limits.ts'
import { letThrough } from './other-user.ts'
import type { Command } from './program.ts'
import type { SandboxName } from './sandbox.ts'
import { unprivileged } from './worker.ts'

/**
 * The command line that runs a script of ours with Node.
 *
 * @param folder - what it may read of the submission
 * @param read - what it may read of ours; in the default sandbox, which is for one's own code, it reads everything
 */
export function readerIn(
  sandbox: SandboxName,
  folder: string,
  read: readonly string[],
  script: readonly string[],
): Command {
  switch (sandbox) {
    case 'default':
      return { program: process.execPath, arguments: script }
    case 'other-user':
      letThrough(folder)
      return unprivileged('setpriv', ['--no-new-privs', process.execPath, ...script])
    case 'strong': {
      const inside = walls({ folder, entry: '', environment: {}, grants: { read } })
      return {
        program: 'bwrap',
        arguments: [...inside, '/node/prlimit', ...prlimitArguments(), '/node/node', ...script],
      }
    }
  }
}
