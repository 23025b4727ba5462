import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { asks } from './conversation.ts'
import { closes } from './holds.ts'
import { get } from './request.ts'

/** Idle timeouts to try one after the other: on a busy machine, a client may itself need a second for its next request. */
export const PATIENCES = [1000, 5000] as const

/** Sees the idle timeout of a server end a connection that is idle. */
export async function closesAnIdleOne(server: Server, timeoutMs: number): Promise<void> {
  const why = `KEEP_ALIVE_TIMEOUT_MS is ${timeoutMs} here`
  const idle = await server.connect()
  await asks(idle, get('/'), { status: 200 }, why)
  await closesSilently(idle, { timeoutMs }, why)
}

/** A server may look at its clock once a second; and a timer of Node can fire a millisecond early. */
const EARLY_MS = 5

/**
 * Checks that the server ends an idle connection with FIN and without another byte.
 *
 * @param from - the connection must live for the timeout from here on, on the clock of `performance.now`: a moment before
 *   the timeout can have begun
 */
export async function closesSilently(
  wire: Wire,
  { timeoutMs, from }: { readonly timeoutMs: number; readonly from?: number },
  why: string,
): Promise<void> {
  await closes(wire, why, timeoutMs + PATIENCE_MS)
  if (from === undefined) return
  const lived = performance.now() - from
  if (lived >= timeoutMs - EARLY_MS) return
  throw wire.fails({
    expected: `the connection stays open for at least ${timeoutMs} ms`,
    received: `FIN after ${Math.round(lived)} ms`,
    why,
  })
}
