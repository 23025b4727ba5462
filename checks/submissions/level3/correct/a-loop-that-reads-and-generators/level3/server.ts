import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { createFibonacciPool } from '../level2/app.ts'
import { createApp } from './app.ts'
import { ConnectionLimit, refuseConnection } from './connection-limit.ts'
import { Connection } from './connection.ts'
import { Log } from './log.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { Settings } from './settings.ts'
import { shutDown } from './shutdown.ts'

export interface ProductionServer {
  readonly server: Server
  shutDown(): Promise<0 | 1>
}

export function createServer(settings: Settings): ProductionServer {
  const { RATE_LIMIT: limit, RATE_WINDOW_MS: windowMs, LOG, STATIC_ROOT: staticRoot } = settings
  const log = new Log(LOG ? (line) => process.stderr.write(line) : undefined)
  const pool = createFibonacciPool(settings.POOL_SIZE, settings.MAX_QUEUE)
  const connections = new ConnectionLimit<Connection>(settings.MAX_CONNECTIONS)
  let isDraining = false
  const health = () => ({ isDraining, connections: connections.open })
  const service = {
    settings,
    log,
    router: createApp({ pool, health, staticRoot }),
    rateLimiter: limit * windowMs > 0 ? new RateLimiter({ limit, windowMs }) : undefined,
  }
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true })
  server.on('connection', (socket) => {
    const connection = new Connection(socket, service)
    if (connections.admit(connection)) connection.start(() => connections.release(connection))
    else refuseConnection(socket, log)
  })
  server.once('listening', () => {
    log.event('info', 'listens', { address: server.address() })
    server.on('error', ({ message }) => log.event('error', message))
  })
  return {
    server,
    async shutDown() {
      isDraining = true
      return await shutDown({ server, connections, log, timeoutMs: settings.SHUTDOWN_TIMEOUT_MS })
    },
  }
}
