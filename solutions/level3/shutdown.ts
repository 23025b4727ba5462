/** The end of a server: nothing new begins, and what has begun is finished. */
import type { Server } from 'node:net'
import type { ConnectionLimit } from './connection-limit.ts'
import type { Log } from './log.ts'

/** What can be asked to come to an end. */
export interface Drainable {
  /** Requests that have begun, were it with one byte, and are not answered to the end. */
  readonly requestsInFlight: number
  /** Finishes what has begun, then closes, as the last answer says (RFC 9112 §9.6); at once when nothing has. */
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

/** Ends the server, and resolves with the exit code: 0 when everything was finished, 1 when something was cut. */
export async function shutDown(parts: ShutdownParts): Promise<0 | 1> {
  const { server, connections, log, timeoutMs } = parts
  log.event('info', 'draining', { connections: connections.open })

  // The listening socket first: from here on there are only fewer connections.
  server.close()
  for (const connection of connections) connection.drain()

  let patience: NodeJS.Timeout | undefined
  const isOverdue = await new Promise<boolean>((resolve) => {
    void connections.emptied().then(() => resolve(false))
    if (timeoutMs > 0) patience = setTimeout(() => resolve(true), timeoutMs)
  })
  clearTimeout(patience)
  const requests = isOverdue ? cut(connections) : 0
  // Each of them is logged when its socket has closed.
  if (isOverdue) await connections.emptied()
  if (requests === 0) {
    log.event('info', 'stopped')
    return 0
  }
  log.event('error', `stopped by force: ${requests} requests were cut`, { requests })
  return 1
}

/** Destroys all connections; returns how many requests that ends before their time. */
function cut(connections: Iterable<Drainable>): number {
  let requests = 0
  for (const connection of [...connections]) {
    requests += connection.requestsInFlight
    connection.destroy()
  }
  return requests
}
