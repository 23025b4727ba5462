/** One client: reads its request, has it answered, and closes. */
import type { Socket } from 'node:net'
import type { Route } from './app.ts'
import { RequestError } from './errors.ts'
import { type Client, knownMethods, type Params, type Request, type Response } from './http.ts'
import { listMembers } from './lists.ts'
import { RequestParser } from './request-parser.ts'
import { AnswerAborted, writeResponse } from './response-writer.ts'
import type { Router } from './router.ts'
import type { Settings } from './settings.ts'
import { describeThrown } from './thrown.ts'

/** How the request line of a HEAD begins. */
const HEAD = 'HEAD '

/** How long a connection stays readable after its last answer (RFC 9112 §9.6). */
const LINGER_SILENCE_MS = 2_000
const LINGER_MS = 30_000
const LINGER_BYTES = 16 * 1_048_576

/**
 * Serves one request of one client.
 *
 * It is `reading` until the request is complete or refused, `answering` until the kernel has the whole
 * answer, and `closing` until the client has closed too. A client is waited for in each phase, but never
 * without end.
 */
export class Connection implements Client {
  readonly #socket: Socket
  readonly #app: Router<Route>
  readonly #settings: Settings
  readonly #parser: RequestParser
  #phase: 'reading' | 'answering' | 'closing' = 'reading'
  /** What the request under way will be answered by, known as soon as its header section is. */
  #found: Found | undefined
  /** The first characters of the request line. */
  #beginning = ''
  #isHead = false
  /** Bytes that came after the answer, and were dropped. */
  #droppedBytes = 0
  #lingerUntil = 0
  #timer: NodeJS.Timeout | undefined
  #gone: AbortController | undefined

  constructor(socket: Socket, app: Router<Route>, settings: Settings) {
    this.#socket = socket
    this.#app = app
    this.#settings = settings
    this.#parser = new RequestParser(
      {
        maxRequestLineBytes: settings.MAX_REQUEST_LINE_BYTES,
        maxHeaderBytes: settings.MAX_HEADER_BYTES,
        maxContentBytes: settings.MAX_CONTENT_BYTES,
      },
      { onHead: (request, contentLength) => this.#judge(request, contentLength) },
    )
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get gone(): AbortSignal {
    this.#gone ??= new AbortController()
    if (this.#socket.destroyed) this.#gone.abort()
    return this.#gone.signal
  }

  start(): void {
    this.#socket
      .on('data', (bytes) => this.#read(bytes))
      .on('end', () => this.#readEnd())
      // A reset is a client that left: 'close' follows, and that is all there is to do.
      .on('error', () => {})
      .on('close', () => this.#closed())
    // Nothing was asked, so nothing is answered (RFC 9112 §9.5).
    this.#wait(this.#settings.HEADER_TIMEOUT_MS, () => this.#socket.destroy())
  }

  // Reading

  #read(bytes: Buffer): void {
    if (this.#phase !== 'reading') return this.#drop(bytes)
    this.#peek(bytes)
    const before = this.#parser.state
    const [request] = this.#parser.push(bytes, 1)
    if (request !== undefined) return void this.#answer(request)
    if (this.#parser.error !== undefined) return this.#refuse(this.#parser.error)
    if (this.#parser.state !== before) this.#waitForMore()
  }

  /** A refusal of a HEAD has no content (RFC 9110 §9.3.2), also where the parser has no request to show yet. */
  #peek(bytes: Buffer): void {
    if (this.#beginning.length === HEAD.length) return
    const text = this.#beginning + bytes.toString('latin1')
    this.#beginning = text.replace(/^[\r\n]+/, '').slice(0, HEAD.length)
    this.#isHead = this.#beginning === HEAD
  }

  /** The time for a part runs from its first byte to its last, however often bytes come. */
  #waitForMore(): void {
    const { HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS } = this.#settings
    this.#wait(this.#parser.state === 'head' ? HEADER_TIMEOUT_MS : BODY_TIMEOUT_MS, () =>
      this.#refuse(new RequestError('REQUEST_TIMEOUT')),
    )
  }

  /** A client that has sent FIN may still want its answer (RFC 9112 §9.6). */
  #readEnd(): void {
    if (this.#phase !== 'reading') return
    this.#parser.end()
    if (this.#parser.error !== undefined) return this.#refuse(this.#parser.error)
    this.#socket.end()
  }

  /**
   * Called with each complete header section: refuses what this server will not serve before any content
   * is read. The order of these faults is the assignment's.
   */
  #judge(request: Request, contentLength: number | undefined): void {
    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
    const { route, params } = this.#find(request)
    route.check?.(params)
    const wantsContinue = expectsContinue(request)
    if ((contentLength ?? 0) > this.#settings.MAX_CONTENT_BYTES) {
      throw new RequestError('CONTENT_TOO_LARGE')
    }

    this.#found = { route, params }
    if (!route.readsContent) this.#parser.dropContent()
    if (wantsContinue && contentLength !== 0) {
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
    }
  }

  #find({ method, path }: Request): Found {
    const match = this.#app.find(method, path)
    switch (match.kind) {
      case 'found':
        return { route: match.value, params: match.params }
      case 'not-found':
        throw new RequestError('NOT_FOUND')
      case 'method-not-allowed':
        throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(', ') } })
    }
  }

  // Answering

  async #answer(request: Request): Promise<void> {
    this.#phase = 'answering'
    clearTimeout(this.#timer)
    const response = await this.#respond(request)
    await this.#send(response)
  }

  /** What the handler says. Whatever it does, it is this request alone that suffers. */
  async #respond(request: Request): Promise<Response> {
    if (this.#found === undefined) return errorResponse(new RequestError('INTERNAL_ERROR'))
    const { route, params } = this.#found
    try {
      return await route.handler(request, params, this)
    } catch (error) {
      if (error instanceof RequestError) return errorResponse(error)
      if (!this.#socket.destroyed) this.#log(`${request.method} ${route.pattern} failed`, error)
      return errorResponse(new RequestError('INTERNAL_ERROR', { cause: error }))
    }
  }

  #refuse(error: RequestError): void {
    this.#phase = 'answering'
    clearTimeout(this.#timer)
    void this.#send(errorResponse(error))
  }

  async #send(response: Response): Promise<void> {
    const before = this.#socket.bytesWritten
    try {
      await writeResponse(this.#socket, response, {
        withoutContent: this.#isHead,
        close: true,
        timeoutMs: this.#settings.WRITE_TIMEOUT_MS,
      })
      this.#close()
    } catch (error) {
      if (!(error instanceof AnswerAborted)) this.#log('An answer could not be finished', error)
      // Where it had not begun, there is still something to say.
      const isUnsaid = error instanceof TypeError && this.#socket.bytesWritten === before
      if (isUnsaid) return await this.#send(errorResponse(new RequestError('INTERNAL_ERROR')))
      this.#socket.destroy()
    }
  }

