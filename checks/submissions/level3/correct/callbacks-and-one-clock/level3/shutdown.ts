/** The end of a server: nothing new begins, and what has begun is finished. */
import type { Server } from 'node:net'
import type { ConnectionLimit } from './connection-limit.ts'
import type { Log } from './log.ts'
import { alarm } from './wheel.ts'

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
export function shutDown({ server, connections, log, timeoutMs }: ShutdownParts): Promise<0 | 1> {
  return new Promise((resolve) => {
    const underWay = () =>
      [...connections].reduce((sum, { requestsInFlight }) => sum + requestsInFlight, 0)
    log.event('info', 'shutting down', { connections: connections.open, requests: underWay() })
    let isOver = false
    const end = (exitCode: 0 | 1) => {
      if (isOver) return
      isOver = true
      patience.clear()
      log.event('info', 'stopped', { exitCode })
      resolve(exitCode)
    }
    const patience = alarm(() => {
      const requests = underWay()
      if (requests > 0)
        log.event('error', `${requests} requests were cut`, {
          requests,
          connections: connections.open,
        })
      for (const connection of [...connections]) connection.destroy()
      end(requests > 0 ? 1 : 0)
    })
    patience.set(timeoutMs)
    // New clients are refused by the kernel before anybody is told to finish.
    server.close()
    for (const connection of [...connections]) connection.drain()
    void connections.emptied().then(() => end(0))
  })
}
