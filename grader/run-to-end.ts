/** Runs another program in our place: its output is ours, our signals are its, and its exit code comes back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { releaseGroup, watchGroup } from '../harness/reaper.ts'

/** Nothing of it is left when this process ends. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
    env,
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} could not be started`)
  watchGroup(pid)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => child.kill(signal))
  const [code] = (await once(child, 'exit')) as [number | null]
  releaseGroup(pid)
  return code ?? 1
}
