/** A parser that reads like a description of a request: one generator, which yields when it has no more bytes. */
import { ChunkedDecoder } from './chunked.ts'
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

/** Yields a request when one is complete, and nothing when it wants more bytes. */
type Reading<T> = Generator<Request | undefined, T, void>

type Head = Omit<Request, 'content'> & { content: Buffer }

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([!-~]+) HTTP/([0-9])\\.([0-9])$`)
const FIELD_LINE = new RegExp(`^(${TOKEN}):(.*)$`, 's')
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?]*)([^?]*)(?:\?(.*))?$/i
const ORIGIN = /^()(\/[^?]*)(?:\?(.*))?$/
const HOST =
  /^(?:\[[0-9a-f:.]+\]|\[v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::[0-9]*)?$/i

export class RequestParser {
  error: RequestError | undefined
  state: 'idle' | 'head' | 'content' = 'idle'
  readonly #limits: ParserLimits
  readonly #hooks: ParserHooks
  readonly #reading: Reading<never>
  #unread: Buffer = Buffer.alloc(0)
  #at = 0
  #drops = false
  #ended = false

  constructor(limits: ParserLimits, hooks: ParserHooks = {}) {
    this.#limits = limits
    this.#hooks = hooks
    this.#reading = this.#requests()
  }

  push(bytes: Buffer, most = Infinity): Request[] {
    const requests: Request[] = []
    if (this.error !== undefined) return requests
    const left = this.#unread.subarray(this.#at)
    this.#unread = left.length === 0 ? bytes : Buffer.concat([left, bytes])
    this.#at = 0
    try {
      while (requests.length < most) {
        const { value } = this.#reading.next()
        if (value === undefined) {
          if (this.#ended) this.#incomplete()
          break
        }
        requests.push(value)
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      this.error = error
    }
    return requests
  }

  dropContent(): void {
    this.#drops = true
  }

  end(): void {
    this.#ended = true
    if (this.error === undefined && this.#at === this.#unread.length) this.#incomplete()
  }

  #incomplete(): void {
    if (this.state !== 'idle') this.error = new RequestError('INCOMPLETE_REQUEST')
  }

  *#requests(): Reading<never> {
    for (;;) {
      const request = yield* this.#head()
      const content = yield* this.#content(request)
      if (!this.#drops) request.content = content
      this.#drops = false
      this.state = 'idle'
      yield request
    }
  }

  *#head(): Reading<Head> {
    const first = yield* this.#requestLine()
    const headers = new Map<string, string>()
    const fields = yield* this.#fields()
    for (const [name, value] of fields) {
      const before = headers.get(name)
      headers.set(name, before === undefined ? value : `${before}, ${value}`)
    }
    const hosts = fields.filter(([name]) => name === 'host')
    if (hosts.length > 1 || (hosts.length === 0 && first.version === 'HTTP/1.1'))
      fail('INVALID_HOST')
    for (const [, host] of hosts) if (!HOST.test(host)) fail('INVALID_HOST')
    if (fields.filter(([name]) => name === 'content-length').length > 1)
      fail('INVALID_CONTENT_LENGTH')
    if (first.authority !== undefined) headers.set('host', first.authority)
    const { method, target, path, query, version } = first
    return { method, target, path, query, version, headers, content: Buffer.alloc(0) }
  }

  *#requestLine(): Reading<
    Pick<Request, 'method' | 'target' | 'path' | 'query' | 'version'> & { authority?: string }
  > {
    let line = '\r\n'
    while (line === '\r\n') {
      this.state = 'idle'
      line = yield* this.#line(this.#limits.maxRequestLineBytes, 'REQUEST_LINE_TOO_LONG')
    }
    if (!line.endsWith('\r\n')) fail('INVALID_REQUEST_LINE')
    const [, method = '', target = '', major, minor] = REQUEST_LINE.exec(line.slice(0, -2)) ?? []
    if (major === undefined) fail('INVALID_REQUEST_LINE')
    const version = minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1'
    const whole = { method, target, path: target, query: '', version } as const
    const known = method === 'CONNECT' || (method === 'OPTIONS' && target === '*')
    const forms = ORIGIN.exec(target) ?? ABSOLUTE.exec(target)
    if (!known && (forms === null || target.includes('#'))) fail('INVALID_TARGET')
    if (major !== '1') fail('UNSUPPORTED_VERSION')
    if (known || forms === null) return whole
    const [, authority = '', path = '', query = ''] = forms
    return { ...whole, path: path || '/', query, ...(target.startsWith('/') ? {} : { authority }) }
  }

  *#fields(): Reading<[name: string, value: string][]> {
    this.state = 'head'
    let left = this.#limits.maxHeaderBytes
    const lines: string[] = []
    for (;;) {
      if (left < 2) fail('FIELD_SECTION_TOO_LARGE')
      // No byte but the LF may come after these.
      const line = yield* this.#section(left - 1)
      left -= line.length
      lines.push(line)
      if (line === '\r\n' || line === '\n') break
    }
    if (!lines.every((line) => line.endsWith('\r\n'))) fail('INVALID_FIELD_LINE')
    return lines.slice(0, -1).map((line) => {
      const [, name, value = ''] = FIELD_LINE.exec(line.slice(0, -2)) ?? []
      if (name === undefined || /[\r\n\0]/.test(value)) return fail('INVALID_FIELD_LINE')
      return [name.toLowerCase(), trim(value)]
    })
  }

  *#content(request: Head): Reading<Buffer> {
    const coding = request.headers.get('transfer-encoding')
    const length = request.headers.get('content-length')
    if (coding !== undefined) {
      if (length !== undefined) fail('AMBIGUOUS_LENGTH')
      const names = coding.toLowerCase().split(',').map(trim).filter(Boolean)
      const chunked = names.indexOf('chunked')
      if (names.length === 0 || request.version === 'HTTP/1.0') fail('INVALID_TRANSFER_ENCODING')
      if (chunked !== -1 && chunked !== names.length - 1) fail('INVALID_TRANSFER_ENCODING')
      if (names.length > 1 || chunked === -1) fail('UNKNOWN_TRANSFER_CODING')
      this.#announce(request, undefined)
      return yield* this.#chunks()
    }
    if (length !== undefined && !/^[0-9]+$/.test(length)) fail('INVALID_CONTENT_LENGTH')
    const size = BigInt(length ?? 0)
    this.#announce(request, Number(size))
    if (size > BigInt(this.#limits.maxContentBytes)) fail('CONTENT_TOO_LARGE')
    const content = new Growing()
    for (let left = Number(size); left > 0;) {
      const piece = this.#unread.subarray(this.#at, this.#at + left)
      this.#at += piece.length
      left -= piece.length
      if (!this.#drops) content.add(piece)
      if (left > 0) yield undefined
    }
    return content.taken
  }

  #announce(request: Request, length: number | undefined): void {
    this.state = 'content'
    this.#hooks.onHead?.(request, length)
  }

  *#chunks(): Reading<Buffer> {
    const content = new Growing()
    const decoder = new ChunkedDecoder(this.#limits, (piece) => {
      if (!this.#drops) content.add(piece)
    })
    for (;;) {
      this.#at = decoder.push(this.#unread, this.#at)
      if (decoder.done) return content.taken
      yield undefined
    }
  }

  /** A line with its LF, of which `most` bytes and a CR may come before the LF. */
  *#line(most: number, tooLong: FaultCode): Reading<string> {
    let last = ''
    for (let line = ''; ;) {
      const [piece, ended] = this.#piece()
      line += piece
      if (line !== '' && line !== '\r' && line !== '\r\n') this.state = 'head'
      const tail = (last + piece).slice(-2)
      last = piece === '' ? last : piece.slice(-1)
      const length = line.length - (/\r?\n$|\r$/.exec(tail)?.[0].length ?? 0)
      if (length > most) fail(tooLong)
      if (ended) return line
      yield undefined
    }
  }

  /** A line of a section in which so many bytes may come before the LF. */
  *#section(most: number): Reading<string> {
    for (let line = ''; ;) {
      const [piece, ended] = this.#piece()
      line += piece
      if (line.length - (ended ? 1 : 0) > most) fail('FIELD_SECTION_TOO_LARGE')
      if (ended) return line
      yield undefined
    }
  }

  #piece(): [text: string, ended: boolean] {
    const end = this.#unread.indexOf(10, this.#at)
    const stop = end === -1 ? this.#unread.length : end + 1
    const text = this.#unread.toString('latin1', this.#at, stop)
    this.#at = stop
    return [text, end !== -1]
  }
}

/** Bytes that come piece by piece, in a buffer that doubles. */
class Growing {
  #buffer = Buffer.alloc(0)
  #length = 0

  add(piece: Buffer): void {
    const wanted = this.#length + piece.length
    if (wanted > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    piece.copy(this.#buffer, this.#length)
    this.#length = wanted
  }

  get taken(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }
}

/** Without the white space around it, in one pass. */
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start++
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(start, end)
}

function fail(code: FaultCode): never {
  throw new RequestError(code)
}
