/** One client: its requests come in, their answers go out, until one of us has had enough. */
import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'
import { RequestError } from '../level2/errors.ts'
import {
  type Client,
  type Handler,
  knownMethods,
  type Params,
  type Request,
  type Response,
} from '../level2/http.ts'
import { RequestParser } from '../level2/request-parser.ts'
import { abandon, bytesOf, ClientLeft, formatHead, isStream, Outbox, Pump } from './answer.ts'
import { closesConnection, errorResponse, toRequestError } from './errors.ts'
import { describeThrown } from './log.ts'
import { Pipeline, type Turn as PipelineTurn } from './pipeline.ts'
import { rateLimitFields } from './rate-limiter.ts'
import { Rope } from './rope.ts'
import type { Service } from './service.ts'
import type { Drainable } from './shutdown.ts'
import { alarm } from './wheel.ts'

/** What the connection waits for, and so which clock runs. */
type Waiting = 'request' | 'head' | 'content' | 'us' | 'fin'

const MAX_SWALLOWED = 16 * 1024 * 1024
const SILENCE_MS = 2_000
const CLOSING_MS = 30_000
/** Of the second that a client may delay the end of the server; the wheel may be late by some ticks. */
const DRAINING_MS = 800
/** What is read and waits for its turn; then the client has to wait. */
const MAX_UNPARSED = 64 * 1024
/** Answers that wait for the kernel; then the next one has to wait. */
const MAX_PENDING = 64 * 1024
const NOTHING = Buffer.alloc(0)
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** One request in flight: everything that belongs to it, and to no other. */
class Turn implements PipelineTurn {
  state: PipelineTurn['state'] = 'reading'
  readonly method: string | null
  readonly target: string | null
  readonly sinceMs: number
  isSafe = true
  isHead = false
  isOld = false
  wantsDigest = false
  /** The client will send no further request, or may not. */
  isLast = false
  /** The answer is the last one, and says so. */
  closes = false
  /** Answered before its content was there: whatever that turns out to be, there is no second answer. */
  isEarly = false
  waitsForContinue = false
  limits: Readonly<Record<string, string>> | undefined
  request: Request | undefined
  serve: (() => Response | Promise<Response>) | undefined
  response: Response | undefined
  thrown: string | undefined
  hasBegun = false
  isLogged = false
  bytes = 0

  constructor(method: string | null, target: string | null, sinceMs: number) {
    this.method = method
    this.target = target
    this.sinceMs = sinceMs
    this.isHead = method === 'HEAD'
    this.isSafe = method === null || safeMethods.has(method)
  }

  refuse(error: RequestError): void {
    if (error.code === 'INTERNAL_ERROR') this.thrown = describeThrown(error.cause)
    this.response = errorResponse(error)
    this.state = 'answered'
    this.closes ||= closesConnection(this.response.status)
  }
}

export class Connection implements Client, Drainable {
  readonly #socket: Socket
  readonly #service: Service
  readonly #parser: RequestParser
  readonly #pipeline: Pipeline<Turn>
  readonly #outbox: Outbox
  readonly #inbox = new Rope()
  readonly #clock = alarm(() => this.#rings[this.#waiting]())
  readonly #lastHour = alarm(() => this.#socket.destroy())
  #waiting: Waiting = 'us'
  #remoteAddress: string | undefined
  #gone: AbortController | undefined
  #onClose: () => void = () => {}
  #isClosed = false
  /** More requests are taken from this client. */
  #takes = true
  #hasFin = false
  #isDraining = false
  #isFeeding = false
  #hasLeftovers = false
  #pushedAt = 0
  #headSince: number | undefined
  #reading: Turn | undefined
  /** The turn after whose answer we close. */
  #final: Turn | undefined
  #pump: Pump | undefined
  readonly #unflushed = new Set<Turn>()
  #requests = 0
  #swallowed = 0

