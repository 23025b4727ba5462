/**
 * A level 3 beside the servers that people use today, on the same routes, in pairs: what `npm run compare -- level3 --peers` adds.
 *
 * A round of one server follows a round of the other, on the same load by wrk; the figure is the
 * median of the ratios, pair by pair. Server and load have cores of their own where there are two.
 */
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { median } from 'simple-statistics'
import type { Build } from '../harness/build.ts'
import { launch } from '../harness/launch.ts'
import { removeFolder, temporaryFolder } from '../harness/reaper.ts'
import { nginxPeer, nodePeer, type Peer, type Running } from './peer-servers.ts'
import { place, placement } from './placement.ts'
import { hasWrk, runWrk, type WrkRound } from './wrk.ts'

const ROUNDS = 5
const ROUND_SECONDS = 2
const WARM_UP_SECONDS = 2

/** What one server reached against another on one load. */
export interface PeerRow {
  /** `GET /, 100 connections` */
  readonly title: string
  readonly against: string
  readonly unit: 'req/s' | 'ms'
  /** Medians over the rounds. */
  readonly submission: number
  readonly peer: number
  /** Submission ÷ peer, pair by pair. */
  readonly ratio: { readonly median: number; readonly low: number; readonly high: number }
  /** RssAnon of the submission after the rounds, in bytes; `null` where the system does not tell. */
  readonly anonymousBytes: number | null
}

export interface Peers {
  readonly rows: readonly PeerRow[]
  /** What could not be measured, and why: a sentence each. */
  readonly missing: readonly string[]
}

export interface PeerOptions {
  /** Only what has this in its title. */
  readonly only?: string
  readonly onRow?: (row: PeerRow) => void
  readonly signal?: AbortSignal
}

interface Comparison {
  readonly title: string
  readonly target: string
  readonly connections: number
  readonly pipelined: number
  readonly unit: PeerRow['unit']
  readonly against: readonly Peer[]
}

/** Every feature is on: requests are counted, by address and by connection, and never refused. */
export const everyFeatureOn = {
  RATE_LIMIT: '1000000000',
  MAX_REQUESTS_PER_CONNECTION: '1000000000',
  MAX_CONNECTIONS: '2000',
}

/** Measures the build of a level 3. Whatever is missing on this machine is told, and the rest goes on. */
export async function measurePeers(build: Build, options: PeerOptions = {}): Promise<Peers> {
  if (!hasWrk()) {
    const why = 'wrk is not installed, and a slower load generator would measure itself'
    return { rows: [], missing: [`No peer was measured: ${why}. apt-get install wrk.`] }
  }
  const folder = await temporaryFolder()
  try {
    return await new PeerRun(build, folder, options).all()
  } finally {
    await removeFolder(folder)
  }
}

class PeerRun {
  readonly #build: Build
  readonly #folder: string
  readonly #options: PeerOptions
  readonly #placed = placement()
  readonly #rows: PeerRow[] = []
  readonly #missing = new Set<string>()

  constructor(build: Build, folder: string, options: PeerOptions) {
    this.#build = build
    this.#folder = folder
    this.#options = options
  }

