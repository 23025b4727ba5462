/**
 * The load tester of the reference beside autocannon and wrk, on one server: they tell the same of it.
 *
 * `/work` waits for a timer, so that no client is at its limit. Each round asks all three, one after the other; what
 * is compared are the medians of the rounds.
 */
import autocannon from 'autocannon'
import { median } from 'simple-statistics'
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasWrk, runWrk } from '../../bench/wrk.ts'
import { root } from '../../grader/course.ts'
import { launch } from '../../harness/launch.ts'
import type { Server } from '../../harness/server.ts'
import type { LoadResult } from '../../solutions/level2/load-tester.ts'
import { buildOurs } from '../../tests/kit/edited.ts'

const ROUNDS = 3
/** So long that the first request of each connection, before which it connects, is none of the slowest hundredth. */
const SECONDS = 20
const CONNECTIONS = 50
const MOST_APART = 0.05

const solutions = path.join(root, 'solutions')

let server: Server

beforeAll(async () => {
  const settings = { RATE_LIMIT: '0', MAX_REQUESTS_PER_CONNECTION: '1000000' }
  server = await launch(await buildOurs(solutions, 3), settings)
})

afterAll(async () => {
  await server.stop()
})

/** What one of them says of the server. */
interface Said {
  readonly requestsPerSecond: number
  readonly p99Ms: number
}

const url = () => `http://127.0.0.1:${server.address.port}/work`

async function ours(): Promise<Said> {
  const options = ['--connections', String(CONNECTIONS), '--seconds', String(SECONDS), '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [
    path.join(solutions, 'level2/load.ts'),
    url(),
    ...options,
  ])
  const { requestsPerSecond, latencyMs, errors } = JSON.parse(stdout) as LoadResult
  expect(Object.values(errors)).toEqual(Object.values(errors).map(() => 0))
  return { requestsPerSecond, p99Ms: latencyMs.p99 }
}

async function autocannons(): Promise<Said> {
  const { requests, latency, errors, non2xx } = await autocannon({
    url: url(),
    connections: CONNECTIONS,
    duration: SECONDS,
  })
  expect([errors, non2xx]).toEqual([0, 0])
  return { requestsPerSecond: requests.average, p99Ms: latency.p99 }
}

async function wrks(): Promise<Said> {
  const { port } = server.address
  const load = { port, target: '/work', connections: CONNECTIONS, pipelined: 1, seconds: SECONDS }
  return await runWrk(load, undefined, '/nowhere')
}

it.skipIf(!hasWrk())(
  'tells the same as autocannon and wrk, within 5 %',
  async () => {
    const rounds: { ours: Said; autocannon: Said; wrk: Said }[] = []
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ ours: await ours(), autocannon: await autocannons(), wrk: await wrks() })
    const apart = (other: 'autocannon' | 'wrk', what: keyof Said) => {
      const of = (who: 'ours' | 'autocannon' | 'wrk') =>
        median(rounds.map((round) => round[who][what]))
      return of('ours') / of(other) - 1
    }
    const table = {
      'requests a second, autocannon': apart('autocannon', 'requestsPerSecond'),
      'requests a second, wrk': apart('wrk', 'requestsPerSecond'),
      'p99, autocannon': apart('autocannon', 'p99Ms'),
      'p99, wrk': apart('wrk', 'p99Ms'),
    }
    console.log(JSON.stringify(rounds, undefined, 1), table)
    for (const [what, share] of Object.entries(table))
      expect(Math.abs(share), what).toBeLessThan(MOST_APART)
  },
  300_000,
)
