import { patienceEnds } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'

/**
 * Asks a server to end, and checks that it does, with exit code 0.
 *
 * Its output is complete afterwards.
 */
export async function ends(
  server: Server,
  signal: 'SIGTERM' | 'SIGINT',
  why: string,
): Promise<void> {
  server.signal(signal)
  const exit = await Promise.race([server.exit, patienceEnds(PATIENCE_MS)])
  if (exit?.code === 0) return
  throw server.fails({
    expected: `exit code 0 after ${signal}`,
    received:
      exit === undefined
        ? `nothing for ${PATIENCE_MS / 1000} s: the process goes on`
        : exit.signal === null
          ? `exit code ${exit.code}`
          : `an end by ${exit.signal}, which nothing handled`,
    why,
  })
}