  async all(): Promise<Peers> {
    const { only = '', signal, onRow } = this.#options
    const files = await staticFiles(this.#folder)
    const ours = { name: 'the submission', start: () => this.#submission(files) }
    const comparisons = this.#comparisons(files).filter(({ title }) => title.includes(only))
    if (comparisons.length === 0) this.#missing.add(`No comparison has "${only}" in its title.`)
    for (const comparison of comparisons) {
      for (const peer of comparison.against) {
        if (signal?.aborted) break
        try {
          if (peer.missing !== undefined) throw new Error(peer.missing)
          const row = await this.#pair(comparison, ours, peer)
          this.#rows.push(row)
          onRow?.(row)
        } catch (error) {
          if (signal?.aborted) break
          const why = error instanceof Error ? error.message : String(error)
          this.#missing.add(
            why === peer.missing ? why : `${comparison.title}, ${peer.name}: ${why}`,
          )
        }
      }
    }
    if (signal?.aborted) this.#missing.add('The run was stopped before all peers were measured.')
    return { rows: this.#rows, missing: [...this.#missing] }
  }

  #comparisons(files: string): readonly Comparison[] {
    const cores = this.#placed?.server
    const nodeHttp = nodePeer('node:http', 'node-http.mjs', undefined, files, cores)
    const fastify = nodePeer('fastify', 'fastify.mjs', 'fastify', files, cores)
    const nginx = nginxPeer(this.#folder, cores)
    const statics = [
      nodePeer('sirv', 'sirv.mjs', 'sirv', files, cores),
      nodePeer('@fastify/static', 'fastify-static.mjs', '@fastify/static', files, cores),
    ]
    const hundred = { target: '/', connections: 100, pipelined: 1, unit: 'req/s' } as const
    const small = '/static/small.txt'
    const large = { target: '/static/large.bin', connections: 20 }
    return [
      { ...hundred, title: 'GET /, 100 connections', against: [nodeHttp, fastify, nginx] },
      { ...hundred, title: 'p99 of the same', unit: 'ms', against: [nodeHttp] },
      { ...hundred, title: 'GET /, 16 pipelined', pipelined: 16, against: [nginx, nodeHttp] },
      { ...hundred, title: 'static 1 KB, 100 connections', target: small, against: statics },
      { ...hundred, title: 'static 10 MB, 20 connections', ...large, against: statics },
    ]
  }

  async #submission(files: string): Promise<Running> {
    const settings = { ...everyFeatureOn, STATIC_ROOT: files }
    const server = await launch(this.#build, settings, { read: [files] })
    if (this.#placed !== undefined) place(server.pid, this.#placed.server)
    return {
      port: server.address.port,
      pid: server.pid,
      memory: () => server.memory()?.anonymous,
      stop: async () => void (await server.stop()),
    }
  }

  async #pair(comparison: Comparison, ours: Peer, peer: Peer): Promise<PeerRow> {
    const running: Running[] = []
    const started = async (one: Peer) => {
      const server = await one.start()
      running.push(server)
      return server
    }
    try {
      const [a, b] = [await started(ours), await started(peer)]
      await sameAnswer(a.port, b.port, comparison.target)
      for (const each of [a, b]) await this.#round(each, comparison, WARM_UP_SECONDS)
      const pairs: [WrkRound, WrkRound][] = []
      for (let round = 0; round < ROUNDS; round++) {
        // A B, then B A: neither always meets the warmer machine.
        const order = round % 2 === 0 ? ([a, b] as const) : ([b, a] as const)
        const first = await this.#round(order[0], comparison, ROUND_SECONDS)
        const second = await this.#round(order[1], comparison, ROUND_SECONDS)
        pairs.push(round % 2 === 0 ? [first, second] : [second, first])
      }
      return rowOf(comparison, peer, pairs, a.memory() ?? null)
    } finally {
      for (const each of running) await each.stop()
    }
  }

  #round({ port }: Running, comparison: Comparison, seconds: number): Promise<WrkRound> {
    const { target, connections, pipelined } = comparison
    const load = { port, target, connections, pipelined, seconds }
    return runWrk(load, this.#placed?.load, this.#folder, this.#options.signal)
  }
}

function rowOf(
  { title, unit }: Comparison,
  { name }: Peer,
  pairs: readonly (readonly [WrkRound, WrkRound])[],
  anonymousBytes: number | null,
): PeerRow {
  const figure = unit === 'ms' ? 'p99Ms' : 'requestsPerSecond'
  const ratios = pairs.map(([mine, theirs]) => mine[figure] / theirs[figure])
  return {
    title,
    against: name,
    unit,
    submission: median(pairs.map(([mine]) => mine[figure])),
    peer: median(pairs.map(([, theirs]) => theirs[figure])),
    ratio: { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) },
    anonymousBytes,
  }
}

/** What both serve under `/static/`. */
async function staticFiles(folder: string): Promise<string> {
  const files = path.join(folder, 'static')
  await mkdir(files)
  await writeFile(path.join(files, 'small.txt'), 'x'.repeat(1024))
  await writeFile(path.join(files, 'large.bin'), '')
  await truncate(path.join(files, 'large.bin'), 10 * 1024 * 1024)
  return files
}

/** Two servers that are compared give the same answer. */
async function sameAnswer(ours: number, theirs: number, target: string): Promise<void> {
  const mine = await answer(ours, target)
  const other = await answer(theirs, target)
  if (mine.text.startsWith('200') && mine.text === other.text && mine.content.equals(other.content))
    return
  throw new Error(`the submission answers ${target} with ${mine.text}, the peer with ${other.text}`)
}

async function answer(port: number, target: string): Promise<{ text: string; content: Buffer }> {
  const signal = AbortSignal.timeout(10_000)
  try {
    const response = await fetch(`http://127.0.0.1:${port}${target}`, { signal })
    const content = Buffer.from(await response.arrayBuffer())
    return { text: `${response.status} and ${content.length} bytes`, content }
  } catch {
    return { text: 'no whole answer', content: Buffer.alloc(0) }
  }
}
