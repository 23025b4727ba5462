import type { Server } from 'node:net'
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

export async function shutDown({
  server,
  connections,
  log,
  timeoutMs,
}: ShutdownParts): Promise<0 | 1> {
  server.close()
  log.event('info', 'shutting down', { connections: connections.open })
  for (const connection of [...connections]) connection.drain()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    if (timeoutMs > 0) timer = setTimeout(() => resolve('late'), timeoutMs)
  })
  const ended = await Promise.race([connections.emptied().then(() => 'ended' as const), late])
  clearTimeout(timer)
  if (ended === 'ended') {
    log.event('info', 'everything was finished')
    return 0
  }
  let cut = 0
  for (const connection of [...connections]) {
    cut += connection.requestsInFlight
    connection.destroy()
  }
  log.event(cut > 0 ? 'error' : 'info', 'the end came before everything was finished', {
    requestsCut: cut,
  })
  return cut > 0 ? 1 : 0
}
