/** Plays a scenario with a submission's `CpuPool`, whose workers do as they are told. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe, type Json } from '../../harness/probe.ts'

type Module = typeof import('../../levels/level2/cpu-pool.ts')

/** What a worker is told. It waits until the gate is open, then it says `say`, or dies, or both. */
export interface Job {
  readonly say: string
  readonly gate?: Int32Array
  readonly die?: 'throw' | 'exit' | 'afterwards'
}

export interface Pool {
  run(job: Job, signal?: AbortSignal): Promise<string>
  readonly running: number
  readonly waiting: number
  close(): Promise<void>
}

/** What a scenario has at hand. Its text runs in the submission's process, and sees nothing else. */
export interface Tools {
  pool(size: number, maxQueue: number, options?: { readonly failFirst?: boolean }): Pool
  /** A gate that is closed. */
  gate(): Int32Array
  open(gate: Int32Array): void
  /** How a promise ends: what was said, or `rejected: ` and why. */
  end(promise: Promise<string>): Promise<string>
  /** How many workers were started. */
  started(): number
  /** How many of them have ended. */
  ended(): number
  /** What has begun to run, in order. */
  begun(): string[]
  /** Waits until this is so, or some seconds have passed. */
  until(isSo: () => boolean): Promise<void>
}

/**
 * @param scenario - stands alone, and returns what it saw
 * @throws {Expectation} when it saw anything but `wanted`
 */
export async function plays<Seen extends Json>(
  build: Build,
  steps: readonly string[],
  scenario: (tools: Tools) => Promise<Seen>,
  wanted: Seen,
  why: string,
): Promise<void> {
  const seen = await probe(build, 'level2/cpu-pool.ts', play, scenario.toString(), {
    patienceMs: 20_000,
    about: { steps, why },
  })
  const [expected, received] = [JSON.stringify(wanted), JSON.stringify(seen)]
  if (expected !== received) throw new Expectation({ steps, expected, received, why })
}

async function play(module: Module, scenario: string): Promise<Json> {
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  // A place for each job that begins: the name's first character, as a number.
  const log = new Int32Array(new SharedArrayBuffer(4096))
  const script = `
    const { parentPort, workerData: log } = require('node:worker_threads')
    parentPort.on('message', ({ say, gate, die }) => {
      Atomics.store(log, Atomics.add(log, 0, 1) + 1, say.charCodeAt(0))
      if (gate) Atomics.wait(gate, 0, 0)
      if (die === 'throw') throw new Error('died')
      if (die === 'exit') process.exit(0)
      parentPort.postMessage(say)
      if (die === 'afterwards') setTimeout(() => process.exit(4), 5)
    })`
  // Waiting workers hold nothing: something must, until the scenario is over.
  setInterval(() => {}, 1000)
  let started = 0
  let ended = 0
  const tools: Tools = {
    pool(size, maxQueue, { failFirst = false } = {}) {
      let failed = !failFirst
      const start = () => {
        if (!failed) {
          failed = true
          throw new Error('no worker')
        }
        started++
        const worker = new Worker(script, { eval: true, workerData: log })
        worker.once('exit', () => ended++)
        return worker
      }
      return new module.CpuPool<Job, string>({ start, size, maxQueue })
    },
    gate: () => new Int32Array(new SharedArrayBuffer(4)),
    open(gate) {
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
    },
    async end(promise) {
      await promise.catch(() => undefined)
      // The worker may be free again in the turn behind that.
      await new Promise((resolve) => setImmediate(resolve))
      try {
        return await promise
      } catch (error) {
        const { code, status, headers, message } = (error ?? {}) as {
          code?: string
          status?: number
          headers?: Record<string, string>
          message?: string
        }
        if (status === undefined)
          return `rejected: ${code === undefined || message === 'left' ? String(message) : code}`
        const retry = Object.entries(headers ?? {}).find(
          ([name]) => name.toLowerCase() === 'retry-after',
        )?.[1]
        return `rejected: ${status} ${code}${/^[0-9]+$/.test(String(retry)) ? ', Retry-After' : ''}`
      }
    },
    started: () => started,
    ended: () => ended,
    begun: () =>
      Array.from(log.subarray(1, 1 + Atomics.load(log, 0)), (code) => String.fromCharCode(code)),
    async until(isSo) {
      for (let waited = 0; !isSo() && waited < 5000; waited += 5) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
  }
  // A scenario is a function of the test's own, whose text came along as data.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  const run = new Function(`return (${scenario})`)() as (tools: Tools) => Promise<Json>
  return await run(tools)
}
