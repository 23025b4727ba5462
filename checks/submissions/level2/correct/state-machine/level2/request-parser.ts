/** One big state machine: each byte of a head meets one `case`. Chunks are states like any others. */
import { RequestError, type FaultCode } from './errors.ts'
import type { Request } from './http.ts'

export interface ParserLimits {
  readonly maxRequestLineBytes: number
  readonly maxHeaderBytes: number
  readonly maxContentBytes: number
}

export interface ParserHooks {
  onHead?(request: Request, contentLength: number | undefined): void
}

const [HTAB, LF, CR, SP, COLON] = [9, 10, 13, 32, 58]

type State =
  | 'start'
  | 'start-cr'
  | 'line'
  | 'name'
  | 'value'
  | 'skip'
  | 'length'
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer'

const isToken = new Array<boolean>(256).fill(false)
for (const byte of Buffer.from(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
))
  isToken[byte] = true

const HOST =
  /^(?:\[[0-9a-f:.]+\]|\[v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::[0-9]*)?$/i

export class RequestParser {
  error: RequestError | undefined
  readonly #limits: ParserLimits
  readonly #hooks: ParserHooks
  #state: State = 'start'
  #left: Buffer = Buffer.alloc(0)
  #ended = false

  // What the states keep.
  #text = ''
  #last = 0
  #count = 0
  #lineBytes = 0
  #bad: FaultCode | undefined
  #name = ''
  #fields: [name: string, value: string][] = []
  #request: { -readonly [Key in keyof Request]: Request[Key] } = empty()
  #authority: string | undefined
  #drops = false
  #pieces: Buffer[] = []
  #small = ''
  #room = 0
  #toCome = 0
  #digits = 0
  #size = 0n

  constructor(limits: ParserLimits, hooks: ParserHooks = {}) {
    this.#limits = limits
    this.#hooks = hooks
  }

  get state(): 'idle' | 'head' | 'content' {
    switch (this.#state) {
      case 'start':
      case 'start-cr':
        return 'idle'
      case 'line':
      case 'name':
      case 'value':
      case 'skip':
        return 'head'
      default:
        return 'content'
    }
  }

  push(bytes: Buffer, most = Infinity): Request[] {
    const found: Request[] = []
    if (this.error !== undefined) return found
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes])
    let at = 0
    try {
      while (at < all.length && found.length < most) at = this.#step(all, at, found)
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      this.error = error
    }
    this.#left = all.subarray(at)
    if (this.#ended) this.end()
    return found
  }

  dropContent(): void {
    this.#drops = true
  }

  end(): void {
    this.#ended = true
    if (this.error !== undefined || this.#left.length > 0 || this.state === 'idle') return
    this.error = new RequestError('INCOMPLETE_REQUEST')
  }

  /** Takes at least one byte. */
  #step(bytes: Buffer, at: number, found: Request[]): number {
    const byte = bytes[at] ?? 0
    switch (this.#state) {
      case 'start':
        if (byte === CR) this.#state = 'start-cr'
        else return this.#beginLine('', bytes, at)
        return at + 1

      case 'start-cr':
        if (byte === LF) this.#state = 'start'
        else return this.#beginLine('\r', bytes, at)
        return at + 1

      case 'line': {
        const end = bytes.indexOf(LF, at)
        const stop = end === -1 ? bytes.length : end
        if (stop > at) {
          this.#last = bytes[stop - 1] ?? 0
          this.#text += bytes.toString('latin1', at, stop)
        }
        const length = this.#text.length - (this.#last === CR ? 1 : 0)
        if (length > this.#limits.maxRequestLineBytes) fail('REQUEST_LINE_TOO_LONG')
        if (end === -1) return stop
        if (this.#last !== CR) fail('INVALID_REQUEST_LINE')
        this.#readRequestLine(this.#text.slice(0, -1))
        this.#beginFields()
        return end + 1
      }

      case 'name':
        this.#countHeader(byte)
        if (byte === LF) return this.#endOfFieldLine(at, found)
        if (byte === COLON && this.#lineBytes > 1) {
          this.#state = 'value'
          this.#name = this.#text.toLowerCase()
          this.#text = ''
        } else if (isToken[byte] === true) this.#text += String.fromCharCode(byte)
        else if (byte !== CR || this.#lineBytes > 1) {
          this.#bad ??= 'INVALID_FIELD_LINE'
          this.#state = 'skip'
        }
        this.#last = byte
        return at + 1

      case 'value': {
        // Runs of visible characters are taken at once.
        let stop = at
        while (stop < bytes.length && isVisible(bytes[stop] ?? 0)) stop++
        if (stop > at) {
          this.#countHeader(bytes[stop - 1] ?? 0, stop - at)
          this.#text += bytes.toString('latin1', at, stop)
          if (this.#last === CR) this.#bad ??= 'INVALID_FIELD_LINE'
          this.#last = SP
          return stop
        }
        this.#countHeader(byte)
        if (byte === LF) return this.#endOfFieldLine(at, found)
        if (byte === 0 || this.#last === CR) this.#bad ??= 'INVALID_FIELD_LINE'
        if (byte !== CR) this.#text += String.fromCharCode(byte)
        this.#last = byte
        return at + 1
      }

      case 'skip':
        this.#countHeader(byte)
        if (byte === LF) return this.#endOfFieldLine(at, found)
        this.#last = byte
        return at + 1

      case 'length':
        return this.#takeContent(bytes, at, () => this.#finish(found))

      case 'size': {
        const digit = Number.parseInt(String.fromCharCode(byte), 16)
        if (Number.isNaN(digit)) {
          if (this.#count === 0) fail('INVALID_CHUNK')
          this.#state = byte === CR ? 'size-lf' : 'extension'
          // White space may come before an extension, and nowhere else.
          this.#bad = byte === SP || byte === HTAB ? 'INVALID_CHUNK' : undefined
          if (byte !== CR && byte !== 59 && this.#bad === undefined) fail('INVALID_CHUNK')
        } else {
          if (this.#size > 0n || digit > 0) this.#digits++
          if (this.#digits > 16) fail('INVALID_CHUNK')
          this.#size = this.#size * 16n + BigInt(digit)
        }
        if (byte !== CR && ++this.#count > 4096) fail('INVALID_CHUNK')
        return at + 1
      }

      case 'extension':
        if (byte === LF) fail('INVALID_CHUNK')
        if (this.#bad !== undefined && byte === 59) this.#bad = undefined
        else if (this.#bad !== undefined && byte !== SP && byte !== HTAB) fail('INVALID_CHUNK')
        if (byte === CR) this.#state = 'size-lf'
        else if (++this.#count > 4096) fail('INVALID_CHUNK')
        return at + 1

      case 'size-lf':
        if (byte !== LF) fail('INVALID_CHUNK')
        if (this.#size > BigInt(this.#room)) fail('CONTENT_TOO_LARGE')
        this.#toCome = Number(this.#size)
        this.#room -= this.#toCome
        if (this.#toCome > 0) this.#state = 'data'
        else this.#beginTrailers()
        return at + 1

      case 'data':
        return this.#takeContent(bytes, at, () => (this.#state = 'data-cr'))

      case 'data-cr':
        if (byte !== CR) fail('INVALID_CHUNK')
        this.#state = 'data-lf'
        return at + 1

      case 'data-lf':
        if (byte !== LF) fail('INVALID_CHUNK')
        this.#beginChunk()
        return at + 1

      case 'trailer': {
        this.#text += String.fromCharCode(byte)
        const isEnd = this.#text === '\r\n'
        if (++this.#count + (isEnd ? 0 : 1) > this.#limits.maxHeaderBytes)
          fail('FIELD_SECTION_TOO_LARGE')
        if (isEnd) this.#finish(found)
        else if (byte === LF) {
          if (!/^[!#$%&'*+.^_`|~0-9a-z-]+:[^\r\n\0]*\r\n$/i.test(this.#text))
            fail('INVALID_FIELD_LINE')
          this.#text = ''
        }
        return at + 1
      }
    }
  }

  #beginLine(before: string, _bytes: Buffer, at: number): number {
    this.#state = 'line'
    this.#text = before
    this.#last = before === '' ? 0 : CR
    return at
  }

  #readRequestLine(line: string): void {
    const parts = line.split(' ')
    const [method = '', target = '', version = ''] = parts
    const [, major, minor] = /^HTTP\/([0-9])\.([0-9])$/.exec(version) ?? []
    if (parts.length !== 3 || major === undefined || method === '') fail('INVALID_REQUEST_LINE')
    if (![...Buffer.from(method, 'latin1')].every((byte) => isToken[byte]))
      fail('INVALID_REQUEST_LINE')
    let [path, query] = [target, '']
    this.#authority = undefined
    if (method !== 'CONNECT' && !(method === 'OPTIONS' && target === '*')) {
      if (!/^[!-~]+$/.test(target) || target.includes('#')) fail('INVALID_TARGET')
      if (!target.startsWith('/')) {
        const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(target)?.[0] ?? fail('INVALID_TARGET')
        const rest = target.slice(scheme.length)
        const end = rest.search(/[/?]/)
        this.#authority = end === -1 ? rest : rest.slice(0, end)
        path = end === -1 ? '' : rest.slice(end)
      }
      const mark = path.indexOf('?')
      if (mark !== -1) [path, query] = [path.slice(0, mark), path.slice(mark + 1)]
    }
    if (major !== '1') fail('UNSUPPORTED_VERSION')
    const minorVersion = minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1'
    this.#request = { ...empty(), method, target, path: path || '/', query, version: minorVersion }
  }

  #beginFields(): void {
    this.#fields = []
    this.#count = 0
    this.#bad = undefined
    this.#beginFieldLine()
    if (this.#limits.maxHeaderBytes === 0) fail('FIELD_SECTION_TOO_LARGE')
  }

  #beginFieldLine(): void {
    this.#state = 'name'
    this.#text = ''
    this.#lineBytes = 0
    this.#last = 0
  }

  #countHeader(byte: number, times = 1): void {
    this.#count += times
    this.#lineBytes += times
    // The empty line has two bytes, or one if the client forgot CR; nothing else may be the last byte that fits.
    const most = this.#limits.maxHeaderBytes
    const isEnd =
      byte === LF && (this.#lineBytes === 1 || (this.#lineBytes === 2 && this.#last === CR))
    if (this.#count > most || (this.#count === most && !isEnd)) fail('FIELD_SECTION_TOO_LARGE')
  }

  #endOfFieldLine(at: number, found: Request[]): number {
    const isClean = this.#last === CR
    if (!isClean) this.#bad ??= 'INVALID_FIELD_LINE'
    const isEmpty = this.#lineBytes === 1 || (this.#lineBytes === 2 && isClean)
    if (!isEmpty) {
      if (this.#state === 'value') this.#fields.push([this.#name, trim(this.#text)])
      else this.#bad ??= 'INVALID_FIELD_LINE'
      this.#beginFieldLine()
      return at + 1
    }
    if (this.#bad !== undefined) fail(this.#bad)
    this.#endOfHead(found)
    return at + 1
  }

  #endOfHead(found: Request[]): void {
    const headers = new Map<string, string>()
    for (const [name, value] of this.#fields) {
      const other = headers.get(name)
      headers.set(name, other === undefined ? value : `${other}, ${value}`)
    }
    const times = (wanted: string) => this.#fields.filter(([name]) => name === wanted).length
    const host = headers.get('host')
    if (times('host') > 1 || (host === undefined && this.#request.version === 'HTTP/1.1'))
      fail('INVALID_HOST')
    if (host !== undefined && !HOST.test(host)) fail('INVALID_HOST')
    if (this.#authority !== undefined) headers.set('host', this.#authority)
    this.#request.headers = headers
    this.#fields = []
    this.#pieces = []
    this.#small = ''
    this.#drops = false

    const length = headers.get('content-length')
    const coding = headers.get('transfer-encoding')
    if (length !== undefined && (times('content-length') > 1 || !/^[0-9]+$/.test(length)))
      fail('INVALID_CONTENT_LENGTH')
    if (coding !== undefined) {
      if (length !== undefined) fail('AMBIGUOUS_LENGTH')
      this.#checkCoding(coding)
      this.#state = 'size'
      this.#hooks.onHead?.(this.#request, undefined)
      this.#room = this.#limits.maxContentBytes
      return this.#beginChunk()
    }
    const size = BigInt(length ?? '0')
    this.#state = 'length'
    this.#hooks.onHead?.(this.#request, Number(size))
    if (size > BigInt(this.#limits.maxContentBytes)) fail('CONTENT_TOO_LARGE')
    this.#toCome = Number(size)
    if (size === 0n) this.#finish(found)
  }

  #checkCoding(coding: string): void {
    if (this.#request.version === 'HTTP/1.0') fail('INVALID_TRANSFER_ENCODING')
    const members = coding.split(',').map((member) => trim(member).toLowerCase())
    const names = members.filter((member) => member !== '')
    if (names.length === 0) fail('INVALID_TRANSFER_ENCODING')
    if (names.slice(0, -1).includes('chunked')) fail('INVALID_TRANSFER_ENCODING')
    if (names.length !== 1 || names[0] !== 'chunked') fail('UNKNOWN_TRANSFER_CODING')
  }

  #beginChunk(): void {
    this.#state = 'size'
    this.#size = 0n
    this.#digits = 0
    this.#count = 0
  }

  #beginTrailers(): void {
    this.#state = 'trailer'
    this.#text = ''
    this.#count = 0
  }

  #takeContent(bytes: Buffer, at: number, done: () => void): number {
    const stop = Math.min(bytes.length, at + this.#toCome)
    if (!this.#drops) this.#keep(bytes.subarray(at, stop))
    this.#toCome -= stop - at
    if (this.#toCome === 0) done()
    return stop
  }

  /** Tiny pieces become text first: a million buffers of one byte would be a hundred megabytes. */
  #keep(piece: Buffer): void {
    if (piece.length < 64) {
      this.#small += piece.toString('latin1')
      if (this.#small.length < 65_536) return
    }
    if (this.#small !== '') this.#pieces.push(Buffer.from(this.#small, 'latin1'))
    this.#small = ''
    if (piece.length >= 64) this.#pieces.push(piece)
  }

  #finish(found: Request[]): void {
    if (this.#small !== '') this.#pieces.push(Buffer.from(this.#small, 'latin1'))
    this.#small = ''
    this.#request.content = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#state = 'start'
    found.push(this.#request)
  }
}

function empty(): Request {
  const none = { method: '', target: '', path: '', query: '', version: 'HTTP/1.1' } as const
  return { ...none, headers: new Map(), content: Buffer.alloc(0) }
}

function isVisible(byte: number): boolean {
  return byte > SP && byte !== 127
}

function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (text[start] === ' ' || text[start] === '\t') start++
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(start, end)
}

function fail(code: FaultCode): never {
  throw new RequestError(code)
}
