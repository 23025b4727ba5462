/**
 * Persistent connections by wrk, which is in C: where autocannon is the limit, wrk is not.
 *
 * wrk cannot look at content. So its answers are verified by status, and a sample of the same requests, sent by us at the
 * same time, is verified whole.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { exchange } from '../exchange.ts'
import { PLACES, type Latencies } from '../record.ts'
import type { PlannedRequest } from '../requests.ts'
import type { Job, LoadReport } from './job.ts'
import { textOf } from './one-each.ts'
import { Tally } from './tally.ts'

/** wrk counts in whole seconds. */
const SECONDS = 1
/** Between two verified requests of the sample. */
const SAMPLE_MS = 20

const Seen = z.object({
  requests: z.number(),
  seconds: z.number(),
  notOk: z.number(),
  errors: z.number(),
  bytes: z.number(),
  /** In µs, at `PLACES`. */
  latencies: z.array(z.number()),
})

export async function byWrk(job: Job): Promise<LoadReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'loadbearing-wrk-'))
  try {
    const script = path.join(folder, 'load.lua')
    await writeFile(script, luaOf(job))
    const { host, port } = job.address
    const options = ['-t1', `-c${job.connections}`, `-d${SECONDS}s`, '-s', script]
    const child = spawn('wrk', [...options, `http://${host}:${port}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const failed = new Promise<never>((_, reject) => child.once('error', reject))
    const ended = new AbortController()
    const sampled = sample(job, ended.signal)
    const output = await Promise.race([text(child.stdout), failed]).finally(() => ended.abort())
    return reportOf(
      Seen.parse(JSON.parse(/^SEEN (.*)$/m.exec(output)?.[1] ?? 'null')),
      await sampled,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A request after the other on connections of our own, each answer verified. */
async function sample(job: Job, signal: AbortSignal): Promise<LoadReport> {
  const tally = new Tally({ ...job, amount: Infinity })
  for (let number = 0; !signal.aborted; number++) {
    const request = job.requests[number % job.requests.length]
    if (request === undefined) break
    try {
      const { from, to, response } = await exchange(job.address, textOf(request))
      tally.answer(request, response.status, response.content.toString('latin1'), to - from)
    } catch (error) {
      tally.error(error instanceof Error ? error.message : String(error))
    }
    await delay(SAMPLE_MS)
  }
  return tally.report()
}

function reportOf(seen: z.infer<typeof Seen>, sampled: LoadReport): LoadReport {
  const milliseconds = seen.latencies.map((micros) => micros / 1000)
  const at = (place: number) => milliseconds[PLACES.findIndex((each) => each === place)] ?? 0
  const latencyMs: Latencies = {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
    quantiles: PLACES.map((place) => [place, at(place)]),
  }
  const good = seen.requests - seen.notOk
  return {
    ...sampled,
    seconds: seen.seconds,
    requests: good,
    requestsInAll: good + sampled.requestsInAll,
    contentBytes: seen.bytes,
    latencyMs,
    errors: seen.errors + sampled.errors,
    wrong: seen.notOk + sampled.wrong,
    firstWrong:
      sampled.firstWrong ??
      (seen.notOk > 0 ? 'a request was answered with another status than 2xx' : null),
  }
}

/** A script that sends the planned requests in turn, and prints what wrk saw as JSON. */
function luaOf({ requests, pipelining = 1 }: Job): string {
  const planned = requests.map((request) => luaString(persistentTextOf(request)))
  return `local planned = { ${planned.join(', ')} }
local at = 0
request = function()
  local text = ''
  for _ = 1, ${pipelining} do at = at % #planned + 1; text = text .. planned[at] end
  return text
end
done = function(summary, latency)
  local places = { ${PLACES.map((place) => place * 100).join(', ')} }
  local found = {}
  for index, place in ipairs(places) do
    found[index] = place == 0 and latency.min or place == 100 and latency.max or latency:percentile(place)
  end
  local errors = summary.errors
  print(string.format('SEEN {"requests":%d,"seconds":%f,"notOk":%d,"errors":%d,"bytes":%d,"latencies":[%s]}',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.bytes, table.concat(found, ',')))
end
`
}

function persistentTextOf(request: PlannedRequest): string {
  return textOf(request).replace('Connection: close\r\n', '')
}

/** All that we send is ASCII. */
function luaString(ascii: string): string {
  return `"${ascii.replace(/[\\"\r\n]/g, (character) => `\\${character.charCodeAt(0)}`)}"`
}
