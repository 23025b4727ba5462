/** The bytes of one connection, split into requests. */
import { Chain } from '../level1/chain.ts'
import { isHost, readTarget, trimmed } from '../level1/server.ts'
import { ChunkedDecoder } from './chunked.ts'
import { type FaultCode, RequestError } from './errors.ts'
import type { Request } from './http.ts'
import { Rope } from './rope.ts'
import { type Field, FieldSection } from './section.ts'

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
   */
  onHead?(request: Request, contentLength: number | undefined): void
  /** Called when the first byte of a request is seen. */
  onBegin?(): void
}

/** What a request line said. */
export interface RequestLine {
  readonly method: string
  readonly target: {
    readonly target: string
    readonly path: string
    readonly query: string
    readonly authority: string | undefined
  }
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
}

const [CR, LF] = [13, 10]
const NOTHING = Buffer.alloc(0)

type Mode = 'lull' | 'line' | 'fields' | 'fixed' | 'chunks'
type Reader = (bytes: Buffer, at: number) => number

/** A request that is being put together. */
interface Draft extends Request {
  content: Buffer
}

export class RequestParser {
  error: RequestError | undefined = undefined
  /** The line of the request under way, as soon as it was read. */
  requestLine: RequestLine | undefined = undefined

  readonly #limits: ParserLimits
  readonly #hooks: ParserHooks
  readonly #unread = new Rope()
  #mode: Mode = 'lull'
  #hasEnded = false
  readonly #line = new Chain()
  #section: FieldSection | undefined
  #draft: Draft | undefined
  #finished: Draft | undefined
  #keeps = true
  #missing = 0
  #content = new Chain()
  #decoder: ChunkedDecoder | undefined

