/** The log: one JSON object a line, and nothing else. */
import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

/** A request and what became of it. `null` is what is not known. */
export interface RequestEntry {
  readonly method: string | null
  /** As it was received, with its query. */
  readonly target: string | null
  /** `null` when the client left before it was answered. */
  readonly status: number | null
  /** Of content that was sent; framing is not counted. */
  readonly bytes: number
  /** From the first moment at which the request was known to the end of its answer; of this request alone, not of its connection. */
  readonly durationMs: number
  readonly remoteAddress: string | null
  /** The client left before it had the whole answer. */
  readonly aborted?: boolean
  /** What the handler threw, with its stack. */
  readonly error?: string
}

export type Level = 'info' | 'warn' | 'error'

/** Writes log lines with `write`, LF included; without it, nothing is written. */
export class Log {
  readonly #write: ((line: string) => void) | undefined

  /** Given. */
  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write
  }

  /** Given. Whether lines are written at all. */
  get isOn(): boolean {
    return this.#write !== undefined
  }

  /** Something about the server as a whole: `time`, `level`, `message` and the details. */
  event(level: Level, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    if (this.#write !== undefined) this.#write(line({ ...details, message, level, time: now() }))
  }

  /** One request: `time`, `level`, a `requestId` of its own, and the entry. */
  request(entry: RequestEntry): void {
    if (this.#write === undefined) return
    number += 1
    const requestId = `${run}.${number.toString(36)}`
    this.#write(line({ requestId, level: levelOf(entry), time: now(), ...entry }))
  }
}

const run = randomBytes(4).toString('hex')
let number = 0

/** ISO 8601, with the offset written out. */
function now(): string {
  return new Date().toISOString().replace('Z', '+00:00')
}

/** Ours are errors, the client's are warnings; nobody's are for information. */
function levelOf({ status, error, aborted }: RequestEntry): Level {
  if (error !== undefined || status === 500) return 'error'
  if (status === null || aborted === true || status >= 400) return 'warn'
  return 'info'
}

/** JSON.stringify escapes what is below U+0020; a terminal obeys more than that. */
function line(fields: Readonly<Record<string, unknown>>): string {
  let json: string
  try {
    json = JSON.stringify(fields)
  } catch {
    const told = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : inspect(value),
    ])
    json = JSON.stringify(Object.fromEntries(told))
  }
  return `${json.replace(/[\x7f-\x9f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}\n`
}

/** What was thrown, for people who have to find out why. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack ?? thrown.message) : inspect(thrown)
  } catch {
    return 'Something was thrown that cannot be shown.'
  }
}
