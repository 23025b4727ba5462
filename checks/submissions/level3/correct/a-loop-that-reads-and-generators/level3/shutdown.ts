import type { Server } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectionLimit } from './connection-limit.ts'
import type { Log } from './log.ts'

export interface Drainable {
  readonly requestsInFlight: number
  drain(): void
  destroy(): void
}

export interface ShutdownParts {
  readonly server: Server
  readonly connections: ConnectionLimit<Drainable>
  readonly log: Log
  readonly timeoutMs: number
}

export async function shutDown(parts: ShutdownParts): Promise<0 | 1> {
  const { server, connections, log, timeoutMs } = parts
  log.event('info', 'shutdown begins')
  server.close()
  for (const connection of Array.from(connections)) connection.drain()
  const over = new AbortController()
  const patience = timeoutMs === 0 ? 2 ** 31 - 1 : timeoutMs
  await Promise.race([
    connections.emptied(),
    delay(patience, undefined, { signal: over.signal }).catch(() => undefined),
  ])
  over.abort()
  const left = Array.from(connections)
  const cut = left.reduce((sum, { requestsInFlight }) => sum + requestsInFlight, 0)
  for (const connection of left) connection.destroy()
  if (cut > 0) log.event('error', `${cut} requests were cut off`, { requests: cut })
  log.event('info', 'shutdown is over')
  return cut > 0 ? 1 : 0
}
