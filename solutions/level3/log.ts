/** The log: one JSON object a line, and nothing else. */

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
  /** What the handler threw, or its content, with its stack. */
  readonly error?: string
}

export type Level = 'info' | 'warn' | 'error'

/** Writes log lines with `write`; without it, nothing is written. */
export class Log {
  readonly #write: ((line: string) => void) | undefined
  /** Other than that of the run before: two runs may write into one file. */
  readonly #run = Math.random().toString(36).slice(2, 8)
  #requests = 0

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write
  }

  get isOn(): boolean {
    return this.#write !== undefined
  }

  /** Something about the server as a whole. */
  event(level: Level, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#line({ time: now(), level, message, ...details })
  }

  /**
   * One request, on the level of its status: `error` for 500, `warn` from 400 on, otherwise `info`. Content that fails
   * after the status has left does not change that: the entry's `error` tells.
   */
  request(entry: RequestEntry): void {
    const requestId = `${this.#run}-${++this.#requests}`
    this.#line({ time: now(), level: levelOf(entry.status), requestId, ...entry })
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    this.#write?.(`${escapeControls(JSON.stringify(fields))}\n`)
  }
}

function levelOf(status: number | null): Level {
  if (status === 500) return 'error'
  return status !== null && status >= 400 ? 'warn' : 'info'
}

function now(): string {
  return new Date().toISOString()
}

/** JSON leaves DEL and the controls after it as they are; some terminals obey them (Unicode category Cc). */
function escapeControls(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
