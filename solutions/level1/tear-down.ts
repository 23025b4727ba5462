import type { Socket } from 'node:net'

/** How long a client may be silent after our FIN. */
const LINGER_SILENCE_MS = 2_000
/** How long it may go on sending. */
const LINGER_MS = 30_000
/** How much it may go on sending. */
const LINGER_BYTES = 16 * 1024 * 1024

/**
 * Sends the last bytes of a connection, then FIN, and sees to it that they arrive.
 *
 * Closing a socket while the client still sends makes the kernel answer with a reset, and a reset
 * throws away what the client has not read yet: our answer. So we end our direction only, drop
 * what still comes, and close when the client has ended its own (RFC 9112 §9.6) or has had
 * patience enough.
 */
export function tearDown(socket: Socket, lastBytes?: Buffer): void {
  let dropped = 0
  socket.on('data', (bytes) => {
    dropped += bytes.length
    if (dropped > LINGER_BYTES) socket.destroy()
  })
  socket.once('finish', () => {
    socket.setTimeout(LINGER_SILENCE_MS, () => socket.destroy())
    const patience = setTimeout(() => socket.destroy(), LINGER_MS)
    socket.once('close', () => clearTimeout(patience))
  })
  if (lastBytes === undefined) socket.end()
  else socket.end(lastBytes)
}
