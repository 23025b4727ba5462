/** A conversation with a server, step by step, as a failure shows it. */
import { literal, printfArgument, toBuffer, type Bytes } from './bytes.ts'

interface Step {
  /** 0 for the first connection. */
  readonly client: number
  readonly text: () => string
}

const HEAD_BYTES = 360
const TAIL_BYTES = 40
const REPEATABLE_BYTES = 600

export class Transcript {
  readonly #steps: Step[] = []
  #clients = 0
  #receiving: Received | undefined
  /** What the first client sent, write by write: what a line to repeat it is made from. */
  readonly #sent: Buffer[] = []
  #oneByOne = false
  /** How the first client ended its direction. */
  #ended: 'FIN' | 'reset' | undefined
  /** Settings other than the usual ones, as they stand before a command in a shell. */
  settings = ''

  /** Begins a connection's part, and returns its number. */
  connected(to: string): number {
    const client = this.#clients++
    this.note(client, `connect to ${to}`)
    return client
  }

  sent(client: number, bytes: Bytes, how = ''): void {
    const shown = literal(bytes)
    if (client === 0) this.#sent.push(toBuffer(bytes).subarray(0, REPEATABLE_BYTES + 1))
    this.note(client, `send ${how}${shown}`)
  }

  /** Bytes that are sent each in a write of its own. */
  sentOneByOne(client: number, bytes: Bytes): void {
    if (client === 0) this.#oneByOne = true
    this.sent(client, bytes, 'one byte a write: ')
  }

  /** The client ends its direction, or the whole connection. */
  ended(client: number, how: 'FIN' | 'reset'): void {
    if (client === 0) this.#ended = how
    this.note(
      client,
      how === 'FIN' ? 'end the sending direction (FIN)' : 'reset the connection (RST)',
    )
  }

  /** Bytes that arrive in several reads, with nothing between them, are one step. */
  received(client: number, bytes: Buffer): void {
    if (this.#receiving?.client !== client) {
      const receiving = new Received(client)
      this.#steps.push({ client, text: () => receiving.text() })
      this.#receiving = receiving
    }
    this.#receiving.take(bytes)
  }

  note(client: number, text: string): void {
    this.#receiving = undefined
    this.#steps.push({ client, text: () => text })
  }

  /** The steps as lines; clients are told apart when there is more than one. */
  lines(): string[] {
    const lines = this.#steps.map(({ client, text }) =>
      this.#clients > 1 && client >= 0 ? `client ${client + 1}: ${text()}` : text(),
    )
    const started = this.settings === '' ? [] : [`start the server with ${this.settings}`]
    return folded([...started, ...lines])
  }

  /** A line for a shell that sends what the only client sent; none when it would be too long to read. */
  repeatLine(): string | undefined {
    const bytes = this.#sent.reduce((sum, { length }) => sum + length, 0)
    const writes = this.#sent.length
    if (this.#clients !== 1 || writes === 0 || writes > 4 || bytes > REPEATABLE_BYTES)
      return undefined
    if (this.#ended === 'reset' || (this.#oneByOne && writes > 1)) return undefined
    const prints = this.#sent.map((part) => `printf '${printfArgument(part)}'`)
    const all = writes === 1 ? prints.join('') : `(${prints.join('; sleep 1; ')})`
    return `${all} | ${this.#sender()}`
  }

  /** Each kind of `nc` ends its direction in a way of its own, or not at all, and none sends byte by byte. */
  #sender(): string {
    const options = [
      ...(this.#oneByOne ? ['--one-by-one'] : []),
      ...(this.#ended === 'FIN' ? ['--end'] : []),
    ]
    return options.length === 0
      ? 'nc 127.0.0.1 8080'
      : `npm run --silent send -- ${options.join(' ')}`
  }
}

/** Received bytes, of which the middle of a long stretch is only counted. */
class Received {
  readonly client: number
  #head = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  #count = 0

  constructor(client: number) {
    this.client = client
  }

  take(bytes: Buffer): void {
    this.#count += bytes.length
    const room = HEAD_BYTES - this.#head.length
    if (room > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)])
    const rest = bytes.subarray(Math.max(0, room))
    if (rest.length > 0)
      this.#tail = Buffer.concat([this.#tail, rest.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
  }

  text(): string {
    const between = this.#count - this.#head.length - this.#tail.length
    if (between === 0) return `receive ${literal(Buffer.concat([this.#head, this.#tail]))}`
    return `receive ${literal(this.#head).slice(0, -1)}…${literal(this.#tail).slice(1)} (${this.#count} bytes in all)`
  }
}

/** Equal steps in a row are one, with their number. */
function folded(lines: readonly string[]): string[] {
  const runs: { line: string; times: number }[] = []
  for (const line of lines) {
    const last = runs.at(-1)
    if (last?.line === line) last.times++
    else runs.push({ line, times: 1 })
  }
  return runs.map(({ line, times }) => (times === 1 ? line : `${line} (${times} times)`))
}
