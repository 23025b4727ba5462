/** Waiting as a subject: what a server does with a client that lets it wait. */
import { Blocked, Expectation } from '../../harness/expectation.ts'
import type { Response } from '../../harness/wire/response.ts'
import type { Server } from '../../harness/server.ts'
import { crowding } from '../../harness/patience.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { answers, closes, serves } from './holds.ts'

/** A server may lose patience with a client that it has refused, and that says nothing for so long (task 1.5). */
export const SILENCE_MS = 2_000

/** So often a client is played that must not be slow. */
const MOST_PLAYS = 5

/**
 * Plays a client who must not be slow. On a machine so busy that it was slow all the same, the server may have lost
 * patience with it: what came then says nothing, and it is played again.
 */
export async function promptly<Result>(play: () => Promise<Result>): Promise<Result> {
  for (let time = 1; ; time++) {
    const startMs = performance.now()
    try {
      return await play()
    } catch (error) {
      if (!(error instanceof Expectation) || performance.now() - startMs < SILENCE_MS) throw error
      if (time < MOST_PLAYS) continue
      // A server that says nothing lets us wait, too: where nobody else is in our way, that is what it was.
      throw crowding() === 1 ? error : tooBusy()
    }
  }
}

/**
 * Plays what our own machine may spoil when it is busy, with one value after the other until it holds. A server that is
 * wrong fails with each of them; its last failure counts.
 */
export async function tries<Value>(
  values: readonly Value[],
  play: (value: Value) => Promise<void>,
): Promise<void> {
  for (const [index, value] of values.entries()) {
    try {
      return await play(value)
    } catch (error) {
      if (!(error instanceof Expectation) || index === values.length - 1) throw error
    }
  }
}

/** A timer of the server may fire early by this much, seen from outside: two clocks, and whole milliseconds. */
const CLOCKS_MS = 5

/**
 * Waits for a 408 and the close after it, while the client does what it does.
 *
 * @param startMs - when the waiting began, on the clock of `performance.now()`; the answer may not come sooner than `timeoutMs` after it
 */
export async function timesOut(
  wire: Wire,
  startMs: number,
  timeoutMs: number,
  why: string,
): Promise<Response> {
  const expected = `408, and not before ${timeoutMs} ms`
  const patienceMs = timeoutMs + PATIENCE_MS
  if (!(await beginsToAnswer(wire, patienceMs)) && wire.ended === 'still open') {
    throw wire.fails({ expected, received: `nothing for ${patienceMs / 1000} s`, why })
  }
  const response = await wire.response({ why })
  const afterMs = performance.now() - startMs
  answers(wire, response, { status: 408, fields: { Connection: '*', Date: '*' } }, why)
  if (afterMs < timeoutMs - CLOCKS_MS) {
    throw wire.fails({
      expected,
      received: `408 after ${Math.round(afterMs)} ms`,
      why,
    })
  }
  await closes(wire, why)
  return response
}

/** Whether something has come, or comes within the patience, of which nobody has read anything. */
async function beginsToAnswer(wire: Wire, patienceMs: number): Promise<boolean> {
  // A used connection has received something before.
  return wire.pending.length > 0 || (await wire.received(wire.bytesReceived + 1, patienceMs))
}

/** How often a client that drips sends a byte. */
const DRIP_MS = 25

/** A request that does not come to its end: its beginning, and what is sent again and again after it; '' for silence. */
type Unfinished = readonly [beginning: string, rest: string]

/**
 * Checks that a server gives up, with 408, each of these clients when the time for all of its request is over, however
 * often bytes come.
 *
 * @param setting - which time that is
 * @param open - how the connections begin: fresh, unless it says otherwise
 */
export async function givesUpEach(
  launch: (environment: Readonly<Record<string, string>>) => Promise<Server>,
  setting: 'HEADER_TIMEOUT_MS' | 'BODY_TIMEOUT_MS',
  requests: readonly Unfinished[],
  why: string,
  open = (server: Server): Promise<Wire> => server.connect(),
): Promise<void> {
  // So long neither we nor the server stand still, unless the machine is very busy.
  await untilItShows([2_000, 4_000, 8_000, 8_000], async (timeoutMs) => {
    const server = await launch({ [setting]: String(timeoutMs) })
    const shown = await Promise.all(
      requests.map((request) => timesOutInAll(() => open(server), request, timeoutMs, why)),
    )
    await serves(server, 'clients that let the server wait take nothing from the others')
    return shown.every(Boolean)
  })
}

