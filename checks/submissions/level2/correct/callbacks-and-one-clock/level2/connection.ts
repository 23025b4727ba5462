/** One client: reads its request, has it answered, and closes. A table says what each event means in each phase. */
import type { Socket } from 'node:net'
import { trimmed } from '../level1/server.ts'
import { alarm } from '../level1/wheel.ts'
import type { Route } from './app.ts'
import { RequestError } from './errors.ts'
import { type Client, knownMethods, type Params, type Request, type Response } from './http.ts'
import { RequestParser } from './request-parser.ts'
import { writeResponse } from './response-writer.ts'
import type { Router } from './router.ts'
import type { Settings } from './settings.ts'

type Phase = 'silent' | 'head' | 'content' | 'answering' | 'closing' | 'closed'
type Event = 'data' | 'end' | 'patience'

const MAX_SWALLOWED = 16 * 1024 * 1024
const SILENCE_MS = 2_000
const CLOSING_MS = 30_000

export class Connection implements Client {
  readonly #socket: Socket
  readonly #app: Router<Route>
  readonly #settings: Settings
  readonly #parser: RequestParser
  readonly #patience = alarm(() => this.#on('patience'))
  readonly #closingTime = alarm(() => this.#socket.destroy())
  #gone: AbortController | undefined
  #phase: Phase = 'silent'
  #found: { readonly route: Route; readonly params: Params } | undefined
  #isHead = false
  #swallowed = 0

