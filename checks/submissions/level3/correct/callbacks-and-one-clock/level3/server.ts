/**
 * The server of level 3: what all connections share, and the life of the whole.
 */
import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { createFibonacciPool } from '../level2/app.ts'
import { createApp } from './app.ts'
import { Connection } from './connection.ts'
import { ConnectionLimit, refuseConnection } from './connection-limit.ts'
import { Log } from './log.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { Service } from './service.ts'
import type { Settings } from './settings.ts'
import { shutDown } from './shutdown.ts'

/** A server and the way to end it. */
export interface ProductionServer {
  /** Does not listen yet. */
  readonly server: Server
  /** Finishes what has begun; resolves with the exit code. */
  shutDown(): Promise<0 | 1>
}

/** Builds the server of level 3. */
export function createServer(settings: Settings): ProductionServer {
  const pool = createFibonacciPool(settings.POOL_SIZE, settings.MAX_QUEUE)
  const connections = new ConnectionLimit<Connection>(settings.MAX_CONNECTIONS)
  const log = new Log(settings.LOG ? (line) => process.stderr.write(line) : undefined)
  // A log that nobody reads any more is no reason to end.
  if (settings.LOG) process.stderr.on('error', () => {})
  let isDraining = false
  const service: Service = {
    settings,
    router: createApp({
      pool,
      health: () => ({ isDraining, connections: connections.open }),
      staticRoot: settings.STATIC_ROOT,
    }),
    rateLimiter:
      settings.RATE_LIMIT > 0 && settings.RATE_WINDOW_MS > 0
        ? new RateLimiter({ limit: settings.RATE_LIMIT, windowMs: settings.RATE_WINDOW_MS })
        : undefined,
    log,
  }
  // allowHalfOpen: a client that has sent its FIN still gets its answers.
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true })
  let lastComplaint = 0
  server
    .on('listening', () => log.event('info', 'listening', { address: server.address() }))
    .on('connection', (socket) => {
      const connection = new Connection(socket, service)
      if (!connections.admit(connection)) {
        refuseConnection(socket, log)
        return
      }
      connection.start(() => connections.release(connection))
      if (isDraining) connection.drain()
    })
    // Out of descriptors: whoever is connected stays, and later ones are served again.
    .on('error', (error) => {
      const now = performance.now()
      if (!server.listening || now - lastComplaint < 1000) return
      lastComplaint = now
      log.event('warn', 'a connection could not be accepted', { error: error.message })
    })
  return {
    server,
    shutDown: () => {
      isDraining = true
      return shutDown({ server, connections, log, timeoutMs: settings.SHUTDOWN_TIMEOUT_MS }).then(
        (exitCode) => {
          void pool.close()
          return exitCode
        },
      )
    },
  }
}
