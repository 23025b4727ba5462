import { Blocked } from '../../harness/expectation.ts'
import type { Server } from '../../harness/server.ts'
import { serves } from './holds.ts'

const MEGABYTE = 1024 * 1024
/** Other requests between two looks: time in which a server that reads on would read on. */
const REQUESTS = 40
const MOST_LOOKS = 25

/**
 * Brings a server into a state in which it must wait, and looks at its memory until that stands still.
 *
 * @param most - bytes that may come on top
 * @throws {Expectation} when more come
 */
export async function memoryStands(
  server: Server,
  most: number,
  begin: () => Promise<unknown>,
): Promise<void> {
  for (let request = 0; request < REQUESTS; request++) await serves(server)
  const before = anonymousBytes(server)
  await begin()
  let last = anonymousBytes(server)
  for (let look = 0; look < MOST_LOOKS; look++) {
    for (let request = 0; request < REQUESTS; request++) await serves(server)
    const now = anonymousBytes(server)
    if (now - before > most) {
      throw server.fails({
        expected: `at most ${Math.round(most / MEGABYTE)} MB more memory, however long the client waits`,
        received: `${Math.round((now - before) / MEGABYTE)} MB more`,
        why: 'read on only when the client has taken what was written: backpressure (task 2.7)',
      })
    }
    if (now - last < MEGABYTE) return
    last = now
  }
}

/** The memory that the server's process has for itself. */
export function anonymousBytes(server: Server): number {
  const memory = server.memory()
  if (memory !== undefined) return memory.anonymous
  if (server.ended !== undefined) {
    throw server.fails({
      expected: 'the server goes on',
      received: "the server's process has ended",
    })
  }
  throw new Blocked('system', 'the memory of a process can be read on Linux only')
}
