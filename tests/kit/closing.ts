/**
 * The end of a connection, after its last answer: FIN, then whatever still comes is read and dropped, until the client
 * closes too, or until 2 s of silence, or 16 MiB.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { promptly, SILENCE_MS, untilItShows } from './attempts.ts'
import { closes } from './holds.ts'
import { letsGo } from './stalled.ts'

const TIMES = 5

/** What the system holds between two processes is a few of them. */
const MOST_MEGABYTES = 64

const PAUSE_MS = 250

/** Checks that FIN follows an answer at once: the quickest of a few, since a busy machine makes none of them quicker. */
export async function sendsFinAtOnce(server: Server, send: string): Promise<void> {
  const why = 'a client that waits for FIN waits for nothing else: the whole answer, then FIN'
  const timesMs: number[] = []
  for (let time = 0; time < TIMES; time++) {
    await promptly(async () => {
      const wire = await server.connect()
      await wire.send(send)
      await wire.response({ why })
      const answeredMs = performance.now()
      await closes(wire, why)
      timesMs.push(performance.now() - answeredMs)
    })
  }
  const quickestMs = Math.min(...timesMs)
  if (quickestMs < SILENCE_MS / 2) return
  throw server.fails({
    expected: 'FIN as soon as the answer has been written',
    received: `FIN ${(quickestMs / 1000).toFixed(1)} s after it, at best`,
    why,
  })
}

/** Checks that a client that has its answer, and neither sends nor closes, is given up. */
export async function givesUpTheSilent(server: Server, sends: readonly string[]): Promise<void> {
  const why = 'after its FIN, a server reads on until the client closes, or is silent for 2 s'
  const wires = await Promise.all(sends.map(() => server.connect()))
  const ends = wires.map(({ port }) => ({ port }))
  for (const [index, wire] of wires.entries()) {
    await wire.send(sends[index] ?? '')
    await wire.response({ why })
    await closes(wire, why)
  }
  if (await letsGo(server, ends)) return
  throw server.fails({
    expected: 'the connection is given up when the client neither sends nor closes',
    received: `${PATIENCE_MS / 1000} s later the server still holds it`,
    why,
  })
}

/** Checks that a client that has its answer, and sends on without end, is cut. */
export async function givesUpTheEndless(server: Server, send: string): Promise<void> {
  const why = 'after its FIN, a server reads and drops 16 MiB, and no more'
  const wire = await server.connect()
  await wire.send(send)
  await wire.response({ why })
  await closes(wire, why)
  for (let megabytes = 0; megabytes < MOST_MEGABYTES; megabytes++) {
    await wire.send(Buffer.alloc(1024 * 1024, 'm'))
    if (wire.isBroken) return
  }
  throw wire.fails({
    expected: 'the connection is cut after 16 MiB',
    received: `${MOST_MEGABYTES} MiB were read, and it is still there`,
    why,
  })
}

/** Checks that a client that has its answer is not cut while it still sends. */
export async function readsOnWhileItSends(server: Server, send: string): Promise<void> {
  const why = 'the 2 s are of silence: each byte that comes begins them anew'
  await untilItShows([PAUSE_MS, PAUSE_MS, PAUSE_MS], async (pauseMs) => {
    const wire = await server.connect()
    const silentMs = await dripsBehind(wire, send, pauseMs, why)
    if (!wire.isBroken) return true
    if (silentMs > SILENCE_MS / 2) return false
    throw wire.fails({
      expected: 'a connection that is read as long as something comes',
      received: `its end, although the client was never silent for ${SILENCE_MS / 1000} s`,
      why,
    })
  })
}

/** Sends a request, and behind its answer a byte again and again. @returns the longest silence in between, in ms */
async function dripsBehind(
  wire: Wire,
  send: string,
  pauseMs: number,
  why: string,
): Promise<number> {
  const startMs = performance.now()
  let [lastMs, longestMs] = [startMs, 0]
  await wire.send(send)
  await wire.response({ why })
  while (lastMs - startMs < 1.5 * SILENCE_MS) {
    await delay(pauseMs)
    await wire.send('x')
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
  return longestMs
}
