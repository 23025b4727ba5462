/** Runs the workbook's commands as a user does: in a process of their own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import path from 'node:path'
import { root } from '../../grader/course.ts'

export interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `loadbearing <args>` to its end. */
export async function loadbearing(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ending> {
  const child = begin(args, env)
  if (child.stdout === null || child.stderr === null) throw new Error('the command has no output')
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: child.exitCode, stdout, stderr }
}

/** Starts `loadbearing <args>`. */
export function begin(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn(process.execPath, [path.join(root, 'grader/main.js'), ...args], {
    cwd: root,
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
}
