import { Socket } from 'node:net'

/** What libuv offers a read: more never comes at once. */
const READ_BYTES = 65_536

/** The one buffer that all connections read into, and of it what the last read has filled. */
const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
let filled = buffer

/**
 * Lets an accepted connection read into a buffer that all connections share: the bytes of a `data` event are
 * overwritten by the next one, whoever's it is, and whoever needs them for longer copies them.
 *
 * Otherwise each read gets 64 KiB of its own, which are cut down to what came and live until the next collection.
 *
 * Node has this for clients only (`onread`, https://nodejs.org/api/net.html#new-netsocketoptions). So a second socket
 * takes over what the first one stands for, by a field that is not documented; where it is missing, the first one stays.
 */
export function withSharedReads(accepted: Socket): Socket {
  const former = accepted as unknown as { _handle?: object | null }
  const handle = former._handle
  if (!handle) return accepted

  former._handle = null
  accepted.destroy()
  const socket: Socket = new Socket({
    handle,
    // A client that has sent its FIN still gets its answers.
    allowHalfOpen: true,
    onread: {
      buffer,
      callback(length) {
        if (filled.length !== length) filled = buffer.subarray(0, length)
        socket.emit('data', filled)
        return true
      },
    },
  } as SocketOptions)
  return socket
}

type SocketOptions = ConstructorParameters<typeof Socket>[0] & { readonly handle: object }
