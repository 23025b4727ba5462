/**
 * How a submission's process is started: one of three modes, and all are used in the same way.
 *
 * A build carries the name of its mode, so that whoever starts something of it, a test in another
 * process too, starts it in the same sandbox.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { bubblewrap } from './bubblewrap.ts'
import { defaultSandbox } from './default.ts'
import { otherUser } from './other-user.ts'
import { descriptors, type Program, type Sandbox } from './program.ts'

export const sandboxes = {
  /** For one's own code: stops accidents. */
  default: defaultSandbox,
  /** For code of strangers: bubblewrap. */
  strong: bubblewrap,
  /** For code of strangers in a container of its own, where bubblewrap cannot work. */
  'other-user': otherUser,
} as const satisfies Readonly<Record<string, Sandbox>>

export type SandboxName = keyof typeof sandboxes

/**
 * Starts a program in a sandbox, in a process group of its own: killing that takes its children along,
 * and a signal to its group is not one to ours.
 *
 * @param channel - opens the descriptor `channel`, for us to read
 */
export function startIn(
  name: SandboxName,
  program: Program,
  { channel = false }: { readonly channel?: boolean } = {},
): ChildProcess {
  const { program: file, arguments: args, input } = sandboxes[name].command(program)
  const more = input === undefined ? 'ignore' : 'pipe'
  const child = spawn(file, args, {
    cwd: program.folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', channel ? 'pipe' : 'ignore', more, more],
    env: { ...program.environment },
  })
  const filter = child.stdio[descriptors.input] as Writable | null | undefined
  // It may end before it has read; how it ended says why.
  filter?.on('error', () => undefined).end(input)
  return child
}
