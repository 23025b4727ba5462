/** The server of level 3: what all connections share, and the life of the whole. */
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createFibonacciPool } from '../level2/app.ts'
import { createApp } from './app.ts'
import { Connection } from './connection.ts'
import { ConnectionLimit, refuseConnection } from './connection-limit.ts'
import { tuneEngine } from './engine.ts'
import { Log } from './log.ts'
import { RateLimiter } from './rate-limiter.ts'
import { withSharedReads } from './read-buffer.ts'
import { readTime } from './read-time.ts'
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
  const log = new Log(settings.LOG ? (line) => void process.stderr.write(line) : undefined)
  const pool = createFibonacciPool(settings.POOL_SIZE, settings.MAX_QUEUE)
  const connections = new ConnectionLimit<Connection>(settings.MAX_CONNECTIONS)
  let isDraining = false

  const service: Service = {
    settings,
    router: createApp({
      pool,
      health: () => ({ isDraining, connections: connections.open }),
      staticRoot: settings.STATIC_ROOT,
    }),
    rateLimiter: rateLimiterOf(settings),
    log,
  }
  // allowHalfOpen: a client that has sent its FIN still gets its answers.
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    accept(socket, connections, service),
  )
  // Out of file descriptors, for example: whoever is connected must not notice.
  server.on('error', (error) => {
    if (server.listening) log.event('error', `accept failed: ${error.message}`)
  })
  server.on('listening', () => {
    log.event('info', 'listening', { ...(server.address() as AddressInfo) })
    tuneEngine()
  })
  const clock = watch(connections, settings)

  return {
    server,
    async shutDown() {
      isDraining = true
      const exitCode = await shutDown({
        server,
        connections,
        log,
        timeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
      })
      clearInterval(clock)
      void pool.close()
      return exitCode
    },
  }
}

function accept(socket: Socket, connections: ConnectionLimit<Connection>, service: Service): void {
  if (!connections.hasPlace) return refuseConnection(socket, service.log)

  const connection = new Connection(withSharedReads(socket), service)
  connections.admit(connection)
  connection.start(() => connections.release(connection))
}

function rateLimiterOf({ RATE_LIMIT, RATE_WINDOW_MS }: Settings): RateLimiter | undefined {
  if (RATE_LIMIT === 0 || RATE_WINDOW_MS === 0) return undefined
  return new RateLimiter({ limit: RATE_LIMIT, windowMs: RATE_WINDOW_MS, now: readTime })
}

/** One clock for all connections: a timer for each of them would have to be moved with each request. */
function watch(connections: Iterable<Connection>, settings: Settings): NodeJS.Timeout {
  const { KEEP_ALIVE_TIMEOUT_MS, HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS } = settings
  const timeouts = [KEEP_ALIVE_TIMEOUT_MS, HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS].filter(
    (ms) => ms > 0,
  )
  const periodMs = Math.min(250, Math.max(10, Math.min(...timeouts) / 10))
  const look = () => {
    const now = performance.now()
    for (const connection of connections) connection.lookAtClock(now)
  }
  return setInterval(look, periodMs).unref()
}
