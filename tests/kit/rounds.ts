/** Load in equal rounds, to see whether a server's memory settles (growth that stops is no leak). */
import { connect } from 'node:net'
import { Blocked } from '../../harness/expectation.ts'
import { whenSilent } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'
import { anonymousBytes } from './memory-stands.ts'

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
export const MOST_ROUNDS = 12
/** Far beyond what a server of this level needs; the test itself must end. */
const LONGEST_MS = 90_000

/**
 * A server's memory, round after round. It has settled when two rounds in a row add less than 12 MB each, or three less
 * than that in all. Where memory only grows, as by a leak, the one says what the other says; a heap that is collected
 * late, on a busy machine, swings up and down by more than 12 MB, and goes nowhere.
 */
export class Sizes {
  static readonly wanted = `two rounds in a row that add less than 12 MB each, or three that add less than that in all, within ${MOST_ROUNDS} rounds`
  readonly #sizes: number[] = []

  add(bytes: number): void {
    this.#sizes.push(bytes)
  }

  get haveSettled(): boolean {
    const [last = 0, second = -Infinity, third = -Infinity, fourth = -Infinity] =
      this.#sizes.toReversed()
    const areFlat = last - second < FLAT_BYTES && second - third < FLAT_BYTES
    return areFlat || last - fourth < FLAT_BYTES
  }

  inWords(): string {
    return `${this.#sizes.map((size) => Math.round(size / MEGABYTE)).join(', ')} MB`
  }
}

/**
 * Repeats the load until memory has settled.
 *
 * @throws {Expectation} when 12 rounds do not, or when a visit goes wrong
 * @throws {Blocked} where memory cannot be read
 */
export async function settles(server: Server, load: Load, why: string): Promise<void> {
  const sizes = new Sizes()
  sizes.add(anonymousBytes(server))
  const deadline = Date.now() + LONGEST_MS
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    server.transcript.note(0, `round ${round}: ${load.says}`)
    try {
      await playRound(server, load, deadline)
    } catch (error) {
      if (server.ended === undefined) throw error
      const { code, signal } = server.ended
      throw server.fails({
        expected: 'the server goes on, and its memory settles',
        received: `the server's process has ended (${signal ?? `exit code ${code}`}) in round ${round}; before the first round and after each it had ${sizes.inWords()}`,
        why,
      })
    }
    sizes.add(anonymousBytes(server))
    if (sizes.haveSettled) return
    if (Date.now() > deadline) throw tooSlow(`${round} rounds`)
  }
  throw server.fails({
    expected: Sizes.wanted,
    received: `memory that goes on growing, before the first round and after each: ${sizes.inWords()}`,
    why,
  })
}

function tooSlow(done: string): Blocked {
  return new Blocked(
    '1.4',
    `after ${LONGEST_MS / 1000} s only ${done} were done, too few to see whether the memory settles`,
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
