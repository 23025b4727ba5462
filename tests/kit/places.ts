/** How many connections a server has places for. */
import { patience } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { SILENCE_MS } from './attempts.ts'
import { answers } from './holds.ts'
import { get } from './request.ts'
import { crowd, type Fate, type Visitor } from './visitor.ts'

const HALF = 'GET / HTTP/1.1\r\nHost: localhost\r\n'

/**
 * Checks that exactly so many clients are served at the same time, and that one more gets 503.
 *
 * What ended a moment ago gets time to give its place back.
 */
export async function exactlyFit(server: Server, most: number, why: string): Promise<void> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    const startMs = performance.now()
    const { served, extra } = await visit(server, most)
    if (served === most && extra === 503) return
    // The one more may have been silent for too long, on a machine that is busy enough.
    const wasSlow = extra === 'reset' && performance.now() - startMs >= SILENCE_MS
    if ((served === most && !wasSlow) || isLast) {
      throw server.fails({
        expected: `${most} clients served at the same time, and 503 for one more`,
        received: `${served} served, and ${String(extra)} for one more`,
        why,
      })
    }
  }
}

/**
 * Takes so many places and keeps them: clients that have been served, and whose connections persist.
 *
 * A connection that ended before, such as that by which we saw that the server had started, gets time to go.
 */
export async function occupy(server: Server, places: number): Promise<Visitor[]> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    const visitors = await crowd(server, places)
    for (const visitor of visitors) visitor.send(get('/'))
    const fates = await Promise.all(visitors.map(({ fate }) => fate))
    if (fates.every((fate) => fate === 200)) return visitors
    for (const visitor of visitors) visitor.close()
    if (!isLast) continue
    throw server.fails({
      expected: `${places} clients served, with room for as many`,
      received: fates.join(', '),
      why: 'there are places for all of them',
    })
  }
}

/** Takes one more place, and returns its connection. One that ended a moment ago gets time to give its place back. */
export async function findsPlace(server: Server, why: string): Promise<Wire> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    const wire = await server.connect()
    await wire.send(get('/'))
    const response = await wire.response({ why })
    if (response.status === 503 && !isLast) {
      wire.close()
      continue
    }
    answers(wire, response, { status: 200 }, why)
    return wire
  }
}

/** Checks that so many clients that say nothing fill a server. Asked in the end, they are served. */
export async function silentOnesCount(server: Server, places: number, why: string): Promise<void> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    const startMs = performance.now()
    const visitors = await crowd(server, places)
    const [extra] = await crowd(server, 1)
    const refused = await extra?.send(get('/')).fate
    for (const visitor of visitors) visitor.send(get('/'))
    const fates = await Promise.all(visitors.map(({ fate }) => fate))
    for (const visitor of [...visitors, extra]) visitor?.close()
    const areServed = fates.every((fate) => fate === 200)
    if (areServed && refused === 503) return
    const wasSlow = refused === 'reset' && performance.now() - startMs >= SILENCE_MS
    if ((!areServed || wasSlow) && !isLast) continue
    throw server.fails({
      expected: `503 while ${places} clients are there and say nothing; they are served when they ask`,
      received: `${String(refused)} for one more, and ${fates.join(', ')} for those who were there`,
      why,
    })
  }
}

/** All of them are there at the same time: none has sent its whole request before the last one has come. */
async function visit(server: Server, most: number): Promise<{ served: number; extra: Fate }> {
  const visitors = await crowd(server, most)
  for (const visitor of visitors) visitor.send(HALF)
  const [last] = await crowd(server, 1)
  if (last === undefined) throw new Error('a crowd of one is one')
  last.send(HALF)
  for (const visitor of [...visitors, last]) visitor.send('\r\n')
  const fates = await Promise.all(visitors.map(({ fate }) => fate))
  const extra = await last.fate
  for (const visitor of [...visitors, last]) visitor.close()
  return { served: fates.filter((fate) => fate === 200).length, extra }
}