  readonly #rings: Readonly<Record<Waiting, () => void>> = {
    request: () => this.#hangUp(),
    head: () => this.#isTooLate(),
    content: () => this.#isTooLate(),
    us: () => {},
    fin: () => this.#socket.destroy(),
  }

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
      { onHead: (request, contentLength) => this.#headIsThere(request, contentLength) },
    )
    this.#pipeline = new Pipeline<Turn>({
      most: settings.MAX_PIPELINE,
      start: (turn) => this.#begin(turn),
      send: (turn) => this.#send(turn),
      onProgress: () => this.#feed(),
    })
    this.#outbox = new Outbox(socket, settings.WRITE_TIMEOUT_MS, () => this.#rest())
  }

  get remoteAddress(): string | undefined {
    return this.#isClosed ? undefined : this.#remoteAddress
  }

  /** Aborted when the socket has closed. */
  get gone(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController()
      // As many handlers may listen as there are requests in flight.
      setMaxListeners(0, this.#gone.signal)
      if (this.#isClosed) this.#gone.abort()
    }
    return this.#gone.signal
  }

  /** Requests that have begun, were it with one byte, and are not answered to the end. */
  get requestsInFlight(): number {
    if (this.#isClosed || this.#waiting === 'fin') return 0
    let count = this.#pipeline.length
    for (const turn of this.#unflushed) if (!this.#isQueued(turn)) count += 1
    if (this.#takes && (this.#parser.state === 'head' || this.#hasUnparsed)) count += 1
    return count
  }

  /** Listens to the socket. `onClose` is called once, however the connection ends. */
  start(onClose: () => void): void {
    const socket = this.#socket
    this.#onClose = onClose
    this.#remoteAddress = socket.remoteAddress
    socket
      .on('data', (bytes: Buffer) => this.#arrived(bytes))
      .on('end', () => {
        this.#hasFin = true
        this.#feed()
      })
      .on('error', () => {})
      .on('close', () => this.#closed())
    if (socket.destroyed) process.nextTick(() => this.#closed())
    else this.#rest()
  }

  /** Finishes the requests that have begun, then closes; at once when none has. */
  drain(): void {
    if (this.#isDraining || this.#isClosed) return
    this.#isDraining = true
    if (this.#waiting === 'fin') this.#lastHour.set(DRAINING_MS)
    // What the kernel has received already is read first.
    else setImmediate(() => setImmediate(() => this.#rest()))
  }

  /** Closes now, whatever is under way. */
  destroy(): void {
    // What was cut must not look complete.
    if (this.#pump === undefined) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }

  // ---- reading

  #arrived(bytes: Buffer): void {
    if (this.#waiting === 'fin') {
      this.#swallowed += bytes.length
      this.#clock.set(SILENCE_MS)
      if (this.#swallowed > MAX_SWALLOWED) this.#socket.destroy()
    } else if (this.#takes) {
      this.#inbox.add(bytes)
      this.#feed()
    }
  }

  get #hasUnparsed(): boolean {
    if (!this.#inbox.isEmpty) return true
    // The parser may keep bytes of the next request; if it does not tell, none are assumed.
    return this.#hasLeftovers && ((this.#parser as { unreadBytes?: number }).unreadBytes ?? 0) > 0
  }

  /** Gives the parser what may be parsed now, and lets run and leave what may. */
  #feed(): void {
    if (this.#isFeeding || this.#isClosed) return
    this.#isFeeding = true
    this.#pipeline.advance()
    while (this.#takes && (this.#reading !== undefined || this.#pipeline.hasRoom)) {
      let bytes: Buffer = NOTHING
      if (!this.#hasLeftovers) {
        const front = this.#inbox.front
        if (front === undefined) {
          if (this.#hasFin) this.#inputEnds()
          break
        }
        bytes = front
        this.#inbox.readTo(front.length)
      }
      this.#pushedAt = performance.now()
      const [request] = this.#parser.push(bytes, 1)
      this.#hasLeftovers = request !== undefined
      if (request !== undefined) this.#isWhole(request)
      else if (this.#parser.error !== undefined) this.#isBroken(this.#parser.error)
      else if (this.#parser.state === 'head' && this.#headSince === undefined) {
        this.#headSince = this.#pushedAt
        this.#wait('head', this.#service.settings.HEADER_TIMEOUT_MS)
      }
      this.#pipeline.advance()
    }
    this.#pipeline.advance()
    this.#isFeeding = false
    this.#holdBack()
    this.#rest()
  }

  /** The client waits when it sends more than may be in flight. */
  #holdBack(): void {
    const isFull = this.#takes && this.#inbox.length > MAX_UNPARSED
    if (isFull && !this.#socket.isPaused()) this.#socket.pause()
    else if (!isFull && this.#socket.isPaused()) this.#socket.resume()
  }

  #inputEnds(): void {
    this.#parser.end()
    if (this.#parser.error !== undefined) this.#isBroken(this.#parser.error)
    this.#takesNoMore()
  }

  #takesNoMore(): void {
    this.#takes = false
    this.#hasLeftovers = false
    this.#inbox.clear()
  }

  #headIsThere(request: Request, contentLength: number | undefined): void {
    const { settings } = this.#service
    const turn = new Turn(request.method, request.target, this.#headSince ?? this.#pushedAt)
    this.#headSince = undefined
    this.#reading = turn
    this.#requests += 1
    const options = members(request.headers.get('connection'))
    turn.isOld = request.version === 'HTTP/1.0'
    turn.isLast =
      options.includes('close') ||
      (turn.isOld && !options.includes('keep-alive')) ||
      this.#requests === settings.MAX_REQUESTS_PER_CONNECTION
    turn.closes = turn.isLast
    turn.wantsDigest = !turn.isOld && members(request.headers.get('te')).includes('trailers')
    const expectations = turn.isOld ? [] : members(request.headers.get('expect'))
    const hasContent = contentLength !== 0
    const waits = hasContent && expectations.includes('100-continue')
    this.#pipeline.add(turn)
    this.#wait('content', settings.BODY_TIMEOUT_MS)
    try {
      turn.serve = this.#decide(turn, request, expectations)
      turn.waitsForContinue = waits && !isAbove(contentLength, settings.MAX_CONTENT_BYTES)
      // As long as its 100 is not due, it is the client that waits for us.
      if (turn.waitsForContinue && !this.#pipeline.isFirst(turn)) this.#wait('us', 0)
    } catch (thrown) {
      const error = toRequestError(thrown)
      turn.refuse(error)
      turn.isEarly = true
      this.#parser.dropContent()
      // Content that will not come, or not to its end: nobody knows where the next request would begin.
      if (waits || isAbove(contentLength, settings.MAX_CONTENT_BYTES)) turn.closes = true
      if (turn.closes) this.#takesNoMore()
    }
  }

  /** In the order of faults, what speaks against the request before its content is looked at. */
  #decide(
    turn: Turn,
    request: Request,
    expectations: readonly string[],
  ): () => Response | Promise<Response> {
    const { rateLimiter, router } = this.#service
    if (rateLimiter !== undefined && request.path !== '/health') {
      const verdict = rateLimiter.take(this.#remoteAddress ?? '')
      turn.limits = rateLimitFields(verdict)
      if (!verdict.allowed) throw new RequestError('TOO_MANY_REQUESTS')
    }
    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
    const match = router.find(request.method, request.path)
    let handler: Handler
    let params: Params = {}
    let readsContent = false
    switch (match.kind) {
      case 'not-found':
        throw new RequestError('NOT_FOUND')
      case 'method-not-allowed':
        throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(',') } })
      case 'options':
        handler = () => ({ status: 204, headers: { Allow: match.allow.join(' , ') } })
        break
      case 'found':
        match.value.check?.(match.params)
        ;({ handler } = match.value)
        ;({ params } = match)
        readsContent = match.value.readsContent === true
    }
    if (expectations.some((member) => member !== '100-continue'))
      throw new RequestError('EXPECTATION_FAILED')
    if (!readsContent) this.#parser.dropContent()
    return () => handler(turn.request as Request, params, this)
  }

  #isWhole(request: Request): void {
    const turn = this.#reading
    this.#reading = undefined
    this.#wait('us', 0)
    if (turn === undefined) return
    turn.waitsForContinue = false
    if (!turn.isEarly) {
      turn.request = request
      turn.state = 'received'
    }
    if (turn.isLast) this.#takesNoMore()
  }

  /** No request follows a broken one; what is due before it comes first. */
  #isBroken(error: RequestError): void {
    this.#takesNoMore()
    this.#wait('us', 0)
    let turn = this.#reading
    this.#reading = undefined
    if (turn === undefined) {
      const line = beforeTheLine.has(error.code) ? undefined : this.#parser.requestLine
      turn = new Turn(
        line?.method ?? null,
        line?.target.target ?? null,
        this.#headSince ?? this.#pushedAt,
      )
      this.#headSince = undefined
      // It has no handler, so there is nothing that would have to wait for the others.
      turn.isSafe = true
      this.#pipeline.add(turn)
    }
    turn.waitsForContinue = false
    turn.closes = true
    if (!turn.isEarly) turn.refuse(error)
  }

  #isTooLate(): void {
    this.#isBroken(new RequestError('REQUEST_TIMEOUT'))
    this.#feed()
  }

  // ---- answering

  #begin(turn: Turn): void {
    turn.state = 'running'
    // What it changes must not be changed before the answers of all before it have left.
    if (turn.isSafe) this.#run(turn)
    else this.#outbox.whenClear(() => this.#run(turn))
  }

  #run(turn: Turn): void {
    let answer: Response | Promise<Response>
    try {
      answer = (turn.serve as () => Response | Promise<Response>)()
    } catch (thrown) {
      this.#answered(turn, undefined, thrown)
      return
    }
    if (typeof (answer as { then?: unknown } | undefined)?.then !== 'function')
      this.#answered(turn, answer as Response)
    else {
      ;(answer as Promise<Response>).then(
        (response) => this.#answered(turn, response),
        (thrown) => this.#answered(turn, undefined, thrown),
      )
    }
  }

  #answered(turn: Turn, response: Response | undefined, thrown?: unknown): void {
    turn.serve = undefined
    turn.request = undefined
    if (turn.isLogged) {
      abandon(response)
      return
    }
    if (
      response !== undefined &&
      Number.isInteger(response?.status) &&
      response.status >= 200 &&
      response.status <= 999
    ) {
      turn.response = response
      turn.state = 'answered'
    } else
      turn.refuse(
        toRequestError(
          response === undefined ? thrown : new TypeError('The handler gave no answer.'),
        ),
      )
    this.#pipeline.advance()
    if (!this.#isFeeding) this.#feed()
  }

  #send(turn: Turn): Promise<void> | undefined {
    const isAlone = this.#pipeline.length === 1
    turn.closes ||= closesConnection(turn.response?.status ?? 500)
    turn.closes ||=
      isAlone &&
      (this.#isDraining || this.#hasFin) &&
      !this.#hasUnparsed &&
      this.#parser.state !== 'head'
    const response = turn.response as Response
    const { status, content } = response
    const isUnknown =
      isStream(content) && content.length === undefined && status !== 204 && status !== 304
    if (isUnknown && turn.isOld) turn.closes = true
    const length = isStream(content) ? content.length : undefined
    const bytes = isStream(content) ? undefined : bytesOf(content)
    const isBare = turn.isHead || status === 204 || status === 304
    let head: string
    try {
      let framing: number | string = length ?? bytes?.length ?? 0
      if (status === 204 || (status === 304 && content === undefined)) framing = ''
      else if (isUnknown && turn.isOld) framing = ''
      else if (isUnknown)
        framing = `transfer-encoding: chunked\r\n${turn.wantsDigest ? 'trailer: Content-Digest\r\n' : ''}`
      head = formatHead(
        status,
        response.headers,
        framing,
        turn.closes ? 'Close' : 'Keep-Alive',
        turn.limits,
      )
    } catch (thrown) {
      abandon(response)
      turn.refuse(toRequestError(thrown))
      return this.#send(turn)
    }
    turn.hasBegun = true
    this.#unflushed.add(turn)
    if (turn.closes) this.#isFinal(turn)
    const start = Buffer.from(head, 'latin1')
    if (isBare || !isStream(content)) {
      if (isStream(content)) abandon(response)
      return this.#sendWhole(
        turn,
        isBare || bytes === undefined || bytes.length === 0 ? [start] : [start, bytes],
      )
    }
    return new Promise((resolve) => {
      this.#outbox.write([start], () => {})
      this.#pump = new Pump(this.#outbox, {
        isChunked: isUnknown && !turn.isOld,
        hasDigest: isUnknown && turn.wantsDigest,
        onBytes: (count) => (turn.bytes += count),
        onEnd: (reason) => {
          this.#pump = undefined
          this.#isSent(turn, reason)
          resolve()
        },
      })
      this.#pump.start(content)
    })
  }

  #sendWhole(turn: Turn, pieces: readonly Buffer[]): Promise<void> | undefined {
    let wake: (() => void) | undefined
    const count = pieces[1]?.length ?? 0
    this.#outbox.write(pieces, (left) => {
      if (!left) turn.bytes = count
      this.#isSent(turn, left ? new ClientLeft() : undefined)
      wake?.()
    })
    if (this.#outbox.pending <= MAX_PENDING) return undefined
    return new Promise((resolve) => (wake = resolve))
  }

  /** Nothing behind this turn is answered. */
  #isFinal(turn: Turn): void {
    this.#final = turn
    this.#takesNoMore()
    this.#reading = undefined
    this.#wait('us', 0)
    for (const dropped of this.#pipeline.clear()) {
      if (dropped === turn) continue
      abandon(dropped.response)
      this.#log(dropped, null, undefined)
    }
    this.#holdBack()
  }

  #isSent(turn: Turn, reason: unknown): void {
    this.#unflushed.delete(turn)
    this.#log(turn, turn.response?.status ?? null, reason)
    if (reason !== undefined && !(reason instanceof ClientLeft)) this.#socket.resetAndDestroy()
    else if (turn === this.#final) this.#hangUp()
  }

  /** Called when anything has ended: perhaps something may go on, perhaps nothing is left to do. */
  #rest(): void {
    if (this.#isClosed || this.#isFeeding || this.#waiting === 'fin' || this.#final !== undefined)
      return
    const reading = this.#reading
    if (
      reading?.waitsForContinue === true &&
      reading.state === 'reading' &&
      this.#pipeline.isFirst(reading)
    ) {
      reading.waitsForContinue = false
      this.#outbox.write([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n')], () => {}, true)
      // It waits since now, and not since it asked.
      this.#wait('content', this.#service.settings.BODY_TIMEOUT_MS)
    }
    if (this.#pipeline.length > 0 || this.#outbox.pending > 0) return
    // A request that is answered needs the rest of its content only for the sake of the next one.
    if (reading?.isEarly === true && this.#isDraining) this.#takesNoMore()
    if (
      this.#takes &&
      (reading !== undefined || this.#parser.state !== 'idle' || this.#hasUnparsed)
    )
      return
    if (!this.#takes || this.#isDraining) this.#hangUp()
    else if (this.#waiting !== 'request')
      this.#wait('request', this.#service.settings.KEEP_ALIVE_TIMEOUT_MS)
  }

  // ---- the end

  #hangUp(): void {
    if (this.#isClosed || this.#waiting === 'fin') return
    this.#takesNoMore()
    this.#final = undefined
    this.#wait('fin', SILENCE_MS)
    this.#lastHour.set(this.#isDraining ? DRAINING_MS : CLOSING_MS)
    if (this.#socket.isPaused()) this.#socket.resume()
    this.#socket.end()
  }

  #closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock.clear()
    this.#lastHour.clear()
    this.#takesNoMore()
    this.#reading = undefined
    this.#pump?.stop(new ClientLeft())
    for (const turn of [...this.#pipeline.clear(), ...this.#unflushed]) {
      if (turn.isLogged) continue
      if (!turn.hasBegun) abandon(turn.response)
      this.#log(turn, turn.hasBegun ? (turn.response?.status ?? null) : null, new ClientLeft())
    }
    this.#unflushed.clear()
    this.#outbox.close()
    this.#gone?.abort()
    this.#onClose()
  }

  #wait(waiting: Waiting, ms: number): void {
    this.#waiting = waiting
    this.#clock.set(ms)
  }

  #isQueued(turn: Turn): boolean {
    return this.#pipeline.isFirst(turn)
  }

  #log(turn: Turn, status: number | null, reason: unknown): void {
    if (turn.isLogged) return
    turn.isLogged = true
    const { log } = this.#service
    if (!log.isOn) return
    const hasLeft = reason instanceof ClientLeft
    const error =
      turn.thrown ?? (reason === undefined || hasLeft ? undefined : describeThrown(reason))
    log.request({
      method: turn.method,
      target: turn.target,
      status,
      bytes: turn.bytes,
      durationMs: Math.round((performance.now() - turn.sinceMs) * 1000) / 1000,
      remoteAddress: this.#remoteAddress ?? null,
      ...(hasLeft && { aborted: true }),
      ...(error !== undefined && { error }),
    })
  }
}

/** Faults that are found before the request line is understood. */
const beforeTheLine: ReadonlySet<string> = new Set([
  'REQUEST_LINE_TOO_LONG',
  'INVALID_REQUEST_LINE',
  'INVALID_TARGET',
])

function isAbove(contentLength: number | undefined, most: number): boolean {
  return contentLength !== undefined && contentLength > most
}

/** The members of a list, in lower case (RFC 9110 §5.6.1). */
function members(value: string | undefined): string[] {
  if (value === undefined) return []
  return value
    .toLowerCase()
    .split(',')
    .map(withoutBlanks)
    .filter((member) => member !== '')
}

function withoutBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start += 1
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1
  return text.slice(start, end)
}
