/** Clients who ask for much and read nothing: what do they cost the server? */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Address } from '../harness/wire/wire.ts'

const ASKED_BYTES = 64 * 1024 * 1024
/** So many at a time: a server without backpressure is stopped before it takes the whole machine. */
const AT_A_TIME = 20
const LOOK_MS = 150
const MOST_LOOKS = 20
const STILL_BYTES = 1024 * 1024
/** A server that holds this much has said what there is to say. */
const MOST_BYTES = 500 * 1024 * 1024

/**
 * Lets clients stall, and waits until the server's memory stands still.
 *
 * @param memory - RssAnon of the server, right now
 * @returns bytes that they cost
 */
export async function costOfStalled(
  address: Address,
  clients: number,
  memory: () => number,
): Promise<number> {
  const stalled: Socket[] = []
  const before = memory()
  try {
    while (stalled.length < clients && memory() - before < MOST_BYTES) {
      const few = Math.min(AT_A_TIME, clients - stalled.length)
      stalled.push(...(await Promise.all(Array.from({ length: few }, () => stall(address)))))
    }
    let last = memory()
    for (let look = 0; look < MOST_LOOKS; look++) {
      await delay(LOOK_MS)
      const now = memory()
      if (Math.abs(now - last) < STILL_BYTES || now - before > MOST_BYTES) break
      last = now
    }
    return memory() - before
  } finally {
    for (const socket of stalled) socket.destroy()
  }
}

/** A client that stops reading when the answer has begun. One that is refused stalls nobody. */
async function stall(address: Address): Promise<Socket> {
  const socket = connect(address)
  socket.on('error', () => undefined)
  socket.write(`GET /bytes/${ASKED_BYTES} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await Promise.race([
    once(socket, 'data'),
    once(socket, 'close'),
    delay(5000, undefined, { ref: false }),
  ])
  socket.pause()
  return socket
}
