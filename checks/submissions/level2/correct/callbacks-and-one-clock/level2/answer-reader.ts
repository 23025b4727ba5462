/** Finds where an answer ends (RFC 9112 §6.3), however its bytes are cut: one state, one reader. */
import { Chain } from '../level1/chain.ts'
import { trimmed } from '../level1/server.ts'

const LF = 10
/** A head, or a line of a chunk, that is longer than this is none. */
const MAX_LINE_BYTES = 65_536
const MAX_HEAD_BYTES = 1_048_576
const BEGINNING = Buffer.from('HTTP/1.')

type State =
  | 'status'
  | 'fields'
  | 'fixed'
  | 'size'
  | 'data'
  | 'dataEnd'
  | 'trailer'
  | 'toClose'
  | 'complete'
  | 'broken'

export class AnswerReader {
  status = 0
  keepsOpen = false
  readonly #method: string
  #state: State = 'status'
  readonly #line = new Chain()
  #headBytes = 0
  #minor = 1
  #fields = new Map<string, string>()
  #left = 0

  readonly #lineIs: Partial<Readonly<Record<State, (line: string) => State>>> = {
    status: (line) => this.#statusLine(line),
    fields: (line) => this.#fieldLine(line),
    size: (line) => this.#sizeLine(line),
    dataEnd: (line) => (line === '' ? 'size' : 'broken'),
    trailer: (line) => (line === '' ? 'complete' : 'trailer'),
  }

  constructor(method: string) {
    this.#method = method
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  get isBroken(): boolean {
    return this.#state === 'broken'
  }

  get endsByClose(): boolean {
    return this.#state === 'toClose'
  }

  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.#state !== 'broken') {
      if (this.#state === 'complete') {
        // More than was announced: what follows belongs to no request of ours.
        this.keepsOpen = false
        return
      }
      if (this.#state === 'toClose') return
      if (this.#state === 'fixed' || this.#state === 'data') {
        const n = Math.min(this.#left, bytes.length - at)
        this.#left -= n
        at += n
        if (this.#left === 0) this.#state = this.#state === 'fixed' ? 'complete' : 'dataEnd'
      } else at = this.#readLine(bytes, at)
    }
  }

  #readLine(bytes: Buffer, at: number): number {
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf + 1
    this.#line.append(bytes, at, end)
    if (this.#state !== 'size' && this.#state !== 'dataEnd') this.#headBytes += end - at
    if (this.#line.length > MAX_LINE_BYTES || this.#headBytes > MAX_HEAD_BYTES)
      this.#state = 'broken'
    else if (lf < 0) {
      if (this.#state === 'status') this.#looksLikeHttp()
    } else {
      const raw = this.#line.take().toString('latin1')
      const line = raw.slice(0, raw.endsWith('\r\n') ? -2 : -1)
      this.#state = this.#lineIs[this.#state]?.(line) ?? 'broken'
    }
    return end
  }

  /** Of a line that has not ended: whoever sends something else may never end it. */
  #looksLikeHttp(): void {
    const begun = this.#line.take()
    const n = Math.min(begun.length, BEGINNING.length)
    if (!begun.subarray(0, n).equals(BEGINNING.subarray(0, n))) this.#state = 'broken'
    else this.#line.append(begun, 0, begun.length)
  }

  #statusLine(line: string): State {
    const parts = /^HTTP\/1\.([0-9]) ([1-9][0-9][0-9])(?: .*)?$/.exec(line)
    if (parts === null) return 'broken'
    this.#minor = Number(parts[1])
    this.status = Number(parts[2])
    this.#fields = new Map()
    return 'fields'
  }

  #fieldLine(line: string): State {
    if (line === '') return this.#headIsThere()
    const colon = line.indexOf(':')
    if (colon < 1) return 'broken'
    const name = line.slice(0, colon).toLowerCase()
    const value = trimmed(line, colon + 1)
    const earlier = this.#fields.get(name)
    this.#fields.set(name, earlier === undefined ? value : `${earlier},${value}`)
    return 'fields'
  }

  #headIsThere(): State {
    if (this.status < 200) return 'status'
    const options = list(this.#fields.get('connection'))
    this.keepsOpen =
      !options.includes('close') && (this.#minor > 0 || options.includes('keep-alive'))
    if (this.#method === 'HEAD' || this.status === 204 || this.status === 304) return 'complete'
    const codings = list(this.#fields.get('transfer-encoding'))
    if (codings.length > 0) return codings.at(-1) === 'chunked' ? 'size' : this.#toClose()
    const lengths = list(this.#fields.get('content-length'))
    const [length] = lengths
    if (length === undefined) return this.#toClose()
    if (!/^[0-9]+$/.test(length) || lengths.some((other) => other !== length)) return 'broken'
    this.#left = Number(length)
    return this.#left === 0 ? 'complete' : 'fixed'
  }

  #toClose(): State {
    this.keepsOpen = false
    return 'toClose'
  }

  #sizeLine(line: string): State {
    const digits = /^[0-9A-Fa-f]+(?=[ \t]*(?:;|$))/.exec(line)?.[0]
    if (digits === undefined) return 'broken'
    this.#left = Number.parseInt(digits, 16)
    return this.#left === 0 ? 'trailer' : 'data'
  }
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .toLowerCase()
    .split(',')
    .map((member) => trimmed(member, 0))
    .filter((member) => member !== '')
}
