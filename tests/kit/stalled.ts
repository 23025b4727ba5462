/** Clients that ask for much and read nothing. */
import { setTimeout as delay } from 'node:timers/promises'
import { patience } from '../../harness/patience.ts'
import { heldPorts } from '../../harness/proc.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { holds, serves } from './holds.ts'
import { anonymousBytes, memoryStands } from './memory-stands.ts'
import { get } from './request.ts'
import type { Fixtures } from './test.ts'

const MEGABYTE = 1024 * 1024
/** So many at a time: a server without backpressure is stopped before it takes the whole machine. */
const AT_A_TIME = 4

/**
 * Lets clients ask for a long answer and read nothing, and checks that this costs less than `most` bytes of memory in
 * all, and that memory then stands still while others are served.
 *
 * @returns the clients, still there
 */
export async function stallsFlat(
  server: Server,
  clients: number,
  target: string,
  most: number,
): Promise<Wire[]> {
  const stalled: Wire[] = []
  // What the first long answer costs is the price of the code, not of a client.
  await holds(server, {
    send: get(`/bytes/${4 * MEGABYTE}`),
    expect: { status: 200 },
    why: 'the route table of the assignment',
  })
  await memoryStands(server, most, async () => {
    const before = anonymousBytes(server)
    while (stalled.length < clients) {
      const few = Math.min(AT_A_TIME, clients - stalled.length)
      stalled.push(
        ...(await Promise.all(Array.from({ length: few }, () => stalls(server, target)))),
      )
      await holds(server, {
        send: get('/'),
        expect: { status: 200 },
        why: 'clients that read nothing hold nobody',
      })
      const more = anonymousBytes(server) - before
      if (more <= most) continue
      throw server.fails({
        expected: `at most ${Math.round(most / MEGABYTE)} MB more memory for ${clients} clients that read nothing`,
        received: `${Math.round(more / MEGABYTE)} MB more for ${stalled.length}`,
        why: 'ask for the next piece when the one before has gone: what the client does not read waits in the kernel, not in the process',
      })
    }
  })
  return stalled
}

/** A client that asks for a long answer, and stops reading when it has begun. */
export async function stalls(
  server: Server,
  target: string,
  { used, fieldLines = [] }: { readonly used?: Wire; readonly fieldLines?: readonly string[] } = {},
): Promise<Wire> {
  const wire = used ?? (await server.connect())
  const before = wire.bytesReceived
  await wire.send(get(target, ...fieldLines))
  const hasBegun = await wire.received(before + 1)
  wire.stall()
  wire.discard()
  if (!hasBegun) throw wire.fails({ expected: 'the beginning of an answer', received: 'nothing' })
  return wire
}

/**
 * Waits until the server holds its end of none of these connections any more.
 *
 * @param clients - their ports, taken while they were open: a socket that has closed knows none
 * @returns whether it came so far
 */
export async function letsGo(
  server: Server,
  clients: readonly { readonly port: number }[],
  patienceMs = PATIENCE_MS,
): Promise<boolean> {
  const { signal, stop } = patience(patienceMs)
  try {
    for (;;) {
      const isLast = signal.aborted
      const held = await heldPorts(server.address.port)
      if (!clients.some(({ port }) => held.has(port))) return true
      if (isLast) return false
      // Nothing tells that another process has closed a socket: one can only look.
      await delay(50)
    }
  } finally {
    stop()
  }
}

/**
 * Checks that servers with short and longer timeouts destroy the connection of a client that takes nothing of its answer
 * and goes on sending.
 */
export async function givesUpWhoDrips(
  launch: Fixtures['launch'],
  fieldLines: readonly string[] = [],
): Promise<void> {
  for (const timeoutMs of [1000, 4000, 16_000]) {
    const server = await launch({ WRITE_TIMEOUT_MS: String(timeoutMs) })
    const wire = await stalls(server, `/bytes/${256 * MEGABYTE}`, { fieldLines })
    const { port } = wire
    const drips = dripping(wire)
    const isGone = await letsGo(server, [{ port }], timeoutMs + FILLING_MS)
    const longestPauseMs = drips.stop()
    wire.close()
    if (!isGone)
      throw server.fails({
        expected: 'the socket is closed',
        received: `it is still open after ${(timeoutMs + FILLING_MS) / 1000} s`,
        why: 'no byte taken for WRITE_TIMEOUT_MS: what the client sends meanwhile is none of them',
      })
    // A client that paused may have been given up for that, and for nothing else.
    if (longestPauseMs < timeoutMs / 4) return
  }
}

/** Sends a byte now and then; `stop` tells how long the longest pause was in between. */
function dripping(wire: Wire): { readonly stop: () => number } {
  let [last, longest] = [performance.now(), 0]
  const pause = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const drip = setInterval(() => {
    pause()
    void wire.send('x')
  }, 100)
  return {
    stop: () => {
      clearInterval(drip)
      pause()
      return longest
    },
  }
}

/** On a busy machine, the kernel goes on taking bytes for some seconds until it is full: so long the client takes them. */
const FILLING_MS = 2 * PATIENCE_MS

/**
 * Checks that a server destroys the connection of a client that takes nothing of its answer, and not too soon.
 *
 * @param used - a connection that has been served before; a fresh one unless it is given
 */
export async function givesUpWhoTakesNothing(
  server: Server,
  timeoutMs: number,
  used?: Wire,
): Promise<void> {
  const why = 'no byte taken for WRITE_TIMEOUT_MS: the connection is destroyed'
  const bytes = 256 * MEGABYTE
  const startMs = performance.now()
  const client = await stalls(server, `/bytes/${bytes}`, used === undefined ? {} : { used })
  const { port, bytesReceived: before } = client
  const patienceMs = timeoutMs + FILLING_MS
  const gone = await letsGo(server, [{ port }], patienceMs)
  const afterMs = performance.now() - startMs
  if (!gone) {
    throw client.fails({
      expected: 'the socket is closed',
      received: `it is still open after ${patienceMs / 1000} s`,
      why,
    })
  }
  if (afterMs < timeoutMs - 5) {
    throw client.fails({
      expected: `the socket is closed, and not before ${timeoutMs} ms`,
      received: `closed after ${Math.round(afterMs)} ms`,
      why,
    })
  }
  client.resume()
  if ((await client.ending()) === 'still open' || client.bytesReceived - before >= bytes) {
    throw client.fails({
      expected: 'an answer that breaks off',
      received: `${client.bytesReceived} bytes`,
      why,
    })
  }
  await serves(server, why)
}