  // Closing

  /**
   * Sends FIN, and goes on reading until the client's: to close while bytes of the client are unread is
   * to send a reset, and a reset can take the answer away from a client that has not read it yet
   * (RFC 9112 §9.6). A client that goes on and on is cut.
   */
  #close(): void {
    this.#phase = 'closing'
    this.#socket.end()
    this.#lingerUntil = performance.now() + LINGER_MS
    this.#linger()
  }

  #linger(): void {
    const left = this.#lingerUntil - performance.now()
    this.#wait(Math.max(1, Math.min(left, LINGER_SILENCE_MS)), () => this.#socket.destroy())
  }

  #drop(bytes: Buffer): void {
    if (this.#phase === 'answering') return
    this.#droppedBytes += bytes.length
    if (this.#droppedBytes > LINGER_BYTES) this.#socket.destroy()
    else this.#linger()
  }

  #closed(): void {
    clearTimeout(this.#timer)
    this.#gone?.abort()
  }

  // Patience

  /** Only one thing is waited for at a time. 0 means: without end. */
  #wait(timeoutMs: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = timeoutMs === 0 ? undefined : setTimeout(then, timeoutMs)
  }

  #log(what: string, error: unknown): void {
    if (!this.#settings.LOG) return
    process.stderr.write(`${what}: ${describeThrown(error)}\n`)
  }
}

interface Found {
  readonly route: Route
  readonly params: Params
}

/**
 * Whether the client waits for a 100 before it sends its content (RFC 9110 §10.1.1).
 *
 * @throws {RequestError} `EXPECTATION_FAILED` for anything else that it expects
 */
function expectsContinue({ version, headers }: Request): boolean {
  const expectations = headers.get('expect')
  const members = expectations === undefined ? [] : listMembers(expectations)
  if (members.some((member) => member !== '100-continue')) {
    throw new RequestError('EXPECTATION_FAILED')
  }
  // A client of HTTP/1.0 does not know what a 1xx answer is (RFC 9110 §10.1.1).
  return members.length > 0 && version === 'HTTP/1.1'
}

/** A fault as an answer: in level 2 a line of text. */
function errorResponse({ status, message, headers }: RequestError): Response {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
    content: message,
  }
}
