/** One client: its requests come in, their answers go out, until one of us has had enough. */
import type { Socket } from 'node:net'
import { tearDown } from '../level1/tear-down.ts'
import { RequestError } from '../level2/errors.ts'
import type { Client, Request, Response } from '../level2/http.ts'
import { RequestParser } from '../level2/request-parser.ts'
import { describeThrown } from '../level2/thrown.ts'
import { admit } from './admission.ts'
import { AnswerWriter, endsWithConnection, isStream } from './answer-writer.ts'
import { dropContent } from './content-sender.ts'
import { closesConnection, errorResponse, toRequestError } from './errors.ts'
import { Exchange } from './exchange.ts'
import { waitsForContinue } from './expectation.ts'
import { wantsPersistence } from './persistence.ts'
import { Pipeline } from './pipeline.ts'
import { beginRead, readTime } from './read-time.ts'
import type { Service } from './service.ts'
import type { Drainable } from './shutdown.ts'
import { StopWatch } from './stop-watch.ts'

/** How long a closed connection may hold up the end of the server. */
const DRAINING_LINGER_MS = 750

const NOTHING = Buffer.alloc(0)

/**
 * What the connection waits for.
 *
 * `idle`: the next request · `head`, `content`: the rest of one · `us`: a handler, or the client to read its answers ·
 * `FIN`: the client's, after ours
 */
type Phase = 'idle' | 'head' | 'content' | 'us' | 'FIN'

export class Connection implements Client, Drainable {
  readonly #socket: Socket
  readonly #service: Service
  readonly #parser: RequestParser
  readonly #pipeline: Pipeline<Exchange>
  readonly #writer: AnswerWriter

  #phase: Phase = 'idle'
  /** When the clock was first seen in this phase; `undefined`: not yet. Not to read the clock for each request is cheaper. */
  #since: number | undefined
  /** For the rest of a request, and that in all: it may be interrupted by the phase `us`. */
  readonly #reading = new StopWatch()
  #requests = 0
  /** What `#requests` was when the phase began: another request is another phase. */
  #phaseRequests = 0

  /** The request whose content is coming. */
  #current: Exchange | undefined
  /** No request after those in flight will be read: the last of them closes (RFC 9112 §9.6). */
  #isClosing = false
  /** The client has sent FIN; it may still want its answers (RFC 9112 §9.6). */
  #hasEnded = false
  #isDraining = false
  #gone: AbortController | undefined

