/** The end of a server, seen from outside. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Server } from '../../harness/server.ts'
import { patience, patienceEnds } from '../../harness/patience.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'
import { Visitor } from './visitor.ts'

/**
 * Sends a signal, and returns as soon as new clients are refused: from then on the server drains.
 *
 * @throws {Expectation} when it goes on to accept connections
 */
export async function drains(server: Server, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  server.signal(signal)
  const { signal: over, stop } = patience(PATIENCE_MS)
  while (!over.aborted) {
    const visitor = new Visitor(server)
    await visitor.connected
    // Accepted by the system, a moment before the server closed its port.
    if ((await Promise.race([visitor.fate, delay(5, 'accepted' as const)])) === 'refused') {
      stop()
      server.transcript.note(0, 'new clients are refused: ECONNREFUSED')
      return
    }
    visitor.close()
  }
  throw server.fails({
    expected: 'the port is closed: a new client gets ECONNREFUSED',
    received: `connections are accepted for ${PATIENCE_MS / 1000} s more`,
    why: 'the listening socket closes first: nothing new begins',
  })
}

/** Checks that the server ends, with this exit code. */
export async function exits(server: Server, code: number, why: string): Promise<void> {
  const ended = await Promise.race([server.exit, patienceEnds(PATIENCE_MS).then(() => undefined)])
  if (ended?.code === code) return
  throw server.fails({
    expected: `the process ends, with exit code ${code}`,
    received:
      ended === undefined
        ? `it still runs after ${PATIENCE_MS / 1000} s`
        : (ended.signal ?? `exit code ${ended.code ?? 'unknown'}`),
    why,
  })
}