  readonly #readers: Readonly<Record<Mode, Reader>> = {
    lull: (bytes, at) => this.#skipEmptyLines(bytes, at),
    line: (bytes, at) => this.#readLine(bytes, at),
    fields: (bytes, at) => this.#readFields(bytes, at),
    fixed: (bytes, at) => this.#readFixed(bytes, at),
    chunks: (bytes, at) => this.#readChunks(bytes, at),
  }

  constructor(limits: ParserLimits, hooks: ParserHooks = {}) {
    this.#limits = limits
    this.#hooks = hooks
  }

  /** `idle`: nothing of the next request has come; `head`: up to the end of its header section; `content`: after it. */
  get state(): 'idle' | 'head' | 'content' {
    return stateOf[this.#mode]
  }

  /** Bytes that wait until more requests may be returned. */
  get unreadBytes(): number {
    return this.#unread.length
  }

  push(bytes: Buffer, most: number = Infinity): Request[] {
    const complete: Request[] = []
    if (this.error !== undefined) return complete
    this.#unread.add(bytes)
    try {
      while (complete.length < most) {
        const front = this.#unread.front
        if (front === undefined) {
          if (this.#hasEnded && this.state !== 'idle') throw new RequestError('INCOMPLETE_REQUEST')
          break
        }
        this.#unread.readTo(this.#readers[this.#mode](front, this.#unread.offset))
        if (this.#finished !== undefined) {
          complete.push(this.#finished)
          this.#finished = undefined
        }
      }
    } catch (thrown) {
      this.error =
        thrown instanceof RequestError
          ? thrown
          : new RequestError('INTERNAL_ERROR', { cause: thrown })
      this.#forget()
    }
    return complete
  }

  /** Called in `onHead`: the content of this request is read to its end and within its limit, but not kept. */
  dropContent(): void {
    this.#keeps = false
  }

  /** The client has sent FIN: a request that is under way will never be complete (`INCOMPLETE_REQUEST`). */
  end(): void {
    this.#hasEnded = true
    if (this.#unread.isEmpty) this.push(NOTHING, 1)
  }

  // ---- head

  #skipEmptyLines(bytes: Buffer, at: number): number {
    let i = at
    for (; i < bytes.length; i += 1) {
      const byte = bytes[i]
      if (this.#line.length === 0 && byte === CR) this.#line.append(bytes, i, i + 1)
      else if (this.#line.length === 1 && byte === LF) this.#line.take()
      else {
        this.#mode = 'line'
        this.requestLine = undefined
        this.#hooks.onBegin?.()
        break
      }
    }
    return i
  }

  #readLine(bytes: Buffer, at: number): number {
    const most = this.#limits.maxRequestLineBytes
    const line = this.#line
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf
    let raw: string
    if (lf >= 0 && line.length === 0 && end - at <= most) raw = bytes.toString('latin1', at, end)
    else {
      // Two bytes above the limit are enough to know; one may still be the CR.
      line.append(bytes, at, Math.min(end, at + Math.max(0, most + 2 - line.length)))
      if (line.length > most + 1 || (line.length === most + 1 && line.lastByte !== CR)) {
        throw new RequestError('REQUEST_LINE_TOO_LONG')
      }
      if (lf < 0) return end
      raw = line.take().toString('latin1')
    }
    this.#understandLine(raw)
    this.#section = new FieldSection(this.#limits.maxHeaderBytes, true)
    this.#mode = 'fields'
    if (this.#section.isOver) throw new RequestError('FIELD_SECTION_TOO_LARGE')
    return lf + 1
  }

  #understandLine(raw: string): void {
    const parts = lineOf.exec(raw)
    if (parts === null) throw new RequestError('INVALID_REQUEST_LINE')
    const [, method = '', target = '', major = '', minor = ''] = parts
    // RFC 9110 §9.3.6: a CONNECT names no resource of ours; whoever owns this parser refuses the method.
    const form =
      method === 'CONNECT'
        ? { authority: undefined, path: target, query: '' }
        : readTarget(method, target)
    if (form === undefined) throw new RequestError('INVALID_TARGET')
    this.requestLine = {
      method,
      target: { target, ...form },
      version: minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1',
    }
    if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')
  }

  #readFields(bytes: Buffer, at: number): number {
    const section = this.#section as FieldSection
    const end = section.push(bytes, at)
    if (section.isComplete) {
      this.#section = undefined
      this.#understandHead(section.takeFields())
    }
    return end
  }

  #understandHead(fields: readonly Field[]): void {
    const { method, target, version } = this.requestLine as RequestLine
    const headers = new Map<string, string>()
    let hosts = 0
    let lengths = 0
    for (const [name, value] of fields) {
      const earlier = headers.get(name)
      headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
      if (name === 'host') hosts += 1
      else if (name === 'content-length') lengths += 1
    }
    const host = headers.get('host')
    if (hosts > 1 || (host === undefined ? version === 'HTTP/1.1' : !isHost(host))) {
      throw new RequestError('INVALID_HOST')
    }
    const length = headers.get('content-length')
    const codings = headers.get('transfer-encoding')
    if (lengths > 1 || (length !== undefined && !/^[0-9]+$/.test(length))) {
      throw new RequestError('INVALID_CONTENT_LENGTH')
    }
    if (codings !== undefined) {
      if (length !== undefined) throw new RequestError('AMBIGUOUS_LENGTH')
      const fault = faultOfCodings(codings, version)
      if (fault !== undefined) throw new RequestError(fault)
    }
    if (target.authority !== undefined) headers.set('host', target.authority)

    this.#keeps = true
    this.#draft = {
      method,
      target: target.target,
      path: target.path,
      query: target.query,
      version,
      headers,
      content: NOTHING,
    }
    const announced = codings === undefined ? Number(length ?? '0') : undefined
    // From here on the request is in its content, also for whoever asks in onHead.
    this.#mode = announced === undefined ? 'chunks' : 'fixed'
    this.#hooks.onHead?.(this.#draft, announced)

    const { maxContentBytes, maxHeaderBytes } = this.#limits
    if (announced === undefined) {
      this.#decoder = new ChunkedDecoder({ maxContentBytes, maxHeaderBytes }, (piece) => {
        if (this.#keeps) this.#content.append(piece, 0, piece.length)
      })
      return
    }
    if (announced > maxContentBytes) throw new RequestError('CONTENT_TOO_LARGE')
    this.#missing = announced
    if (announced === 0) this.#isWhole()
  }

  // ---- content

  #readFixed(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#missing)
    if (this.#keeps) this.#content.append(bytes, at, end)
    this.#missing -= end - at
    if (this.#missing === 0) this.#isWhole()
    return end
  }

  #readChunks(bytes: Buffer, at: number): number {
    const decoder = this.#decoder as ChunkedDecoder
    const end = decoder.push(bytes, at)
    if (decoder.done) this.#isWhole()
    return end
  }

  #isWhole(): void {
    const draft = this.#draft as Draft
    draft.content = this.#content.take()
    this.#finished = draft
    this.#draft = this.#decoder = undefined
    this.requestLine = undefined
    this.#mode = 'lull'
  }

  #forget(): void {
    this.#unread.clear()
    this.#line.take()
    this.#content = new Chain()
    this.#draft = this.#decoder = this.#section = undefined
  }
}

const stateOf = {
  lull: 'idle',
  line: 'head',
  fields: 'head',
  fixed: 'content',
  chunks: 'content',
} as const

/** `method SP target SP version CR`; what follows is the LF. */
const lineOf = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])\r$/

/** RFC 9112 §6.1, §6.3: `undefined` when the one coding is `chunked`. */
function faultOfCodings(value: string, version: string): FaultCode | undefined {
  if (version === 'HTTP/1.0') return 'INVALID_TRANSFER_ENCODING'
  const codings = value
    .toLowerCase()
    .split(',')
    .map((coding) => trimmed(coding, 0))
    .filter((coding) => coding !== '')
  if (codings.indexOf('chunked') !== codings.length - 1 || codings.length === 0) {
    // Without `chunked` at the end, nobody knows where the content ends.
    return 'INVALID_TRANSFER_ENCODING'
  }
  return codings.length > 1 ? 'UNKNOWN_TRANSFER_CODING' : undefined
}
