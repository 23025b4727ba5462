/** How many connections may be open at once. */
import type { Socket } from 'node:net'
import { tearDown } from '../level1/tear-down.ts'
import { RequestError } from '../level2/errors.ts'
import { errorResponse } from './errors.ts'
import type { Log } from './log.ts'
import { formatHead } from './response-head.ts'

/** When a refused client may hope for a place (RFC 9110 §10.2.3). */
const RETRY_AFTER_SECONDS = '1'

/** Most refused clients that are seen off properly at once: a crowd must not use up what the limit protects. */
const MOST_REFUSALS = 1_000
let refusals = 0

/**
 * Gives places to connections, and takes them back.
 *
 * A place belongs to the connection that has it: giving it back twice gives back one.
 */
export class ConnectionLimit<T extends object> implements Iterable<T> {
  readonly #most: number
  readonly #open = new Set<T>()
  #whenEmpty: (() => void)[] = []

  /** `most` 0: no limit. */
  constructor(most: number) {
    this.#most = most
  }

  get open(): number {
    return this.#open.size
  }

  get hasPlace(): boolean {
    return this.#most === 0 || this.#open.size < this.#most
  }

  /** Gives `connection` a place; `false` when there is none. To ask and to take is one step. */
  admit(connection: T): boolean {
    if (!this.hasPlace) return false
    this.#open.add(connection)
    return true
  }

  /** Takes the place of `connection` back, if it has one. */
  release(connection: T): void {
    if (!this.#open.delete(connection) || this.#open.size > 0) return
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** Resolves when no connection is open. */
  emptied(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#open[Symbol.iterator]()
  }
}

/** Answers 503 (RFC 9110 §15.6.4) at once, whatever the client is about to ask, and closes; the answer reaches also one that is already sending. */
export function refuseConnection(socket: Socket, log: Log): void {
  socket.on('error', () => {})
  const isSeenOff = refusals < MOST_REFUSALS
  refusals++
  socket.once('close', () => refusals--)

  const { status, headers, content } = errorResponse(
    new RequestError('TOO_MANY_CONNECTIONS', { headers: { 'Retry-After': RETRY_AFTER_SECONDS } }),
  )
  const text = typeof content === 'string' ? content : ''
  const head = formatHead(status, headers ?? {}, '', {
    length: text.length,
    connection: 'close',
  })
  const { remoteAddress = null } = socket
  log.request({
    method: null,
    target: null,
    status,
    bytes: text.length,
    durationMs: 0,
    remoteAddress,
  })
  if (isSeenOff) return tearDown(socket, Buffer.from(head + text, 'latin1'))
  socket.end(head + text, 'latin1', () => socket.destroy())
}
