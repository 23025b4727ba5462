/** The end of a connection, after the answer. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Server } from '../../harness/server.ts'
import type { Wire } from '../../harness/wire/wire.ts'
import { closes } from './holds.ts'
import { get } from './request.ts'

const TIMES = 5

/** How soon FIN follows an answer, in ms: the quickest of a few, since a busy machine makes none of them quicker. */
export async function quickestFin(server: Server, why: string): Promise<number> {
  const timesMs: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const wire = await server.connect()
    await wire.send(get('/'))
    await wire.response({ why })
    const answeredMs = performance.now()
    await closes(wire, why)
    timesMs.push(performance.now() - answeredMs)
  }
  return Math.min(...timesMs)
}

/**
 * Sends a byte again and again, after something else has been said.
 *
 * @returns the longest that the client was silent, in ms
 */
export async function dripsFor(
  durationMs: number,
  wire: Wire,
  pauseMs: number,
  first: () => Promise<void>,
): Promise<number> {
  const startMs = performance.now()
  let [lastMs, longestMs] = [startMs, 0]
  await first()
  while (lastMs - startMs < durationMs) {
    await delay(pauseMs)
    await wire.send('x')
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
  return longestMs
}
