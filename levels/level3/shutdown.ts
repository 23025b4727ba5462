/** The end of a server: nothing new begins, and what has begun is finished. */
import type { Server } from 'node:net'
import { NotImplementedError } from '../level2/not-implemented.ts'
import type { ConnectionLimit } from './connection-limit.ts'
import type { Log } from './log.ts'

/** What can be asked to come to an end. */
export interface Drainable {
  /** Requests that have begun, were it with one byte, and are not answered to the end. */
  readonly requestsInFlight: number
  /** Finishes what has begun, then closes; at once when nothing has. */
  drain(): void
  /** Closes now, whatever is under way. */
  destroy(): void
}

/** What ends together. */
export interface ShutdownParts {
  readonly server: Server
  readonly connections: ConnectionLimit<Drainable>
  readonly log: Log
  /** After so long what is left is cut; 0: it never is. */
  readonly timeoutMs: number
}

/**
 * Ends the server, and resolves with the exit code: 0 when everything was finished, 1 when something was cut.
 * A log line says when it begins, one when it is over; when something was cut, one of level `error` says how many requests.
 */
export function shutDown(_parts: ShutdownParts): Promise<0 | 1> {
  // TODO(3.9): Put in order: the listening socket, the idle connections, the busy ones, the patience.
  throw new NotImplementedError('3.9', 'shutDown')
}
