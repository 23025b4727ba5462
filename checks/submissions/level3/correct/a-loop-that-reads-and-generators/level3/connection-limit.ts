import type { Socket } from 'node:net'
import { RequestError } from '../level2/errors.ts'
import { formatHead } from '../level2/response-writer.ts'
import { errorResponse } from './errors.ts'
import type { Log } from './log.ts'

export class ConnectionLimit<T extends object> implements Iterable<T> {
  readonly #most: number
  readonly #places = new Map<T, number>()
  #whenEmpty = Promise.withResolvers<void>()

  constructor(most: number) {
    this.#most = most || Infinity
    this.#whenEmpty.resolve()
  }

  get open(): number {
    return this.#places.size
  }

  get hasPlace(): boolean {
    return this.open < this.#most
  }

  admit(connection: T): boolean {
    if (!this.hasPlace) return false
    if (this.open === 0) this.#whenEmpty = Promise.withResolvers()
    this.#places.set(connection, performance.now())
    return true
  }

  release(connection: T): void {
    if (this.#places.delete(connection) && this.open === 0) this.#whenEmpty.resolve()
  }

  emptied(): Promise<void> {
    return this.#whenEmpty.promise
  }

  *[Symbol.iterator](): Generator<T> {
    yield* this.#places.keys()
  }
}

export function refuseConnection(socket: Socket, log: Log): void {
  const response = errorResponse(
    new RequestError('TOO_MANY_CONNECTIONS', { headers: { 'retry-after': '1' } }),
  )
  const content = String(response.content)
  socket.on('error', () => undefined)
  log.request({
    method: null,
    target: null,
    status: response.status,
    bytes: content.length,
    durationMs: 0,
    remoteAddress: socket.remoteAddress ?? null,
  })
  socket.end(formatHead(response, content.length, true) + content)
  const patience = new Patience(socket)
  socket.on('data', (bytes: Buffer) => patience.dropped(bytes.length))
}

/** With a client that has our FIN, and may still be sending. */
export class Patience {
  readonly #socket: Socket
  #left = 16 * 1024 * 1024

  constructor(socket: Socket, mostMs = 30_000) {
    this.#socket = socket
    const end = setTimeout(() => socket.destroy(), mostMs)
    socket.once('close', () => clearTimeout(end))
    socket.setTimeout(Math.min(2_000, mostMs), () => socket.destroy())
  }

  dropped(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) this.#socket.destroy()
  }
}