  constructor(socket: Socket, service: Service) {
    const { settings } = service
    this.#socket = socket
    this.#service = service
    this.#parser = new RequestParser(
      {
        maxRequestLineBytes: settings.MAX_REQUEST_LINE_BYTES,
        maxHeaderBytes: settings.MAX_HEADER_BYTES,
        maxContentBytes: settings.MAX_CONTENT_BYTES,
      },
      { onHead: (request, contentLength) => this.#onHead(request, contentLength) },
    )
    this.#pipeline = new Pipeline({
      most: Math.max(1, settings.MAX_PIPELINE),
      start: (exchange) => this.#start(exchange),
      send: (exchange) => this.#send(exchange),
      onProgress: () => this.#read(NOTHING),
    })
    this.#writer = new AnswerWriter(socket, settings.WRITE_TIMEOUT_MS, () => this.#drained())
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get gone(): AbortSignal {
    this.#gone ??= new AbortController()
    if (this.#socket.destroyed) this.#gone.abort()
    return this.#gone.signal
  }

  get requestsInFlight(): number {
    // Sent, as far as the pipeline knows, and not yet taken by the client.
    const untaken = this.#pipeline.length === 0 && this.#socket.writableLength > 0 ? 1 : 0
    if (this.#phase === 'FIN') return untaken
    const begun = this.#current === undefined && this.#parser.state !== 'idle' ? 1 : 0
    return this.#pipeline.length + begun + untaken
  }

  /** Listens to the socket. `onClose` is called once, however the connection ends. */
  start(onClose: () => void): void {
    this.#socket
      .on('data', (bytes) => {
        this.#read(bytes)
        // The next read of any connection overwrites what is not read yet.
        this.#parser.keepUnread()
      })
      .on('end', () => this.#readEnd())
      .on('drain', () => this.#drained())
      // A reset is a client that left: 'close' follows, and that is all there is to do.
      .on('error', () => {})
      .once('close', () => {
        this.#closed()
        onClose()
      })
  }

  /** Finishes the requests that have begun, then closes; at once when none has. */
  drain(): void {
    this.#isDraining = true
    if (this.#phase === 'FIN') this.#since = performance.now()
    this.#settle()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Loses patience where it is due: to be called several times in the shortest timeout. */
  lookAtClock(now: number): void {
    const { KEEP_ALIVE_TIMEOUT_MS, HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS } = this.#service.settings
    const elapsedMs = now - (this.#since ??= now)
    switch (this.#phase) {
      case 'idle':
        if (isOver(KEEP_ALIVE_TIMEOUT_MS, elapsedMs)) this.#close()
        return
      case 'head':
        if (isOver(HEADER_TIMEOUT_MS, this.#reading.elapsedMs(now))) this.#giveUpReading()
        return
      case 'content':
        if (isOver(BODY_TIMEOUT_MS, this.#reading.elapsedMs(now))) this.#giveUpReading()
        return
      case 'us':
        return
      case 'FIN':
        if (!this.#socket.writableFinished) this.#since = now
        else if (this.#isDraining && elapsedMs > DRAINING_LINGER_MS) this.#socket.destroy()
    }
  }

  // Reading

  #read(bytes: Buffer): void {
    if (this.#phase === 'FIN' || this.#socket.destroyed) return
    beginRead()
    if (!this.#isClosing) this.#parser.add(bytes)
    // One request after the other: whether one more may be read depends on the one before.
    while (this.#mayRead) {
      const request = this.#parser.next()
      if (request !== undefined) this.#received()
      if (this.#parser.error !== undefined) this.#refuse(this.#parser.error)
      this.#pipeline.advance()
      if (this.#writer.isFull) this.#writer.flush()
      if (request === undefined || !this.#parser.hasUnread) break
    }
    this.#settle()
  }

  get #mayRead(): boolean {
    // Whatever is read would count as progress of a client that takes nothing of its answers.
    if (this.#isClosing || this.#socket.writableLength > 0 || this.#phase === 'FIN') return false
    return this.#current !== undefined || this.#pipeline.hasRoom
  }

  #readEnd(): void {
    this.#hasEnded = true
    this.#parser.end()
    this.#read(NOTHING)
  }

  #drained(): void {
    this.#writer.drained()
    this.#read(NOTHING)
  }

  /** Called with each complete header section: what cannot be served is answered before its content is read. */
  #onHead(request: Request, contentLength: number | undefined): void {
    const { settings } = this.#service
    const exchange = new Exchange(request, readTime())
    this.#requests++
    this.#current = exchange
    this.#pipeline.add(exchange)
    exchange.isLast =
      !wantsPersistence(request) || this.#requests === settings.MAX_REQUESTS_PER_CONNECTION
    try {
      admit(exchange, request, this, this.#service)
    } catch (thrown) {
      this.#fail(exchange, thrown)
    }
    this.#prepareForContent(exchange, request, contentLength)
  }

  /** Keeps the content, or drops it; and asks for it, if the client waits to be asked. */
  #prepareForContent(
    exchange: Exchange,
    request: Request,
    contentLength: number | undefined,
  ): void {
    const isServed = exchange.route !== undefined
    if (exchange.route?.readsContent !== true) this.#parser.dropContent()
    if (contentLength === 0) return

    // A client that waits for a 100 and gets a refusal may send the content or not: nobody knows where the next
    // request begins (RFC 9110 §10.1.1).
    if (!isServed && waitsForContinue(request)) exchange.isLast = true
    const isTooLarge = (contentLength ?? 0) > this.#service.settings.MAX_CONTENT_BYTES
    if (!isServed || isTooLarge || !exchange.expectsContinue) return
    if (this.#pipeline.isFirst(exchange)) this.#writer.sendContinue()
    else exchange.owesContinue = true
  }

  /** The current request is complete. */
  #received(): void {
    const exchange = this.#current
    if (exchange === undefined) return
    this.#current = undefined
    if (exchange.isLast) this.#isClosing = true
    if (exchange.state === 'reading') exchange.state = 'received'
  }

  /** Nothing that comes can be understood any more: what is due is answered, then this fault, then we close. */
  #refuse(error: RequestError): void {
    if (this.#isClosing) return
    this.#isClosing = true
    const exchange = this.#current ?? new Exchange(undefined, performance.now(), this.#lineSoFar)
    if (this.#current === undefined) this.#pipeline.add(exchange)
    this.#current = undefined
    exchange.isLast = true
    // A request can be answered before its content turns out bad: one answer is enough.
    if (exchange.state === 'reading') exchange.answer(errorResponse(error))
  }

  get #lineSoFar(): Exchange['line'] {
    const line = this.#parser.requestLine
    return line && { method: line.method, target: line.target.target }
  }

  #giveUpReading(): void {
    this.#refuse(new RequestError('REQUEST_TIMEOUT'))
    this.#pipeline.advance()
    this.#settle()
  }

  // Answering

  /** Calls the handler. Whatever it does, it is this request alone that suffers. */
  #start(exchange: Exchange): void {
    const { request, route, params } = exchange
    if (request === undefined || route === undefined) return
    exchange.state = 'running'
    try {
      const answer = route.handler(request, params, this)
      if (answer instanceof Promise) void this.#wait(exchange, answer)
      else this.#answer(exchange, answer)
    } catch (thrown) {
      this.#fail(exchange, thrown)
    }
  }

  async #wait(exchange: Exchange, answer: Promise<Response>): Promise<void> {
    try {
      this.#answer(exchange, await answer)
    } catch (thrown) {
      this.#fail(exchange, thrown)
    }
    if (this.#phase === 'FIN' || this.#socket.destroyed) return dropAnswer(exchange)
    this.#pipeline.advance()
    this.#read(NOTHING)
  }

  #fail(exchange: Exchange, thrown: unknown): void {
    const error = toRequestError(thrown)
    if (error !== thrown) exchange.thrown = thrown
    dropAnswer(exchange)
    this.#answer(exchange, errorResponse(error))
  }

  /** What stands behind an answer that closes is not looked at, were that still to wait for its turn. */
  #answer(exchange: Exchange, response: Response): void {
    exchange.answer(response)
    if (!closesConnection(response.status) && !endsWithConnection(exchange.request, response))
      return
    exchange.isLast = true
    if (this.#current !== exchange) this.#isClosing = true
  }

  #send(exchange: Exchange): Promise<void> | undefined {
    const { response } = exchange
    if (response === undefined || this.#phase === 'FIN') return undefined
    // The last answer says that it is, as far as that is known by now (RFC 9112 §9.6).
    if (exchange.isLast || ((this.#isDraining || this.#hasEnded) && this.#hasOnly(exchange))) {
      exchange.isLast = true
      this.#isClosing = true
    }
    let sending: Promise<void> | undefined
    try {
      sending = this.#writer.send(exchange, response)
    } catch (thrown) {
      this.#fail(exchange, thrown)
      return this.#send(exchange)
    }
    if (sending === undefined) this.#sent(exchange)
    return sending?.then(() => this.#sent(exchange))
  }

  /** Nothing has begun but `exchange`, were its content still to come. */
  #hasOnly(exchange: Exchange): boolean {
    if (this.#pipeline.length > 1) return false
    return this.#current === exchange || this.#parser.state === 'idle'
  }

  #sent(exchange: Exchange): void {
    this.#log(exchange, exchange.response?.status ?? null, !this.#socket.writable)
    // Whatever came after it gets no answer (RFC 9112 §9.6); nor does it where this answer broke off.
    if (exchange.isLast || this.#socket.destroyed)
      this.#abort(this.#pipeline.clear().filter((turn) => turn !== exchange))
  }

  // Closing

  /** Writes what is due, and works out what the connection waits for now. */
  #settle(): void {
    if (this.#current?.owesContinue === true && this.#pipeline.isFirst(this.#current)) {
      this.#current.owesContinue = false
      this.#writer.sendContinue()
    }
    this.#writer.flush()
    if (this.#phase === 'FIN' || this.#socket.destroyed) return
    if (this.#isDone) return this.#close()

    const mayRead = this.#mayRead
    this.#enter(this.#phaseAfter(mayRead))
    // A connection that closes is read on: what comes is dropped, but a reset is noticed. A write notices one too.
    const isListening = mayRead || (this.#isClosing && this.#socket.writableLength === 0)
    if (isListening !== this.#socket.isPaused()) return
    if (isListening) this.#socket.resume()
    else this.#socket.pause()
  }

  get #isDone(): boolean {
    if (this.#pipeline.length > 0) return false
    return (
      this.#isClosing || ((this.#hasEnded || this.#isDraining) && this.#parser.state === 'idle')
    )
  }

  #phaseAfter(mayRead: boolean): Phase {
    if (!mayRead) return 'us'
    // A client that we owe a 100 rightly waits for it.
    if (this.#current !== undefined) return this.#current.owesContinue ? 'us' : 'content'
    if (this.#parser.state === 'head') return 'head'
    return this.#pipeline.length === 0 ? 'idle' : 'us'
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase && this.#requests === this.#phaseRequests) return
    this.#phase = phase
    this.#phaseRequests = this.#requests
    this.#since = undefined
    if (phase === 'head') this.#reading.run(2 * this.#requests)
    else if (phase === 'content') this.#reading.run(2 * this.#requests + 1)
    else this.#reading.stop()
  }

  /** Sends FIN, and reads on for a while: no reset may take the last answer away (RFC 9112 §9.6). */
  #close(): void {
    this.#enter('FIN')
    this.#since = performance.now()
    this.#socket.pause().once('finish', () => this.#socket.resume())
    tearDown(this.#socket)
  }

  #closed(): void {
    this.#gone?.abort()
    this.#writer.abandon()
    this.#abort(this.#pipeline.clear())
  }

  /** Nobody waits for these answers any more. */
  #abort(exchanges: readonly Exchange[]): void {
    for (const exchange of exchanges) {
      // Of an answer that was being sent, the status at least had left.
      const status = exchange.isSending ? (exchange.response?.status ?? null) : null
      this.#log(exchange, status, true)
      dropAnswer(exchange)
    }
  }

  #log(exchange: Exchange, status: number | null, isAborted: boolean): void {
    const { log } = this.#service
    if (!log.isOn || exchange.isLogged) return
    exchange.isLogged = true
    const { line, startedAt, contentBytes, thrown } = exchange
    log.request({
      method: line?.method ?? null,
      target: line?.target ?? null,
      status,
      bytes: contentBytes,
      durationMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
      remoteAddress: this.#socket.remoteAddress ?? null,
      ...(isAborted ? { aborted: true } : {}),
      ...(thrown === undefined ? {} : { error: describeThrown(thrown) }),
    })
  }
}

/** A timeout of 0 is switched off. */
function isOver(timeoutMs: number, elapsedMs: number): boolean {
  return timeoutMs > 0 && elapsedMs >= timeoutMs
}

/** Frees an answer that is never sent. */
function dropAnswer({ response, isSending }: Exchange): void {
  const content = response?.content
  if (!isSending && isStream(content)) dropContent(content)
}
