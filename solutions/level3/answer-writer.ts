import type { Socket } from 'node:net'
import { checkContent } from '../level2/content.ts'
import type { ContentStream, Request, Response } from '../level2/http.ts'
import { listMembers } from '../level2/lists.ts'
import { ContentSender, dropContent } from './content-sender.ts'
import type { ContentFraming, ContentSink } from './content-sender.ts'
import type { Exchange } from './exchange.ts'
import { Output } from './output.ts'
import { formatHead } from './response-head.ts'
import type { Framing } from './response-head.ts'
import { utf8Length } from './utf8-length.ts'

const NO_FIELDS = Object.freeze({})

/** So long the kernel may take what was written last; what is left then waits for the client. */
const FIRST_LOOK_MS = 400

/** Writes the answers of one connection, no faster than the client reads them. */
export class AnswerWriter implements ContentSink {
  readonly #socket: Socket
  readonly #timeoutMs: number
  readonly #output: Output
  /** The answer whose content is being made while it is sent. */
  #current: { readonly exchange: Exchange; readonly sender: ContentSender } | undefined
  #whenDrained: (() => void) | undefined
  #isFlushDue = false
  #isTimed = false
  #isStalled = false
  readonly #onTaken: () => void
  #isWatched = false

  /**
   * The socket is destroyed when the client takes nothing for `timeoutMs`; 0: it never is. That is seen
   * late, by up to two looks of `FIRST_LOOK_MS`; one who takes some of a write in between has up to twice as long
   * (see `#lookAtProgress`).
   *
   * @param onTaken - called when everything has been taken that was too little for the socket to say 'drain'
   */
  constructor(socket: Socket, timeoutMs: number, onTaken: () => void) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    this.#onTaken = onTaken
    this.#output = new Output(socket)
    socket.on('timeout', () => this.#lookAtProgress())
  }

  get isGone(): boolean {
    return !this.#socket.writable
  }

  /** So much waits for the client that nothing should be added. */
  get isFull(): boolean {
    return this.#output.isFull || this.#socket.writableNeedDrain
  }

  addLatin1(text: string): void {
    this.#output.addLatin1(text)
    this.#flushSoon()
  }

  addBytes(bytes: Uint8Array): void {
    this.#output.addBytes(bytes)
    this.#flushSoon()
  }

