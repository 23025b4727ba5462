import { randomUUID } from 'node:crypto'

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

const escapes = new Map(
  [...Array(0xa0).keys()]
    .filter((code) => code < 0x20 || code > 0x7e)
    .map((code) => [String.fromCharCode(code), `\\u00${code.toString(16).padStart(2, '0')}`]),
)

function levelOf({ status, aborted }: RequestEntry): Level {
  if (status === 500) return 'error'
  return aborted === true || status === null || status > 399 ? 'warn' : 'info'
}

export class Log {
  readonly isOn: boolean
  readonly #put: (fields: object) => void

  constructor(write: ((line: string) => void) | undefined) {
    this.isOn = write !== undefined
    this.#put = (fields) => {
      const text = JSON.stringify({ time: new Date().toISOString(), ...fields })
      write?.(`${[...text].map((character) => escapes.get(character) ?? character).join('')}\n`)
    }
  }

  event(level: Level, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#put({ ...details, level, message })
  }

  request(entry: RequestEntry): void {
    this.#put({ level: levelOf(entry), requestId: randomUUID(), ...entry })
  }
}