  readonly #table: Readonly<Record<Phase, Readonly<Record<Event, (bytes: Buffer) => void>>>>

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
      {
        onBegin: () => this.#begin(),
        onHead: (request, length) => this.#headIsThere(request, length),
      },
    )
    const read = (bytes: Buffer) => this.#read(bytes)
    const cutOff = () => this.#readEnd()
    const tooLate = () => this.#refuse(new RequestError('REQUEST_TIMEOUT'))
    const ignore = () => {}
    this.#table = {
      silent: { data: read, end: cutOff, patience: () => this.#hangUp() },
      head: { data: read, end: cutOff, patience: tooLate },
      content: { data: read, end: cutOff, patience: tooLate },
      answering: { data: ignore, end: ignore, patience: ignore },
      closing: {
        data: (bytes) => this.#swallow(bytes),
        end: ignore,
        patience: () => this.#socket.destroy(),
      },
      closed: { data: ignore, end: ignore, patience: ignore },
    }
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  /** Aborted when the socket has closed. */
  get gone(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController()
      if (this.#phase === 'closed') this.#gone.abort()
    }
    return this.#gone.signal
  }

  /** Listens to the socket, and starts to be patient. */
  start(): void {
    this.#patience.set(this.#settings.HEADER_TIMEOUT_MS)
    this.#socket
      .on('data', (bytes: Buffer) => this.#on('data', bytes))
      .on('end', () => this.#on('end'))
      .on('error', () => {})
      .on('close', () => {
        this.#phase = 'closed'
        this.#patience.clear()
        this.#closingTime.clear()
        this.#found = undefined
        this.#gone?.abort()
      })
  }

  #on(event: Event, bytes: Buffer = Buffer.alloc(0)): void {
    this.#table[this.#phase][event](bytes)
  }

  // ---- reading

  #read(bytes: Buffer): void {
    this.#look(this.#parser.push(bytes, 1)[0])
  }

  #readEnd(): void {
    this.#parser.end()
    if (this.#parser.error !== undefined) this.#look(undefined)
    else this.#hangUp()
  }

  #look(request: Request | undefined): void {
    if (request !== undefined) this.#run(request)
    else if (this.#parser.error !== undefined) this.#refuse(this.#parser.error)
  }

  #begin(): void {
    this.#phase = 'head'
    this.#patience.set(this.#settings.HEADER_TIMEOUT_MS)
  }

  /** Decides, before any content is looked at, whether the request will be served. */
  #headIsThere(request: Request, contentLength: number | undefined): void {
    this.#phase = 'content'
    this.#patience.set(this.#settings.BODY_TIMEOUT_MS)
    this.#isHead = request.method === 'HEAD'
    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
    const match = this.#app.find(request.method, request.path)
    if (match.kind === 'not-found') throw new RequestError('NOT_FOUND')
    if (match.kind === 'method-not-allowed') {
      throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(',') } })
    }
    const { value: route, params } = match
    route.check?.(params)
    const waits = waitsForContinue(request) && contentLength !== 0
    if (route.readsContent !== true) this.#parser.dropContent()
    this.#found = { route, params }
    if (waits && !((contentLength ?? 0) > this.#settings.MAX_CONTENT_BYTES)) {
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
  }

  // ---- answering

  #run(request: Request): void {
    const { route, params } = this.#found as { route: Route; params: Params }
    this.#found = undefined
    this.#phase = 'answering'
    this.#patience.clear()
    let answer: Response | Promise<Response>
    try {
      answer = route.handler(request, params, this)
      if (!isThenable(answer)) {
        this.#answer(checked(answer))
        return
      }
    } catch (thrown) {
      this.#answer(refusal(thrown))
      return
    }
    answer.then(
      (response) => this.#answer(checked(response)),
      (thrown) => this.#answer(refusal(thrown)),
    )
  }

  #refuse(error: RequestError): void {
    this.#isHead ||= this.#parser.requestLine?.method === 'HEAD'
    this.#phase = 'answering'
    this.#patience.clear()
    this.#found = undefined
    this.#answer(refusal(error))
  }

  #answer(response: Response): void {
    if (this.#phase !== 'answering') {
      abandon(response)
      return
    }
    let sent: Promise<void>
    try {
      sent = writeResponse(this.#socket, response, {
        withoutContent: this.#isHead,
        close: true,
        timeoutMs: this.#settings.WRITE_TIMEOUT_MS,
      })
    } catch {
      this.#socket.resetAndDestroy()
      return
    }
    sent.then(
      () => this.#hangUp(),
      // Whatever it was, the socket is gone, or will not be of use.
      () => this.#socket.destroy(),
    )
  }

  // ---- closing

  #hangUp(): void {
    if (this.#phase === 'closed') return
    this.#phase = 'closing'
    this.#patience.set(SILENCE_MS)
    this.#closingTime.set(CLOSING_MS)
    this.#socket.end()
  }

  #swallow(bytes: Buffer): void {
    this.#patience.set(SILENCE_MS)
    this.#swallowed += bytes.length
    if (this.#swallowed > MAX_SWALLOWED) this.#socket.destroy()
  }
}

/** RFC 9110 §10.1.1. In HTTP/1.0 the field means nothing. */
export function waitsForContinue(request: Request): boolean {
  const expect = request.headers.get('expect')
  if (expect === undefined || request.version === 'HTTP/1.0') return false
  const members = expect
    .toLowerCase()
    .split(',')
    .map((member) => trimmed(member, 0))
    .filter((member) => member !== '')
  if (members.some((member) => member !== '100-continue'))
    throw new RequestError('EXPECTATION_FAILED')
  return members.length > 0
}

export function isThenable(value: Response | Promise<Response>): value is Promise<Response> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function'
}

/** What a handler gave, or 500 when it is no answer at all. */
function checked(response: Response): Response {
  return Number.isInteger(response?.status) ? response : refusal(undefined)
}

function refusal(thrown: unknown): Response {
  const error = thrown instanceof RequestError ? thrown : new RequestError('INTERNAL_ERROR')
  return {
    status: error.status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...error.headers },
    content: `${error.message}.`,
  }
}

/** Nobody will read this answer: what its content holds is freed. */
export function abandon({ content }: Response): void {
  if (content === undefined || typeof content !== 'object' || !(Symbol.asyncIterator in content))
    return
  try {
    Promise.resolve(content[Symbol.asyncIterator]().return?.()).catch(() => {})
  } catch {
    // It holds nothing that we could free.
  }
}
