/** The reference pool of level 2: bounded, and never the reason why a process stays. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFibonacciPool } from '../../solutions/level2/app.ts'
import { CpuPool } from '../../solutions/level2/cpu-pool.ts'

/** Answers a job when the test says so: a job is a buffer whose first element wakes it. */
const GATED = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', ({ gate, die, answer }) => {
    const cell = new Int32Array(gate)
    Atomics.store(cell, 1, 1)
    Atomics.notify(cell, 1)
    Atomics.wait(cell, 0, 0)
    if (die === 'throw') throw new Error('died')
    if (die === 'exit') process.exit(3)
    parentPort.postMessage(answer)
  })`

class Gate {
  readonly gate = new SharedArrayBuffer(8)
  readonly die: 'throw' | 'exit' | undefined
  readonly answer: number

  constructor(answer: number, die?: 'throw' | 'exit') {
    this.answer = answer
    this.die = die
  }

  get job() {
    return { gate: this.gate, die: this.die, answer: this.answer }
  }

  open(): void {
    Atomics.store(new Int32Array(this.gate), 0, 1)
    Atomics.notify(new Int32Array(this.gate), 0)
  }

  get hasBegun(): boolean {
    return Atomics.load(new Int32Array(this.gate), 1) === 1
  }

  async begun(): Promise<void> {
    const { async, value } = Atomics.waitAsync(new Int32Array(this.gate), 1, 0)
    if (async) await value
  }
}

const pools: CpuPool<Gate['job'], number>[] = []
let startedWorkers = 0

function gatedPool(size: number, maxQueue: number): CpuPool<Gate['job'], number> {
  startedWorkers = 0
  const start = () => {
    startedWorkers += 1
    return new Worker(GATED, { eval: true })
  }
  const pool = new CpuPool<Gate['job'], number>({ start, size, maxQueue })
  pools.push(pool)
  return pool
}

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'loadbearing-'))
})

afterAll(() => rm(folder, { recursive: true }))

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

describe('CpuPool', () => {
  it('computes on other threads', async () => {
    const pool = createFibonacciPool(2, 64)
    const values = await Promise.all([0, 1, 2, 10, 20].map((n) => pool.run(n)))
    await pool.close()
    expect(values).toEqual([0, 1, 1, 55, 6765])
  })

  it('starts no worker before there is work, and no more than its size', async () => {
    const pool = gatedPool(2, 9)
    expect(startedWorkers).toBe(0)
    const gates = [1, 2, 3, 4].map((answer) => new Gate(answer))
    const answers = gates.map(({ job }) => pool.run(job))
    expect([startedWorkers, pool.running, pool.waiting]).toEqual([2, 2, 2])
    for (const gate of gates) gate.open()
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4])
    expect([startedWorkers, pool.running, pool.waiting]).toEqual([2, 0, 0])
  })

  it('refuses what neither a worker nor the queue has room for, and has room again afterwards', async () => {
    const pool = gatedPool(1, 1)
    const gates = [new Gate(1), new Gate(2), new Gate(3)]
    const [first, second] = gates.slice(0, 2).map(({ job }) => pool.run(job))
    await expect(pool.run(gates[2]!.job)).rejects.toMatchObject({
      code: 'TOO_BUSY',
      status: 503,
      headers: { 'Retry-After': '1' },
    })
    gates[0]!.open()
    expect(await first).toBe(1)
    const third = pool.run(gates[2]!.job)
    gates[1]!.open()
    gates[2]!.open()
    expect(await Promise.all([second, third])).toEqual([2, 3])
  })

  it('lets nothing wait when the queue has no places', async () => {
    const pool = gatedPool(1, 0)
    const gate = new Gate(1)
    const first = pool.run(gate.job)
    await expect(pool.run(new Gate(2).job)).rejects.toMatchObject({ code: 'TOO_BUSY' })
    gate.open()
    expect(await first).toBe(1)
  })

  it('drops a job whose client left before it began, and only such a job', async () => {
    const pool = gatedPool(1, 2)
    const [running, dropped, kept] = [new Gate(1), new Gate(2), new Gate(3)]
    const leaving = new AbortController()
    const first = pool.run(running.job, leaving.signal)
    const second = pool.run(dropped.job, leaving.signal)
    const third = pool.run(kept.job)
    await running.begun()
    leaving.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    expect(pool.waiting).toBe(1)
    running.open()
    kept.open()
    expect([await first, await third]).toEqual([1, 3])
    expect(dropped.hasBegun).toBe(false)
    await expect(pool.run(dropped.job, leaving.signal)).rejects.toThrow('gone')
  })

  it.each(['throw', 'exit'] as const)('replaces a worker that dies (%s)', async (how) => {
    const pool = gatedPool(1, 2)
    const deadly = new Gate(0, how)
    const next = new Gate(2)
    const first = pool.run(deadly.job)
    const second = pool.run(next.job)
    next.open()
    deadly.open()
    await expect(first).rejects.toThrow(how === 'throw' ? 'died' : 'code 3')
    expect(await second).toBe(2)
    expect(startedWorkers).toBe(2)
  })

  it('rejects, and goes on, when a worker cannot be started', async () => {
    let tries = 0
    const start = () => {
      tries += 1
      if (tries === 1) throw new Error('no threads left')
      return new Worker(GATED, { eval: true })
    }
    const pool = new CpuPool<Gate['job'], number>({ start, size: 1, maxQueue: 1 })
    pools.push(pool)
    await expect(pool.run(new Gate(1).job)).rejects.toThrow('no threads left')
    const gate = new Gate(2)
    gate.open()
    expect(await pool.run(gate.job)).toBe(2)
  })

  it('rejects what had not finished when it is closed', async () => {
    const pool = gatedPool(1, 1)
    const jobs = [pool.run(new Gate(1).job), pool.run(new Gate(2).job)]
    const outcomes = Promise.allSettled(jobs)
    await pool.close()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(pool.run(new Gate(3).job)).rejects.toThrow('closed')
  })

  it('never holds the exit of the process', async () => {
    const app = fileURLToPath(new URL('../../solutions/level2/app.ts', import.meta.url))
    // The second worker is still computing when the script ends, the first one is idle.
    const script = `
      const { createFibonacciPool } = await import(${JSON.stringify(app)})
      const pool = createFibonacciPool(2, 1)
      const done = setInterval(() => {}, 1_000)
      void pool.run(60).catch(() => {})
      process.stdout.write(String(await pool.run(20)))
      clearInterval(done)`
    const file = path.join(folder, 'exit.mjs')
    await writeFile(file, script)
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')])
    expect([child.exitCode, output]).toEqual([0, '6765'])
  })
})
