import type { Server } from '../../harness/server.ts'
import type { Wire } from '../../harness/wire/wire.ts'
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
  await closesSilently(idle, {}, why)
}

/** A server may look at its clock once a second; and a timer of Node can fire a millisecond early. */
const EARLY_MS = 5

/**
 * Checks that the server ends the connection with FIN and without another byte.
 *
 * @param from - a moment before the timeout can have begun, on the clock of `performance.now`
 * @param leastMs - the connection must have lived so long since `from`
 */
export async function closesSilently(
  wire: Wire,
  { from = 0, leastMs = 0 }: { readonly from?: number; readonly leastMs?: number },
  why: string,
): Promise<void> {
  await closes(wire, why)
  const lived = performance.now() - from
  if (lived >= leastMs - EARLY_MS) return
  throw wire.fails({
    expected: `the connection stays open for at least ${leastMs} ms`,
    received: `FIN after ${Math.round(lived)} ms`,
    why,
  })
}
