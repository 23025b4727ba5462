/**
 * The load tester of the reference beside autocannon and wrk, on one server: they tell the same of it.
 *
 * `/work` waits for a timer, so that no client is at its limit. Each round asks all three, one after the other; what
 * is compared are the medians of the rounds.
 */
import autocannon from 'autocannon'
import { median } from 'simple-statistics'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { hasWrk, runWrk } from '../../bench/wrk.ts'
import { root } from '../../grader/course.ts'
import type { LoadResult } from '../../solutions/level2/load-tester.ts'

const ROUNDS = 3
const SECONDS = 4
const CONNECTIONS = 50
const MOST_APART = 0.05

const inSolutions = (file: string) => path.join(root, 'solutions', file)

let server: ChildProcess
let port: number

beforeAll(async () => {
  server = spawn(process.execPath, [inSolutions('level3/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PORT: '0', LOG: 'off', RATE_LIMIT: '0', MAX_REQUESTS_PER_CONNECTION: '1000000' },
  })
  if (server.stdout === null) throw new Error('The server has no output.')
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  port = Number(/:(\d+)\s*$/.exec(line.toString())?.[1])
})

afterAll(() => {
  server.kill()
})

/** What one of them says of the server. */
interface Said {
  readonly requestsPerSecond: number
  readonly p99Ms: number
}

const url = () => `http://127.0.0.1:${port}/work`

async function ours(): Promise<Said> {
  const options = ['--connections', String(CONNECTIONS), '--seconds', String(SECONDS), '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [
    inSolutions('level2/load.ts'),
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
  const load = { port, target: '/work', connections: CONNECTIONS, pipelined: 1, seconds: SECONDS }
  return await runWrk(load, undefined, '/nowhere')
}

it.skipIf(!hasWrk())('tells the same as autocannon and wrk, within 5 %', async () => {
  const rounds: { ours: Said; autocannon: Said; wrk: Said }[] = []
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ours: await ours(), autocannon: await autocannons(), wrk: await wrks() })
  const rate = (who: 'ours' | 'autocannon' | 'wrk') =>
    median(rounds.map((round) => round[who].requestsPerSecond))
  const apart = {
    autocannon: rate('ours') / rate('autocannon') - 1,
    wrk: rate('ours') / rate('wrk') - 1,
  }
  // The latencies are shown, not judged: with us connecting counts, and 50 of 2,000 requests connect.
  console.log(JSON.stringify(rounds, undefined, 1), apart)
  expect(Math.abs(apart.autocannon)).toBeLessThan(MOST_APART)
  expect(Math.abs(apart.wrk)).toBeLessThan(MOST_APART)
})
