/** The log: one JSON object a line, and nothing else. */
import { NotImplementedError } from '../level2/not-implemented.ts'

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
  event(_level: Level, _message: string, _details: Readonly<Record<string, unknown>> = {}): void {
    // TODO(3.6): Make one line of it. What does JSON.stringify leave as it is that a terminal obeys?
    throw new NotImplementedError('3.6', 'Log.event')
  }

  /** One request: `time`, `level`, a `requestId` of its own, and the entry. */
  request(_entry: RequestEntry): void {
    // TODO(3.6): Choose the level by whose fault it was.
    throw new NotImplementedError('3.6', 'Log.request')
  }
}
