/** How many connections may be open at once. */
import type { Socket } from 'node:net'
import { NotImplementedError } from '../level2/not-implemented.ts'
import type { Log } from './log.ts'

/**
 * Gives places to connections, and takes them back.
 *
 * A place belongs to the connection that has it: giving it back twice gives back one.
 */
export class ConnectionLimit<T extends object> implements Iterable<T> {
  /** `most` 0: no limit. */
  constructor(_most: number) {
    // TODO(3.7): Decide what is kept: a number, or who is there? This does not throw yet: the methods do.
  }

  /** Connections that have a place. */
  get open(): number {
    throw new NotImplementedError('3.7', 'ConnectionLimit.open')
  }

  /** Whether one more would be admitted. */
  get hasPlace(): boolean {
    throw new NotImplementedError('3.7', 'ConnectionLimit.hasPlace')
  }

  /** Gives `connection` a place; `false` when there is none. To ask and to take is one step. */
  admit(_connection: T): boolean {
    throw new NotImplementedError('3.7', 'ConnectionLimit.admit')
  }

  /** Takes the place of `connection` back, if it has one. */
  release(_connection: T): void {
    throw new NotImplementedError('3.7', 'ConnectionLimit.release')
  }

  /** Resolves when no connection is open. */
  emptied(): Promise<void> {
    throw new NotImplementedError('3.7', 'ConnectionLimit.emptied')
  }

  /** The connections that have a place. */
  [Symbol.iterator](): Iterator<T> {
    throw new NotImplementedError('3.7', 'ConnectionLimit[Symbol.iterator]')
  }
}

/**
 * Answers 503 with `Retry-After` at once, whatever the client is about to ask, and closes.
 * The answer reaches also a client that is already sending.
 */
export function refuseConnection(_socket: Socket, _log: Log): void {
  // TODO(3.7): Remember what level 1 taught about closing while bytes are unread.
  throw new NotImplementedError('3.7', 'refuseConnection')
}
