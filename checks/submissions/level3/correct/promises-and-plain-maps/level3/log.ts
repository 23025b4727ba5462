/** The log: one JSON object a line, and nothing else. */
export interface RequestEntry {
  readonly method: string | null
  readonly target: string | null
  readonly status: number | null
  readonly bytes: number
  readonly durationMs: number
  readonly remoteAddress: string | null
  readonly aborted?: boolean
  readonly error?: string
}

export type Level = 'info' | 'warn' | 'error'

let count = 0
const run = Date.now().toString(36)

export class Log {
  readonly #write: ((line: string) => void) | undefined

  constructor(write: ((line: string) => void) | undefined) {
    this.#write = write
  }

  get isOn(): boolean {
    return this.#write !== undefined
  }

  event(level: Level, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#line({ time: new Date().toISOString(), level, message, ...details })
  }

  request(entry: RequestEntry): void {
    const { status } = entry
    const level = status === 500 ? 'error' : status === null || status >= 400 ? 'warn' : 'info'
    this.#line({ time: new Date().toISOString(), level, requestId: `${run}-${++count}`, ...entry })
  }

  #line(value: object): void {
    if (!this.#write) return
    const text = JSON.stringify(value).replace(
      /[\x00-\x1f\x7f-\x9f]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    this.#write(`${text}\n`)
  }
}
