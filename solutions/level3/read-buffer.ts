import { Socket, type SocketConstructorOpts } from 'node:net'

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
 * takes over the handle of the first one. That a socket has a field `_handle`, and that the option `handle` takes it, is
 * not documented: try both with each new major version of Node. Where the field is missing, the first socket stays.
 */
export function withSharedReads(accepted: Socket): Socket {
  const former = accepted as unknown as { _handle: SocketConstructorOpts['handle'] | null }
  const handle = former._handle
  if (!handle) return accepted

  former._handle = null
  accepted.destroy()
  const onread = {
    buffer,
    callback(length: number) {
      if (filled.length !== length) filled = buffer.subarray(0, length)
      socket.emit('data', filled)
      return true
    },
  }
  const options = { handle, onread, allowHalfOpen: accepted.allowHalfOpen }
  const socket = new Socket(options)
  return socket
}
