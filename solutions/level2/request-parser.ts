/** The bytes of one connection, split into requests. */
import { ByteBuffer } from './byte-buffer.ts'
import { CR } from './bytes.ts'
import { ChunkedDecoder } from './chunked.ts'
import { RequestError } from './errors.ts'
import { HeadReader } from './head-reader.ts'
import { parseHeaderSection } from './header-section.ts'
import type { HeaderSection } from './header-section.ts'
import type { Request } from './http.ts'
import { LastPart } from './last-part.ts'
import { parseRequestLine } from './request-line.ts'
import type { RequestLine } from './request-line.ts'

/** How much of a request is taken in. Exactly the limit passes. */
export interface ParserLimits {
  /** The request line, its CRLF not counted. */
  readonly maxRequestLineBytes: number
  /** From the first field name to the end of the empty line; the same again for a trailer section. */
  readonly maxHeaderBytes: number
  /** The content, framing not counted. */
  readonly maxContentBytes: number
}

/** Lets the owner of a parser have a say before content is read. */
export interface ParserHooks {
  /**
   * Called as soon as a header section is complete and without fault, before any content is looked at.
   * `contentLength` is what is to come: 0 for nothing, `undefined` when it is not known beforehand (chunked).
   *
   * The request is the very object that `push` will return; its content is still empty.
   * A `RequestError` thrown in here ends the parsing as a fault of the request would.
   */
  onHead?(request: Request, contentLength: number | undefined): void
}

/** A request that is being read. */
type Draft = { -readonly [Name in keyof Request]: Request[Name] }

const CRLF_BYTES = 2
const NO_CONTENT = Buffer.alloc(0)

/**
 * Splits the bytes of one connection into requests.
 *
 * A read can hold part of a request, exactly one, or several. Whatever is incomplete is kept for the next call,
 * and however the bytes are cut, the same requests and the same fault come out. The work is in proportion to
 * the bytes, also when they come one by one: nothing is looked at twice.
 *
 * Faults are found in this order: 414, 400 of the request line, 505, 431, 400 of the field lines and the framing,
 * 501 of the transfer coding; then `onHead` is called; then 413 and the faults of the content.
 */
export class RequestParser {
  readonly #limits: ParserLimits
  readonly #hooks: ParserHooks
  readonly #reader = new HeadReader()
  readonly #lastLine = new LastPart<RequestLine>()
  readonly #lastSection = new LastPart<HeaderSection>()
  #error: RequestError | undefined
  #ended = false

  /** Pushed and not read yet: of `#bytes`, what lies from `#at` on; then the rest. */
  #bytes: Buffer | undefined
  #at = 0
  readonly #rest: Buffer[] = []
  /** Some of them are in a buffer that is not ours. */
  #borrows = false

  /** What the next byte belongs to. */
  #part: 'request line' | 'header section' | 'content' = 'request line'
  #requestLine: RequestLine | undefined
  #request: Draft | undefined
  #dropping = false
  /** Bytes of content that are still to come; chunks say so themselves. */
  #left = 0
  #chunks: ChunkedDecoder | undefined
  readonly #content = new ByteBuffer()

  constructor(limits: ParserLimits, hooks: ParserHooks = {}) {
    this.#limits = limits
    this.#hooks = hooks
  }

  /** The first fault. From then on `push` returns nothing. */
  get error(): RequestError | undefined {
    return this.#error
  }

