/** Load in equal rounds, to see whether a server's memory settles (growth that stops is no leak). */
import { connect } from 'node:net'
import { Blocked } from '../../harness/expectation.ts'
import { whenSilent } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'

/** What one client does on a connection of its own. */
export interface Visit {
  readonly send: Uint8Array
  /**
   * `read`: waits for the answer and for FIN.
   * `end`: ends its direction after the last byte, then waits as `read` does.
   * `reset`: leaves with a reset as soon as the bytes are on their way.
   */
  readonly then: 'read' | 'end' | 'reset'
  /** The status code that must come; left out where any end of the connection will do. */
  readonly status?: number
}

export interface Load {
  /** A sentence about one round: what stands in the steps of a failure. */
  readonly says: string
  readonly visits: number
  /** How many clients are there at the same time. */
  readonly atATime: number
  readonly visit: (index: number) => Visit
}

const MEGABYTE = 1024 * 1024
const FLAT_BYTES = 12 * MEGABYTE
const MOST_ROUNDS = 12
/** Far beyond what a server of this level needs; the test itself must end. */
const LONGEST_MS = 90_000

/**
 * Repeats the load until two rounds in a row add less than 12 MB of anonymous memory each, or three less than that in all:
 * on a busy machine a heap that is collected late swings by more, but what leaks only ever grows.
 *
 * @throws {Expectation} when 12 rounds do not, or when a visit goes wrong
 * @throws {Blocked} where memory cannot be read
 */
export async function settles(server: Server, load: Load, why: string): Promise<void> {
  const sizes = [anonymousBytes(server)]
  const deadline = Date.now() + LONGEST_MS
  let flat = 0
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    server.transcript.note(0, `round ${round}: ${load.says}`)
    try {
      await playRound(server, load, deadline)
    } catch (error) {
      if (server.ended === undefined) throw error
      const { code, signal } = server.ended
      throw server.fails({
        expected: 'the server goes on, and its memory settles',
        received: `the server's process has ended (${signal ?? `exit code ${code}`}) in round ${round}; ${grown(sizes)}`,
        why,
      })
    }
    const size = anonymousBytes(server)
    flat = size - (sizes.at(-1) ?? 0) < FLAT_BYTES ? flat + 1 : 0
    sizes.push(size)
    const three = size - (sizes.at(-4) ?? -Infinity)
    if (flat === 2 || three < FLAT_BYTES) return
    if (Date.now() > deadline) throw tooSlow(`${round} rounds`)
  }
  throw server.fails({
    expected: `two rounds in a row that add less than 12 MB each, or three that add less than that in all, within ${MOST_ROUNDS} rounds`,
    received: `memory that goes on growing: ${grown(sizes)}`,
    why,
  })
}

function tooSlow(done: string): Blocked {
  return new Blocked(
    '1.4',
    `after ${LONGEST_MS / 1000} s only ${done} were done, too few to see whether the memory settles`,
  )
}

function grown(sizes: readonly number[]): string {
  const [first, ...later] = sizes.map((size) => Math.round(size / MEGABYTE))
  return `${first} MB before the first round, then ${later.join(', ')} MB`
}

function anonymousBytes(server: Server): number {
  const memory = server.memory()
  if (memory !== undefined) return memory.anonymous
  if (server.ended !== undefined) {
    throw server.fails({
      expected: 'the server goes on',
      received: "the server's process has ended",
    })
  }
  throw new Blocked(
    'system',
    'the memory of a process can be read on Linux only (RssAnon in /proc/<pid>/status)',
  )
}

async function playRound(
  server: Server,
  { visits, atATime, visit }: Load,
  deadline: number,
): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < visits) {
      if (Date.now() > deadline) throw tooSlow(`${next} of ${visits} connections of a round`)
      await pay(server, visit(next++))
    }
  }
  await Promise.all(Array.from({ length: atATime }, client))
}

async function pay(server: Server, visit: Visit): Promise<void> {
  const { beginning, problem } = await exchange(server, visit)
  const { status } = visit
  if (status === undefined) {
    if (problem !== 'ECONNREFUSED' && problem !== 'silence') return
  } else if (beginning.startsWith(`HTTP/1.1 ${status} `)) {
    return
  }
  const fate = await server.fate()
  throw server.fails({
    expected:
      status === undefined
        ? 'the end of the connection'
        : `status ${status} for every request of the round`,
    received:
      fate ?? (beginning === '' ? `no answer (${problem ?? 'FIN'})` : JSON.stringify(beginning)),
    why: 'a server that is asked by many clients answers each of them',
  })
}

/** A client that keeps nothing of the answer but its beginning. */
function exchange(
  { address }: Server,
  { send, then }: Visit,
): Promise<{ readonly beginning: string; readonly problem?: string }> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, allowHalfOpen: true })
    let beginning = ''
    let problem: string | undefined
    socket.on('error', (error: NodeJS.ErrnoException) => (problem = error.code ?? error.message))
    socket.on('data', (bytes: Buffer) => {
      if (beginning.length < 20) beginning += bytes.toString('latin1', 0, 20)
    })
    socket.once('end', () => socket.end())
    whenSilent(socket, PATIENCE_MS, () => {
      problem = 'silence'
      socket.destroy()
    })
    socket.once('close', () =>
      resolve({ beginning, ...(problem === undefined ? {} : { problem }) }),
    )
    socket.write(send, () => {
      if (then === 'reset') socket.resetAndDestroy()
      if (then === 'end') socket.end()
    })
  })
}
