/** A loop that reads, a chain of promises that answers, and one deadline. */
import { inspect } from 'node:util'
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Route } from '../level2/app.ts'
import { RequestError } from '../level2/errors.ts'
import { knownMethods } from '../level2/http.ts'
import type { Client, ContentStream, Params, Request, Response } from '../level2/http.ts'
import { listMembers } from '../level2/lists.ts'
import { RequestParser } from '../level2/request-parser.ts'
import { formatHead } from '../level2/response-writer.ts'
import { Patience } from './connection-limit.ts'
import { closesConnection, errorResponse, toRequestError } from './errors.ts'
import { Pipeline, type Turn } from './pipeline.ts'
import { rateLimitFields } from './rate-limiter.ts'
import type { Service } from './service.ts'
import type { Drainable } from './shutdown.ts'

const SLICE = 16 * 1024

type Waiting = 'idle' | 'head' | 'content' | 'us'

interface Visit extends Turn {
  isSafe: boolean
  state: Turn['state']
  readonly begin: number
  readonly request?: Request
  method: string | null
  target: string | null
  serve?: () => Response | Promise<Response>
  response?: Response
  fields: Readonly<Record<string, string>>
  isLast: boolean
  asksFirst: boolean
  bytes: number
  status: number | null
  error?: string
  isNoted: boolean
}

