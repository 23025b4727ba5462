/**
 * The server of level 3: what all connections share, and the life of the whole.
 *
 * It runs as soon as a connection does (task 3.1). Each of the later tasks has its place in here.
 */
import { createServer as createTcpServer } from 'node:net'
import type { Server } from 'node:net'
import { createFibonacciPool } from '../level2/app.ts'
import { createApp } from './app.ts'
import { Connection } from './connection.ts'
import { Log } from './log.ts'
import type { Service } from './service.ts'
import type { Settings } from './settings.ts'

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
  const service: Service = {
    settings,
    router: createApp({
      pool,
      // TODO(3.3): Say what is true: count the connections that are open. Until then, 0 lets you try healthHandler.
      health: () => ({ isDraining: false, connections: 0 }),
      staticRoot: settings.STATIC_ROOT,
    }),
    // TODO(3.8): Put the rate limiter here, unless it is switched off.
    rateLimiter: undefined,
    // TODO(3.6): Let it write to stderr when LOG is on, and say here that the server listens.
    log: new Log(undefined),
  }
  // allowHalfOpen: a client that has sent its FIN still gets its answers.
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    // TODO(3.7): Ask for a place first, and see to it that it comes back.
    new Connection(socket, service).start(() => {})
  })
  return {
    server,
    // TODO(3.9): Finish what has begun. Until then everything is cut, as in level 2.
    shutDown: () => Promise.resolve(0),
  }
}
