/** What level 1 measures: a staircase, a rate, and whether memory settles. */
import type { Build } from '../harness/build.ts'
import { launch } from '../harness/launch.ts'
import type { Server } from '../harness/server.ts'
import { exchange, type Exchange } from './exchange.ts'

/** One client's request in the picture, in ms from the first connection. */
export interface Bar {
  readonly from: number
  readonly to: number
}

export interface Level1Figures {
  /** Ten clients ask for `/work` at the same moment. */
  readonly timeline: readonly Bar[]
  /** Requests a second on `/` from one client at a time, round by round. */
  readonly rates: readonly number[]
  /** RssAnon before the rounds and after each, in bytes; empty where the system does not tell. */
  readonly memory: readonly number[]
}

const CLIENTS = 10
const ROUND_MS = 700

/** A server under measurement. Rounds of two servers are taken in turns, so that both meet the same machine. */
export class Level1Bench {
  readonly #server: Server
  readonly #rates: number[] = []
  readonly #memory: number[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  /** Starts a server and warms it up. */
  static async of(build: Build): Promise<Level1Bench> {
    const bench = new Level1Bench(await launch(build))
    try {
      await bench.#ask('/', 'Hello, World!', 20)
      bench.#remember()
      return bench
    } catch (error) {
      await bench.stop()
      throw error
    }
  }

  /** Ten requests for `/work`, all sent at once. */
  async timeline(): Promise<Bar[]> {
    const request = requestFor('/work')
    const all = await Promise.all(
      Array.from({ length: CLIENTS }, () => exchange(this.#server.address, request)),
    )
    for (const each of all) check(each, 'done')
    const start = Math.min(...all.map(({ from }) => from))
    return all
      .map(({ from, to }) => ({ from: from - start, to: to - start }))
      .toSorted((a, b) => a.to - b.to)
  }

  /** One client after the other on `/`, for a fixed time. */
  async round(): Promise<void> {
    const start = performance.now()
    let requests = 0
    while (performance.now() - start < ROUND_MS) {
      await this.#ask('/', 'Hello, World!', 1)
      requests++
    }
    this.#rates.push((requests * 1000) / (performance.now() - start))
    this.#remember()
  }

  get rates(): readonly number[] {
    return this.#rates
  }

  get memory(): readonly number[] {
    return this.#memory
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }

  async #ask(path: string, content: string, times: number): Promise<void> {
    for (let n = 0; n < times; n++)
      check(await exchange(this.#server.address, requestFor(path)), content)
  }

  #remember(): void {
    const memory = this.#server.memory()
    if (memory !== undefined) this.#memory.push(memory.anonymous)
  }
}

/** A fast wrong answer scores nothing. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

function requestFor(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
}

function check({ response: { status, content } }: Exchange, expected: string): void {
  if (status === 200 && content.toString('latin1') === expected) return
  throw new WrongAnswer(
    `an answer under load was status ${status} with the content "${content.toString('latin1', 0, 60)}" instead of 200 with "${expected}"`,
  )
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