  /** `idle`: nothing of the next request has come; `head`: up to the end of its header section; `content`: after it. */
  get state(): 'idle' | 'head' | 'content' {
    if (this.#part === 'content') return 'content'
    // Half of an empty line is no more of a request than a whole one.
    const isIdle = this.#part === 'request line' && this.#reader.hasOnly(CR)
    return isIdle && this.#bytes === undefined ? 'idle' : 'head'
  }

  /** The request line of the request that is being read, once it is complete and without fault. */
  get requestLine(): RequestLine | undefined {
    return this.#requestLine
  }

  /**
   * Takes the next bytes read from the socket and returns the requests they complete, in order, at most `most`.
   * Bytes that come after those are kept unread: `push(empty, most)` goes on with them.
   *
   * Never throws for bad bytes: they end in `error`, and requests completed before them are returned.
   *
   * RFC 9112 §2.2 (parsing), §3 (request line and target), §5 (field lines), §6 (framing).
   */
  push(bytes: Buffer, most: number = Infinity): Request[] {
    this.add(bytes)
    const requests: Request[] = []
    while (requests.length < most) {
      const request = this.next()
      if (request === undefined) break
      requests.push(request)
    }
    return requests
  }

  /** Takes the next bytes read from the socket; `next` reads them. With it, the two do what `push` does, request by request. */
  add(bytes: Buffer): void {
    if (bytes.length === 0 || this.#error !== undefined) return
    this.#borrows = true
    if (this.#bytes === undefined) this.#bytes = bytes
    else this.#rest.push(bytes)
  }

  /** Copies what `next` has not looked at yet: the bytes that were added may be overwritten from now on. */
  keepUnread(): void {
    if (this.#bytes === undefined || !this.#borrows) return
    this.#borrows = false
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#rest.splice(0)])
    this.#at = 0
  }

  /** Returns the next request that is complete; `undefined`: more bytes are needed, or there is an `error`. */
  next(): Request | undefined {
    try {
      const request = this.#readRequest()
      if (this.#ended) this.#checkEnd()
      return request
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      this.#fail(error)
      return undefined
    }
  }

  /** Bytes were added that `next` has not looked at yet. */
  get hasUnread(): boolean {
    return this.#bytes !== undefined
  }

  /** Called in `onHead`: the content of this request is read to its end and within its limit, but not kept. */
  dropContent(): void {
    this.#dropping = true
  }

  /** The client has sent FIN: a request that is under way will never be complete (`INCOMPLETE_REQUEST`). */
  end(): void {
    this.#ended = true
    this.#checkEnd()
  }

  #checkEnd(): void {
    const isBetween = this.#part === 'request line' && this.#reader.isEmpty
    if (this.#bytes !== undefined || isBetween) return
    this.#fail(new RequestError('INCOMPLETE_REQUEST'))
  }

  #fail(error: RequestError): void {
    this.#error ??= error
    this.#bytes = undefined
    this.#rest.length = 0
  }

  /** Reads up to the end of a request; `undefined`: it is not there yet. */
  #readRequest(): Request | undefined {
    while (this.#bytes !== undefined) {
      const request = this.#readPart(this.#bytes)
      if (this.#at === this.#bytes.length) {
        this.#bytes = this.#rest.length > 0 ? this.#rest.shift() : undefined
        this.#at = 0
      }
      if (request !== undefined) return request
    }
    return undefined
  }

  /** Reads one part of a request, or all bytes if they end before; returns the request if it is complete. */
  #readPart(bytes: Buffer): Request | undefined {
    switch (this.#part) {
      case 'request line':
        this.#at = this.#readRequestLine(bytes, this.#at)
        return undefined
      case 'header section':
        this.#at = this.#readHeaderSection(bytes, this.#at)
        break
      default:
        this.#at = this.#readContent(bytes, this.#at)
    }
    return this.#isComplete() ? this.#complete() : undefined
  }

  #readRequestLine(bytes: Buffer, at: number): number {
    const reader = this.#reader
    const known = reader.isEmpty ? this.#lastLine.recall(bytes, at) : undefined
    if (known !== undefined) {
      this.#requestLine = known
      this.#part = 'header section'
      return at + this.#lastLine.length
    }
    const next = reader.readLine(
      bytes,
      at,
      this.#limits.maxRequestLineBytes,
      'REQUEST_LINE_TOO_LONG',
    )
    if (next === -1) return bytes.length

    // Some clients end the request before with one CRLF too many (RFC 9112 §2.2).
    const { source, start, end } = reader
    if (end - start === CRLF_BYTES && source[start] === CR) return next

    this.#requestLine = parseRequestLine(source, start, end)
    this.#lastLine.remember(this.#requestLine, source, start, end)
    this.#part = 'header section'
    return next
  }

  #readHeaderSection(bytes: Buffer, at: number): number {
    const line = this.#requestLine as RequestLine
    const reader = this.#reader
    const known = reader.isEmpty ? this.#lastSection.recall(bytes, at) : undefined
    // The same fields can mean something else in another version.
    if (known?.version === line.version) {
      this.#beginContent(requestOf(line, known), known.contentLength)
      return at + this.#lastSection.length
    }
    const next = reader.readSection(bytes, at, this.#limits.maxHeaderBytes)
    if (next === -1) return bytes.length

    const { source, start, end } = reader
    const section = parseHeaderSection(source, start, end, line.version)
    this.#lastSection.remember(section, source, start, end)
    this.#beginContent(requestOf(line, section), section.contentLength)
    return next
  }

  #beginContent(request: Draft, length: number | undefined): void {
    this.#request = request
    this.#dropping = false
    this.#part = 'content'
    this.#left = length ?? 0
    this.#hooks.onHead?.(request, length)
    if (this.#left > this.#limits.maxContentBytes) throw new RequestError('CONTENT_TOO_LARGE')
    if (length !== undefined) return

    this.#chunks = new ChunkedDecoder(this.#limits, (bytes) => {
      if (!this.#dropping) this.#content.append(bytes, 0, bytes.length)
    })
  }

  #readContent(bytes: Buffer, at: number): number {
    if (this.#chunks !== undefined) return this.#chunks.push(bytes, at)

    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    if (this.#dropping) return end

    // Content that lies in one read is copied as it is: a request does not depend on what becomes of the bytes.
    const isWhole = this.#left === 0 && this.#content.length === 0
    if (isWhole) (this.#request as Draft).content = Buffer.from(bytes.subarray(at, end))
    else this.#content.append(bytes, at, end)
    return end
  }

  #isComplete(): boolean {
    if (this.#part !== 'content') return false
    return this.#chunks === undefined ? this.#left === 0 : this.#chunks.done
  }

  #complete(): Request {
    const request = this.#request as Draft
    if (this.#content.length > 0) request.content = this.#content.take()
    this.#part = 'request line'
    this.#requestLine = undefined
    this.#request = undefined
    this.#chunks = undefined
    return request
  }
}

/** Puts a request line and a header section together. */
function requestOf(line: RequestLine, section: HeaderSection): Draft {
  const { method, version } = line
  const { target, path, query, authority } = line.target
  const headers =
    authority === undefined ? section.headers : new Map(section.headers).set('host', authority)
  return { method, target, path, query, version, headers, content: NO_CONTENT }
}
