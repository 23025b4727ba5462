/** One client: its requests come in, their answers go out, until one of us has had enough. */
import type { Socket } from 'node:net'
import type { Client } from '../level2/http.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'
import type { Service } from './service.ts'
import type { Drainable } from './shutdown.ts'

/**
 * Serves the requests of one client, one connection long.
 *
 * It waits for one thing at a time: the next request, the rest of one, itself (a handler, or the client to read
 * its answers), or, after our FIN, for the client's. Write down first which timer belongs to which of them,
 * and what a FIN, a reset and a signal mean in each.
 *
 * Nothing of one request may be seen by the next: what belongs to a request is kept with the request.
 */
export class Connection implements Client, Drainable {
  constructor(_socket: Socket, _service: Service) {
    // TODO(3.1): Make the parser; `onHead` is where a request is refused before its content is read.
    // TODO(3.2): Make the pipeline: it says when a handler may start and when an answer may leave.
    // TODO(3.8): Call `take` of the rate limiter where the header section ends: in `onHead`, before the router is asked.
    // This does not throw yet: `start` does.
  }

  get remoteAddress(): string | undefined {
    throw new NotImplementedError('3.1', 'Connection.remoteAddress')
  }

  /** Aborted when the socket has closed. */
  get gone(): AbortSignal {
    throw new NotImplementedError('3.1', 'Connection.gone')
  }

  /** Requests that have begun, were it with one byte, and are not answered to the end. */
  get requestsInFlight(): number {
    throw new NotImplementedError('3.9', 'Connection.requestsInFlight')
  }

  /** Listens to the socket. `onClose` is called once, however the connection ends. */
  start(_onClose: () => void): void {
    // TODO(3.1): Read one request, answer it, and ask yourself whether there may be another one.
    // RFC 9112 §9.3 (persistence), §9.6 (tear-down), §9.5 (time-outs).
    throw new NotImplementedError('3.1', 'Connection.start')
  }

  /** Finishes the requests that have begun, then closes; at once when none has. */
  drain(): void {
    // TODO(3.9): The last answer says close; an idle client gets FIN and no answer.
    throw new NotImplementedError('3.9', 'Connection.drain')
  }

  /** Closes now, whatever is under way. */
  destroy(): void {
    throw new NotImplementedError('3.9', 'Connection.destroy')
  }
}
