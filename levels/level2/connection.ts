/** One client: reads its request, has it answered, and closes. */
import type { Socket } from 'node:net'
import type { Route } from './app.ts'
import type { Client } from './http.ts'
import { NotImplementedError } from './not-implemented.ts'
import type { Router } from './router.ts'
import type { Settings } from './settings.ts'

/**
 * Serves one request of one client.
 *
 * It is `reading` until the request is complete or refused, `answering` until the kernel has the whole
 * answer, and `closing` until the client has closed too. A client is waited for in each phase, but never
 * without end.
 */
export class Connection implements Client {
  constructor(_socket: Socket, _app: Router<Route>, _settings: Settings) {
    // TODO(2.3): Keep them, and make the parser of this connection. This does not throw yet: `start` does.
  }

  get remoteAddress(): string | undefined {
    throw new NotImplementedError('2.3', 'Connection.remoteAddress')
  }

  /** Aborted when the socket has closed. */
  get gone(): AbortSignal {
    throw new NotImplementedError('2.3', 'Connection.gone')
  }

  /** Listens to the socket, and starts to be patient. */
  start(): void {
    // TODO(2.3): 'data', 'end', 'error', 'close': what does each of them mean in each of the three phases?
    throw new NotImplementedError('2.3', 'Connection.start')
  }
}
