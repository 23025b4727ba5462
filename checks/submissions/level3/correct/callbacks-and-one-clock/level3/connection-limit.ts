/** How many connections may be open at once. */
import type { Socket } from 'node:net'
import { RequestError } from '../level2/errors.ts'
import { formatHead } from './answer.ts'
import { errorResponse } from './errors.ts'
import type { Log } from './log.ts'
import { alarm } from './wheel.ts'

/**
 * Gives places to connections, and takes them back.
 *
 * A place belongs to the connection that has it: giving it back twice gives back one.
 */
export class ConnectionLimit<T extends object> implements Iterable<T> {
  readonly #most: number
  readonly #places = new Set<T>()
  #waiting: (() => void)[] = []

  /** `most` 0: no limit. */
  constructor(most: number) {
    this.#most = most === 0 ? Infinity : most
  }

  /** Connections that have a place. */
  get open(): number {
    return this.#places.size
  }

  /** Whether one more would be admitted. */
  get hasPlace(): boolean {
    return this.#places.size < this.#most
  }

  /** Gives `connection` a place; `false` when there is none. To ask and to take is one step. */
  admit(connection: T): boolean {
    if (this.#places.has(connection)) return true
    if (!this.hasPlace) return false
    this.#places.add(connection)
    return true
  }

  /** Takes the place of `connection` back, if it has one. */
  release(connection: T): void {
    if (!this.#places.delete(connection) || this.#places.size > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  /** Resolves when no connection is open. */
  emptied(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#places.size === 0) resolve()
      else this.#waiting.push(resolve)
    })
  }

  /** The connections that have a place. */
  [Symbol.iterator](): Iterator<T> {
    return this.#places.values()
  }
}

/** Refused clients that may be waited for at once; those above are answered and let go. */
const MOST_REFUSED = 4096
let refused = 0

/**
 * Answers 503 with `Retry-After` at once, whatever the client is about to ask, and closes.
 * The answer reaches also a client that is already sending.
 */
export function refuseConnection(socket: Socket, log: Log): void {
  const since = performance.now()
  const remoteAddress = socket.remoteAddress ?? null
  const response = errorResponse(
    new RequestError('TOO_MANY_CONNECTIONS', { headers: { 'Retry-After': '1' } }),
  )
  const content = Buffer.from(response.content as string)
  const patience = alarm(() => socket.destroy())
  const limit = alarm(() => socket.destroy())
  let swallowed = 0
  let isToldOf = false
  const tell = (aborted: boolean) => {
    if (isToldOf) return
    isToldOf = true
    log.request({
      method: null,
      target: null,
      status: response.status,
      bytes: aborted ? 0 : content.length,
      durationMs: performance.now() - since,
      remoteAddress,
      ...(aborted && { aborted }),
    })
  }
  refused += 1
  patience.set(2_000)
  limit.set(30_000)
  socket
    .on('error', () => {})
    .on('data', (bytes: Buffer) => {
      swallowed += bytes.length
      patience.set(2_000)
      if (swallowed > 16 * 1024 * 1024) socket.destroy()
    })
    .on('close', () => {
      refused -= 1
      patience.clear()
      limit.clear()
      tell(true)
    })
  socket.cork()
  socket.write(formatHead(response.status, response.headers, content.length, 'Close'), 'latin1')
  socket.end(content, () => {
    tell(socket.errored !== null)
    if (refused > MOST_REFUSED) socket.destroy()
  })
}
