/** The load, as the bench sees it: a process of its own that does jobs. */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { releaseGroup, watchGroup } from '../../harness/reaper.ts'
import type { Job, LoadName, LoadReport } from './job.ts'

/** The load could not be made: ours, never the submission's. */
export class LoadProblem extends Error {
  override readonly name = 'LoadProblem'
}

const Answer = z.union([
  z.object({ problem: z.string() }),
  z.object({ reports: z.array(z.custom<LoadReport>((value) => typeof value === 'object')) }),
])

export class LoadGenerator {
  readonly #child: ChildProcess
  readonly #signal: AbortSignal | undefined

  /** @param signal - gives up the job that runs */
  constructor(signal?: AbortSignal) {
    this.#signal = signal
    this.#child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    watchGroup(this.pid)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /**
   * Does jobs, side by side.
   *
   * @throws {LoadProblem} when the load process cannot, or has ended
   */
  async run<Jobs extends readonly Job[]>(
    ...jobs: Jobs
  ): Promise<{ readonly [K in keyof Jobs]: LoadReport }> {
    if (!this.#child.connected) throw new LoadProblem('the load process has ended')
    const gone = new AbortController()
    const signal = AbortSignal.any([gone.signal, ...(this.#signal ? [this.#signal] : [])])
    const ended = () => gone.abort()
    this.#child.once('exit', ended)
    try {
      const answered = once(this.#child, 'message', { signal })
      this.#child.send(jobs)
      const [message] = (await answered) as unknown[]
      const answer = Answer.parse(message)
      if ('problem' in answer) throw new LoadProblem(answer.problem)
      return answer.reports as unknown as { readonly [K in keyof Jobs]: LoadReport }
    } catch (error) {
      if (gone.signal.aborted)
        throw new LoadProblem('the load process ended in the middle of a job')
      throw error
    } finally {
      this.#child.off('exit', ended)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    releaseGroup(this.pid)
  }
}

/**
 * What stands in the record: `autocannon 9.0.0`, `wrk`.
 *
 * @throws {LoadProblem} when it is not installed
 */
export function generatorName(name: LoadName): string {
  if (name === 'wrk') {
    if (spawnSync('wrk', ['--version'], { stdio: 'ignore' }).error === undefined) return 'wrk'
    throw new LoadProblem(
      'wrk is not installed: install it (apt-get install wrk), or leave --load out to take autocannon',
    )
  }
  try {
    const file = createRequire(import.meta.url).resolve('autocannon/package.json')
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
    return `autocannon ${version}`
  } catch {
    throw new LoadProblem('autocannon is not installed: run "npm ci" in the folder of the workbook')
  }
}
