/** Given. The server of level 2: one application, and a connection for each client. */
import { createServer as createTcpServer, type Server } from 'node:net'
import { createApp, createFibonacciPool } from './app.ts'
import { Connection } from './connection.ts'
import type { Settings } from './settings.ts'

/** A server that does not listen yet. */
export function createServer(settings: Settings): Server {
  const pool = createFibonacciPool(settings.POOL_SIZE, settings.MAX_QUEUE)
  const app = createApp(pool)
  // allowHalfOpen: a client that has sent its FIN still gets its answer.
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    new Connection(socket, app, settings).start()
  })
  return server.on('close', () => void pool.close())
}
