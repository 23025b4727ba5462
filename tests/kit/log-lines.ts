/** Reads what a server logs. */
import { setTimeout as delay } from 'node:timers/promises'
import { patience } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'
import { ends } from './ending.ts'
import { needs } from './needs.ts'
import { withoutWarnings } from './starting.ts'

/** One line: whatever it holds. */
export type Entry = Readonly<Record<string, unknown>>

const EACH_LINE = 'stderr holds one JSON object a line, and nothing else'

/** All lines so far. Fails when one of them is no JSON object. */
export function allEntries(server: Server): Entry[] {
  // A line that is being written is not yet one.
  const whole = server.stderr.text.slice(0, server.stderr.text.lastIndexOf('\n') + 1)
  return withoutWarnings(whole).map((line) => {
    const entry = parse(line)
    if (entry !== undefined) return entry
    throw server.fails({
      expected: 'a JSON object on each line of stderr',
      received: JSON.stringify(line.slice(0, 300)),
      why: EACH_LINE,
    })
  })
}

/**
 * Waits until so many requests were logged, and checks that each line is a JSON object.
 *
 * @param which - those that count
 * @returns the lines about requests, in order
 */
export async function requestEntries(
  server: Server,
  count: number,
  why: string,
  which: (entry: Entry) => boolean = () => true,
): Promise<Entry[]> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    const entries = allEntries(server).filter((entry) => isAboutRequest(entry) && which(entry))
    if (entries.length === count) return entries
    if (entries.length > count || isLast) {
      throw server.fails({
        expected: `${count} lines about requests, with method, target, status and requestId`,
        received: `${entries.length} of them`,
        why,
      })
    }
    // Lines come through a pipe: there is no event of the server to wait for.
    await delay(5)
  }
}

/** Checks the members of a line; `null` must be `null`. A list holds several that are all right. */
export function entryIs(
  server: Server,
  entry: Entry | undefined,
  wanted: Readonly<Record<string, unknown>>,
  why: string,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    const is = entry?.[name]
    const right: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (right.includes(is)) continue
    throw server.fails({
      expected: `"${name}": ${right.map((one) => JSON.stringify(one)).join(' or ')}`,
      received:
        is === undefined ? `no "${name}"` : `"${name}": ${JSON.stringify(is).slice(0, 300)}`,
      why,
    })
  }
}

/** Checks that a line has all fields of a request, each of its kind. */
export function isComplete(server: Server, entry: Entry, from: number, why: string): void {
  const { time, level, durationMs, requestId, bytes, remoteAddress } = entry
  const problem = [
    [typeof time === 'string' && isMoment(time, from), 'time in ISO 8601, of this moment'],
    [['info', 'warn', 'error'].includes(String(level)), 'level: info, warn or error'],
    [typeof durationMs === 'number' && durationMs >= 0, 'durationMs, a number'],
    [typeof bytes === 'number' && bytes >= 0, 'bytes, a number'],
    [typeof requestId === 'string' || typeof requestId === 'number', 'requestId'],
    [remoteAddress === '127.0.0.1', 'remoteAddress: 127.0.0.1'],
    ['method' in entry && 'target' in entry && 'status' in entry, 'method, target and status'],
  ].find(([holds]) => holds !== true)
  if (problem === undefined) return
  throw server.fails({
    expected: `a line with ${String(problem[1])}`,
    received: JSON.stringify(entry).slice(0, 400),
    why,
  })
}

function isMoment(time: string, from: number): boolean {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(time)) return false
  const at = Date.parse(time)
  return at >= from - 2000 && at <= Date.now() + 1000
}

/** Whether this is the line of a request. Others may name a request, to say more of it, or say that there is none. */
export function isAboutRequest(entry: Entry): boolean {
  return 'method' in entry && 'status' in entry && entry['requestId'] !== null
}

function parse(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Entry)
      : undefined
  } catch {
    return undefined
  }
}

/** Asks the server to end, so that everything it printed is there. */
export async function afterTheEnd(server: Server): Promise<void> {
  const why = 'a server that was asked to end, and does, has done nothing wrong'
  await needs('3.9', 'The server does not end as it should.', () => ends(server, 'SIGTERM', why))
}
