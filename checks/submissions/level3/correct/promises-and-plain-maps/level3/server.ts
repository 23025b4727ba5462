import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { createFibonacciPool } from '../level2/app.ts'
import { createApp } from './app.ts'
import { ConnectionLimit, refuseConnection } from './connection-limit.ts'
import { Connection } from './connection.ts'
import { Log } from './log.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { Service } from './service.ts'
import type { Settings } from './settings.ts'
import { shutDown } from './shutdown.ts'

export interface ProductionServer {
  readonly server: Server
  shutDown(): Promise<0 | 1>
}

export function createServer(settings: Settings): ProductionServer {
  const pool = createFibonacciPool(settings.POOL_SIZE, settings.MAX_QUEUE)
  const connections = new ConnectionLimit<Connection>(settings.MAX_CONNECTIONS)
  const log = new Log(settings.LOG ? (line) => process.stderr.write(line) : undefined)
  const { RATE_LIMIT, RATE_WINDOW_MS } = settings
  let isDraining = false
  const service: Service = {
    settings,
    router: createApp({
      pool,
      health: () => ({ isDraining, connections: connections.open }),
      staticRoot: settings.STATIC_ROOT,
    }),
    rateLimiter:
      RATE_LIMIT > 0 && RATE_WINDOW_MS > 0
        ? new RateLimiter({ limit: RATE_LIMIT, windowMs: RATE_WINDOW_MS })
        : undefined,
    log,
  }
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (!connections.hasPlace) return refuseConnection(socket, log)
    const connection = new Connection(socket, service)
    connections.admit(connection)
    connection.start(() => connections.release(connection))
  })
  server.on('listening', () => {
    log.event('info', 'listening', { port: settings.PORT })
    server.on('error', (error) =>
      log.event('error', 'a connection could not be accepted', { error: String(error) }),
    )
  })
  return {
    server,
    shutDown: () => {
      isDraining = true
      return shutDown({ server, connections, log, timeoutMs: settings.SHUTDOWN_TIMEOUT_MS })
    },
  }
}