  /** `100 Continue`: the client may send its content (RFC 9110 §15.2.1). */
  sendContinue(): void {
    this.#output.addLatin1('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /**
   * Adds an answer to what is to be written; a promise when its content is made while it is sent.
   *
   * @throws {TypeError} when a field of the response cannot be sent; then nothing was added
   */
  send(exchange: Exchange, response: Response): Promise<void> | undefined {
    const { request, line, isLast } = exchange
    const { status, headers = NO_FIELDS, content = '' } = response
    checkContent(content)
    const length = typeof content === 'string' ? utf8Length(content) : content.length
    // HTTP/1.0 knows no chunks (RFC 9112 §6.1), and stays connected only when that is said (§9.3).
    const isChunked = length === undefined && request?.version !== 'HTTP/1.0'
    const hasDigest = isChunked && wantsTrailers(request)
    const framing: Framing = {
      length: hasNoContent(status) ? undefined : isChunked ? 'chunked' : length,
      connection: isLast ? 'close' : request?.version === 'HTTP/1.0' ? 'keep-alive' : undefined,
    }
    const moreLines = hasDigest
      ? `${exchange.fieldLines}Trailer: Content-Digest\r\n`
      : exchange.fieldLines
    this.#output.addLatin1(formatHead(status, headers, moreLines, framing))

    // A HEAD gets the fields of a GET, and no content (RFC 9110 §9.3.2).
    if (line?.method === 'HEAD' || hasNoContent(status)) {
      if (isStream(content)) dropContent(content)
      return undefined
    }
    if (isStream(content)) {
      return this.#sendStream(exchange, content, contentFraming(length, isChunked, hasDigest))
    }
    exchange.contentBytes = length ?? 0
    if (typeof content !== 'string') this.#output.addBytes(content)
    else if (content.length === length) this.#output.addLatin1(content)
    else this.#output.addBytes(Buffer.from(content))
    return undefined
  }

  /** Writes what was added. */
  flush(): void {
    this.#output.flush()
    if (this.#socket.writableLength === 0) return
    if (!this.#socket.writableNeedDrain) this.#watch()
    if (this.#isTimed || this.#timeoutMs === 0) return
    this.#isTimed = true
    this.#isStalled = false
    this.#socket.setTimeout(Math.min(FIRST_LOOK_MS, this.#timeoutMs))
  }

  /** Writes what was added; resolves when there is room for more, or the client has gone. */
  drain(): Promise<void> {
    this.flush()
    if (!this.#socket.writableNeedDrain || this.isGone) return Promise.resolve()
    return new Promise((resolve) => (this.#whenDrained = resolve))
  }

  /** To be called when the socket has room again. */
  drained(): void {
    const resolve = this.#whenDrained
    this.#whenDrained = undefined
    resolve?.()
  }

  /** To be called when the socket has closed. */
  abandon(): void {
    if (this.#current !== undefined) {
      const { exchange, sender } = this.#current
      exchange.contentBytes = sender.bytes
      sender.abandon()
    }
    this.drained()
  }

  async #sendStream(
    exchange: Exchange,
    content: ContentStream,
    framing: ContentFraming,
  ): Promise<void> {
    const sender = new ContentSender(content, framing, this)
    this.#current = { exchange, sender }
    exchange.isSending = true
    try {
      await sender.send()
    } catch (error) {
      // An incomplete answer must not look complete (RFC 9112 §8).
      exchange.thrown = error
      this.#socket.resetAndDestroy()
    } finally {
      exchange.contentBytes = sender.bytes
      this.#current = undefined
    }
  }

  /** Content that comes piece by piece leaves when its maker waits for something. */
  #flushSoon(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    process.nextTick(() => {
      this.#isFlushDue = false
      this.flush()
    })
  }

  /** A write of nothing is done when those before it are. */
  #watch(): void {
    if (this.#isWatched || this.isGone) return
    this.#isWatched = true
    this.#socket.write('', () => {
      this.#isWatched = false
      this.#onTaken()
    })
  }

  /**
   * The socket's own timer sees how much of a write the kernel has taken: where that was something, it begins anew and
   * says nothing. At the first look that is nearly always so.
   */
  #lookAtProgress(): void {
    const socket = this.#socket
    if (socket.writableLength === 0) {
      this.#isTimed = false
      socket.setTimeout(0)
    } else if (this.#isStalled) socket.destroy()
    else {
      this.#isStalled = true
      socket.setTimeout(this.#timeoutMs)
    }
  }
}

/** Whether the end of an answer to `request` can only be told by closing (RFC 9112 §6.3). */
export function endsWithConnection(
  request: Request | undefined,
  { status, content }: Response,
): boolean {
  if (request?.version !== 'HTTP/1.0' || request.method === 'HEAD' || hasNoContent(status))
    return false
  return isStream(content) && content.length === undefined
}

/** 204 and 304 end with their header section (RFC 9110 §15.3.5, §15.4.5). A 204 must not have a Content-Length, a 304 need not (§8.6). */
function hasNoContent(status: number): boolean {
  return status === 204 || status === 304
}

/** Whether content is made while it is sent. */
export function isStream(content: Response['content']): content is ContentStream {
  return typeof content === 'object' && !(content instanceof Uint8Array)
}

/** A trailer section may get lost on the way: it is for those who ask for it (RFC 9110 §6.5.1). */
function wantsTrailers(request: Request | undefined): boolean {
  const te = request?.headers.get('te')
  return te !== undefined && listMembers(te).includes('trailers')
}

function contentFraming(
  length: number | undefined,
  isChunked: boolean,
  hasDigest: boolean,
): ContentFraming {
  if (length !== undefined) return 'length'
  if (!isChunked) return 'until close'
  return hasDigest ? 'chunked with digest' : 'chunked'
}
