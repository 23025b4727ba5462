/** Runs another program in our place: its output is ours, our signals are its, and its exit code comes back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { releaseGroup, watchGroup } from '../harness/reaper.ts'

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
  /** Makes of each line of stderr what is shown of it, if anything. */
  readonly tell?: (line: string) => string | undefined
}

/** Nothing of it is left when this process ends. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  { env = process.env, tell }: RunOptions = {},
): Promise<number> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', tell === undefined ? 'inherit' : 'pipe'],
    detached: true,
    env,
  })
  if (child.stderr !== null && tell !== undefined) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const told = tell(line)
      if (told !== undefined) process.stderr.write(`${told}\n`)
    })
  }
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} could not be started`)
  watchGroup(pid)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => child.kill(signal))
  const [code] = (await once(child, 'close')) as [number | null]
  releaseGroup(pid)
  return code ?? 1
}