export class Connection implements Client, Drainable {
  readonly #socket: Socket
  readonly #service: Service
  readonly #parser: RequestParser
  readonly #pipeline: Pipeline<Visit>
  readonly #gone = new AbortController()
  #visits = 0
  #reading: Visit | undefined
  /** Whatever comes from now on is dropped. */
  #isDeaf = false
  #hasFin = false
  #isDraining = false
  #patience: Patience | undefined
  #wake: () => void = () => undefined
  #waitsFor: Waiting = 'us'
  #since = 0
  #alarm: NodeJS.Timeout | undefined

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
      { onHead: (request, length) => this.#meet(request, length) },
    )
    this.#pipeline = new Pipeline<Visit>({
      most: settings.MAX_PIPELINE,
      start: (visit) => void this.#run(visit),
      send: (visit) => this.#answer(visit),
      onProgress: () => this.#settle(),
    })
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get requestsInFlight(): number {
    const isBetween = this.#reading !== undefined || this.#isDeaf || this.#isIdle
    return this.#pipeline.length + (isBetween ? 0 : 1)
  }

  get #isIdle(): boolean {
    return this.#parser.state === 'idle' && !this.#parser.hasUnread
  }

  start(onClose: () => void): void {
    this.#socket.on('error', () => undefined)
    this.#socket.once('close', () => {
      this.#isDeaf = true
      clearTimeout(this.#alarm)
      this.#gone.abort()
      for (const visit of this.#pipeline.clear()) this.#abandon(visit)
      this.#wake()
      onClose()
    })
    void this.#listen()
    this.#settle()
  }

  drain(): void {
    this.#isDraining = true
    if (this.#patience) this.#leaveSoon()
    this.#settle()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async #listen(): Promise<void> {
    try {
      for await (const bytes of this.#socket.iterator({ destroyOnReturn: false })) {
        if (this.#isDeaf) {
          this.#patience?.dropped(bytes.length)
          continue
        }
        this.#parser.add(bytes)
        await this.#takeIn()
      }
      this.#hasFin = true
      if (!this.#isDeaf) {
        this.#parser.end()
        await this.#takeIn()
      }
    } catch {
      // A reset: `close` tells the rest.
    }
    this.#settle()
  }

  /** Takes in what has been read; returns when more is needed. */
  async #takeIn(): Promise<void> {
    while (!this.#isDeaf) {
      if (this.#reading === undefined && !this.#pipeline.hasRoom) {
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        this.#settle()
        if (!this.#pipeline.hasRoom && !this.#isDeaf) await promise
        continue
      }
      const request = this.#parser.next()
      if (request === undefined) {
        if (this.#parser.error !== undefined) this.#refuseRest(this.#parser.error)
        break
      }
      const visit = this.#reading
      this.#reading = undefined
      if (visit?.state === 'reading') visit.state = 'received'
      if (visit?.isLast) this.#isDeaf = true
      this.#pipeline.advance()
    }
    this.#settle()
  }

  #refuseRest(fault: RequestError): void {
    this.#isDeaf = true
    const visit = this.#reading ?? this.#newVisit()
    if (this.#reading === undefined) {
      const { requestLine } = this.#parser
      visit.method = requestLine?.method ?? null
      visit.target = requestLine?.target.target ?? null
      this.#pipeline.add(visit)
    }
    this.#reading = undefined
    visit.isLast = true
    if (visit.state === 'reading') this.#refuse(visit, fault)
  }

  #newVisit(request?: Request): Visit {
    return {
      isSafe: request === undefined || /^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method),
      state: 'reading',
      begin: performance.now(),
      ...(request === undefined ? {} : { request }),
      method: request?.method ?? null,
      target: request?.target ?? null,
      fields: {},
      isLast: false,
      asksFirst: false,
      bytes: 0,
      status: null,
      isNoted: false,
    }
  }

  /** A header section is complete. */
  #meet(request: Request, length: number | undefined): void {
    const { settings } = this.#service
    const visit = this.#newVisit(request)
    this.#reading = visit
    const options = new Set(listMembers(request.headers.get('connection') ?? ''))
    const isPersistent =
      !options.has('close') && (request.version === 'HTTP/1.1' || options.has('keep-alive'))
    visit.isLast = !isPersistent || ++this.#visits === settings.MAX_REQUESTS_PER_CONNECTION
    const isOld = request.version === 'HTTP/1.0'
    const expectations = isOld ? [] : listMembers(request.headers.get('expect') ?? '')
    const isTooLarge = length !== undefined && length > settings.MAX_CONTENT_BYTES
    try {
      this.#count(visit, request)
      const { route, params, serve } = this.#serviceOf(request)
      route?.check?.(params)
      if (expectations.some((each) => each !== '100-continue'))
        throw new RequestError('EXPECTATION_FAILED')
      if (isTooLarge) throw new RequestError('CONTENT_TOO_LARGE')
      visit.asksFirst = expectations.length > 0 && length !== 0
      visit.serve = serve
      if (!route?.readsContent) this.#parser.dropContent()
    } catch (thrown) {
      this.#refuse(visit, thrown)
      if (length !== 0 && (expectations.length > 0 || isTooLarge)) visit.isLast = true
      this.#parser.dropContent()
    }
    this.#pipeline.add(visit)
  }

  #count(visit: Visit, { path }: Request): void {
    const verdict =
      path === '/health'
        ? undefined
        : this.#service.rateLimiter?.take(this.#socket.remoteAddress ?? 'nobody')
    if (verdict === undefined) return
    visit.fields = rateLimitFields(verdict)
    if (!verdict.allowed) throw new RequestError('TOO_MANY_REQUESTS')
  }

  #serviceOf(request: Request): {
    route?: Route
    params: Params
    serve: () => Response | Promise<Response>
  } {
    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
    const match = this.#service.router.find(request.method, request.path)
    switch (match.kind) {
      case 'not-found':
        throw new RequestError('NOT_FOUND')
      case 'method-not-allowed':
        throw new RequestError('METHOD_NOT_ALLOWED', { headers: { allow: match.allow.join() } })
      case 'options':
        return {
          params: {},
          serve: () => ({ status: 204, headers: { allow: match.allow.join() } }),
        }
      case 'found': {
        const { value: route, params } = match
        return { route, params, serve: () => route.handler(request, params, this) }
      }
    }
  }

  async #run(visit: Visit): Promise<void> {
    visit.state = 'running'
    try {
      const response = await visit.serve?.()
      if (response === undefined) throw new TypeError('The handler returned no answer.')
      visit.response = response
      visit.state = 'answered'
    } catch (thrown) {
      this.#refuse(visit, thrown)
    }
    if (this.#socket.destroyed) discard(visit)
    else this.#settle()
  }

  #refuse(visit: Visit, thrown: unknown): void {
    const fault = toRequestError(thrown)
    if (fault.status === 500) {
      const cause: unknown = fault.cause ?? thrown
      visit.error = cause instanceof Error ? String(cause.stack) : inspect(cause)
    }
    visit.response = errorResponse(fault)
    visit.isLast ||= closesConnection(fault.status)
    visit.state = 'answered'
  }

  /** Looks at everything once more: to be called whenever something has changed. */
  #settle(): void {
    if (this.#socket.destroyed) return
    this.#pipeline.advance()
    const reading = this.#reading
    if (reading?.asksFirst && this.#pipeline.isFirst(reading)) {
      reading.asksFirst = false
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
    if (this.#pipeline.hasRoom) this.#wake()
    if (this.#pipeline.length === 0 && !this.#patience) {
      const isOver = this.#hasFin || this.#isDraining
      if (this.#isDeaf || (isOver && this.#isIdle)) return this.#close()
    }
    this.#setAlarm()
  }

  #setAlarm(): void {
    const state = this.#parser.state
    let waitsFor: Waiting = state
    if (this.#isDeaf) waitsFor = 'us'
    else if (state === 'idle' && this.#pipeline.length > 0) waitsFor = 'us'
    else if (this.#reading === undefined && !this.#pipeline.hasRoom) waitsFor = 'us'
    const { settings } = this.#service
    const allowed = {
      us: 0,
      idle: settings.KEEP_ALIVE_TIMEOUT_MS,
      head: settings.HEADER_TIMEOUT_MS,
      content: settings.BODY_TIMEOUT_MS,
    }[waitsFor]
    const isSame = waitsFor === this.#waitsFor && this.#since === this.#visits
    if (isSame) return
    this.#waitsFor = waitsFor
    this.#since = this.#visits
    clearTimeout(this.#alarm)
    if (allowed > 0)
      this.#alarm = setTimeout(() => {
        if (waitsFor === 'idle') return this.#close()
        this.#refuseRest(new RequestError('REQUEST_TIMEOUT'))
        this.#settle()
      }, allowed)
  }

  #answer(visit: Visit): Promise<void> {
    return this.#write(visit).then(
      () => {
        this.#note(visit)
        if (!visit.isLast) return
        this.#isDeaf = true
        for (const other of this.#pipeline.clear()) if (other !== visit) this.#abandon(other)
        this.#close()
      },
      (thrown: unknown) => {
        if (!this.#socket.destroyed) visit.error = String((thrown as Error).stack)
        this.#socket.resetAndDestroy()
        this.#note(visit, true)
      },
    )
  }

  async #write(visit: Visit): Promise<void> {
    try {
      for await (const bytes of this.#bytesOf(visit)) await this.#put(bytes)
    } finally {
      discard(visit)
    }
  }

  async *#bytesOf(visit: Visit): AsyncGenerator<Uint8Array, void> {
    const { response = { status: 500 }, request } = visit
    const { status, content = '' } = response
    const isOld = request?.version === 'HTTP/1.0'
    const isBare = visit.method === 'HEAD' || status === 204 || status === 304
    const whole = typeof content === 'string' ? Buffer.from(content) : content
    const isUnknown = whole.length === undefined
    if (isUnknown && isOld && !isBare) visit.isLast = true
    const isNothingElse =
      this.#pipeline.length === 1 && (this.#isDeaf || this.#reading === visit || this.#isIdle)
    if ((this.#isDraining || this.#hasFin) && isNothingElse) visit.isLast = true
    if (visit.isLast) this.#isDeaf = true
    const isChunked = isUnknown && !isOld
    const hasTrailer =
      isChunked && listMembers(request?.headers.get('te') ?? '').includes('trailers')
    const headers = {
      ...response.headers,
      ...visit.fields,
      ...(isOld && !visit.isLast ? { connection: 'keep-alive' } : {}),
      ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
      ...(hasTrailer ? { trailer: 'content-digest' } : {}),
    }
    visit.status = status
    yield Buffer.from(formatHead({ status, headers }, whole.length, visit.isLast), 'latin1')
    if (isBare) return
    const hash = createHash('sha256')
    let total = 0
    for await (const piece of slices(whole)) {
      total += piece.length
      if (whole.length !== undefined && total > whole.length) throw new Error('too much content')
      if (hasTrailer) hash.update(piece)
      if (isChunked) yield Buffer.from(`${piece.length.toString(16)}\r\n`)
      yield piece
      visit.bytes += piece.length
      if (isChunked) yield Buffer.from('\r\n')
    }
    if (whole.length !== undefined && total < whole.length) throw new Error('too little content')
    if (!isChunked) return
    const trailer = hasTrailer ? `content-digest: sha-256=:${hash.digest('base64')}:\r\n` : ''
    yield Buffer.from(`0\r\n${trailer}\r\n`)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const { WRITE_TIMEOUT_MS } = this.#service.settings
    const late =
      WRITE_TIMEOUT_MS === 0
        ? undefined
        : setTimeout(() => this.#socket.resetAndDestroy(), WRITE_TIMEOUT_MS)
    const leave = () => reject(new Error('the client left'))
    this.#socket.once('close', leave)
    if (this.#socket.destroyed) leave()
    else this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    try {
      await promise
    } finally {
      clearTimeout(late)
      this.#socket.off('close', leave)
    }
  }

  #abandon(visit: Visit): void {
    discard(visit)
    this.#note(visit, true)
  }

  #note(visit: Visit, aborted = false): void {
    const { method, target, status, bytes, begin, error } = visit
    const { log } = this.#service
    if (!log.isOn || visit.isNoted) return
    visit.isNoted = true
    log.request({
      method,
      target,
      status,
      bytes,
      durationMs: performance.now() - begin,
      remoteAddress: this.#socket.remoteAddress ?? null,
      ...(aborted ? { aborted } : {}),
      ...(error === undefined ? {} : { error }),
    })
  }

  #close(): void {
    if (this.#patience) return
    this.#isDeaf = true
    clearTimeout(this.#alarm)
    this.#patience = new Patience(this.#socket)
    this.#socket.end()
    if (this.#isDraining) this.#leaveSoon()
    this.#wake()
  }

  #leaveSoon(): void {
    setTimeout(() => this.#socket.destroy(), 800)
  }
}

async function* slices(content: Uint8Array | ContentStream): AsyncGenerator<Uint8Array, void> {
  if (!(content instanceof Uint8Array)) {
    for await (const piece of content) if (piece.length > 0) yield piece
    return
  }
  for (let at = 0; at < content.length; at += SLICE) yield content.subarray(at, at + SLICE)
}

/** Content that nobody will ask for any more is given up. */
function discard(visit: Visit): void {
  const content = visit.response?.content
  if (typeof content !== 'object' || content instanceof Uint8Array) return
  const nobody = () => undefined
  void Promise.resolve(content[Symbol.asyncIterator]().return?.()).catch(nobody)
}
