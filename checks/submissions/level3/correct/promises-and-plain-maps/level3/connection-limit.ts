import type { Socket } from 'node:net'
import { RequestError } from '../level2/errors.ts'
import { formatHead } from '../level2/response-writer.ts'
import { errorResponse } from './errors.ts'
import type { Log } from './log.ts'

export class ConnectionLimit<T extends object> implements Iterable<T> {
  #most: number
  #all = new Set<T>()
  #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
  }

  get open(): number {
    return this.#all.size
  }

  get hasPlace(): boolean {
    return this.#most === 0 || this.#all.size < this.#most
  }

  admit(connection: T): boolean {
    if (!this.hasPlace) return false
    this.#all.add(connection)
    return true
  }

  release(connection: T): void {
    this.#all.delete(connection)
    if (this.#all.size === 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  emptied(): Promise<void> {
    if (this.#all.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#all.values()
  }
}

export function refuseConnection(socket: Socket, log: Log): void {
  const error = new RequestError('TOO_MANY_CONNECTIONS', { headers: { 'Retry-After': '1' } })
  const response = errorResponse(error)
  const content = Buffer.from(response.content as string)
  log.request({
    method: null,
    target: null,
    status: 503,
    bytes: content.length,
    durationMs: 0,
    remoteAddress: socket.remoteAddress ?? null,
  })
  linger(socket)
  socket.end(Buffer.concat([Buffer.from(formatHead(response, content.length, true)), content]))
}

/** Reads and drops what still comes, until the client ends too, or we have had enough. */
export function linger(socket: Socket, onClose: () => void = () => {}): void {
  let dropped = 0
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    dropped += bytes.length
    if (dropped > 16 * 1024 * 1024) socket.destroy()
  })
  const timer = setTimeout(() => socket.destroy(), 30_000)
  socket.setTimeout(2000, () => socket.destroy())
  socket.once('close', () => {
    clearTimeout(timer)
    onClose()
  })
  socket.resume()
}