/**
 * Opens a connection, sends the beginning of a request, then one byte after the other of its rest, and waits for the
 * 408 that comes when the time for all of it is over.
 *
 * @returns whether that shows anything: on a busy machine the client itself may have stood still for as long as the server waits
 */
async function timesOutInAll(
  open: () => Promise<Wire>,
  [beginning, rest]: Unfinished,
  timeoutMs: number,
  why: string,
): Promise<boolean> {
  const stopWatching = watchOurselves()
  const wire = await open()
  const startMs = performance.now()
  await wire.send(beginning)
  const dripping = rest === '' ? undefined : drips(wire, rest, timeoutMs + PATIENCE_MS)
  let problem: Error | undefined
  try {
    const response = await timesOut(wire, startMs, timeoutMs, why)
    answers(wire, response, { fields: { 'Content-Type': '*', 'Content-Length': '*' } })
  } catch (error) {
    problem = error as Error
  }
  await dripping
  // Whoever has been refused, and is silent then, is given up too.
  if (stopWatching() >= Math.min(timeoutMs, SILENCE_MS) / 2) return false
  if (problem !== undefined) throw problem
  return true
}

/** Begins to watch how late the turns of this process come. @returns ends it, and says how long it stood still at most */
function watchOurselves(): () => number {
  let [lastMs, mostMs] = [performance.now(), 0]
  const look = () => {
    const nowMs = performance.now()
    mostMs = Math.max(mostMs, nowMs - lastMs)
    lastMs = nowMs
  }
  const watch = setInterval(look, DRIP_MS).unref()
  return () => {
    clearInterval(watch)
    look()
    return mostMs
  }
}

/**
 * Plays with one timeout after the other, until the client was quick enough for it to show anything.
 *
 * Where many programs wait for each processor, the server may have stood still too, and found its own timer before the
 * bytes that had come meanwhile: there, only its failure with the last of the timeouts counts.
 */
export async function untilItShows(
  timeoutsMs: readonly number[],
  play: (timeoutMs: number) => Promise<boolean>,
): Promise<void> {
  for (const [index, timeoutMs] of timeoutsMs.entries()) {
    try {
      if (await play(timeoutMs)) return
    } catch (error) {
      const isLast = index === timeoutsMs.length - 1
      if (!(error instanceof Expectation) || isLast || crowding() === 1) throw error
    }
  }
  throw tooBusy()
}

function tooBusy(): Blocked {
  return new Blocked('system', 'this machine is too busy to measure seconds')
}

/** Sends one byte after the other until an answer begins, or the connection ends, or patience is over. */
async function drips(wire: Wire, bytes: string, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (let at = 0; performance.now() < deadline; at++) {
    await wire.send(bytes[at % bytes.length] ?? 'x')
    if (await beginsToAnswer(wire, DRIP_MS)) return
    if (wire.ended !== 'still open') return
  }
}

/** Opens a connection that says nothing, and returns when the server has closed it without a word. */
export async function silentlyCloses(
  server: Server,
  timeoutMs: number,
  why: string,
): Promise<void> {
  const startMs = performance.now()
  const wire = await server.connect()
  wire.note('say nothing')
  const patienceMs = timeoutMs + PATIENCE_MS
  const ending = await wire.ending(patienceMs)
  const afterMs = performance.now() - startMs
  const received =
    ending === 'still open'
      ? `nothing for ${patienceMs / 1000} s: the connection is still open`
      : wire.bytesReceived > 0
        ? `${wire.bytesReceived} bytes: an answer to nothing`
        : ending === 'reset'
          ? 'a reset (RST)'
          : afterMs < timeoutMs - CLOCKS_MS
            ? `the end of the connection after ${Math.round(afterMs)} ms`
            : undefined
  if (received === undefined) return
  throw wire.fails({
    expected: `FIN without a word, and not before ${timeoutMs} ms`,
    received,
    why,
  })
}
