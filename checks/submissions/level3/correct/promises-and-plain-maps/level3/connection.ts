/** One client: its requests come in, their answers go out, until one of us has had enough. */
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
import { linger } from './connection-limit.ts'
import { closesConnection, errorResponse, toRequestError } from './errors.ts'
import { Pipeline, type Turn } from './pipeline.ts'
import { rateLimitFields } from './rate-limiter.ts'
import type { Service } from './service.ts'
import type { Drainable } from './shutdown.ts'

class Exchange implements Turn {
  state: Turn['state'] = 'reading'
  isSafe = true
  method: string | null = null
  target: string | null = null
  request: Request | undefined
  route: Route | undefined
  params: Params = {}
  response: Response | undefined
  fields: Record<string, string> = {}
  close = false
  wants100 = false
  started = performance.now()
  bytes = 0
  sentHead = false
  logged = false
  thrown: unknown

  refuse(thrown: unknown): void {
    const error = toRequestError(thrown)
    if (error !== thrown) this.thrown = error.cause ?? thrown
    this.response = errorResponse(error)
    if (closesConnection(error.status)) this.close = true
    this.state = 'answered'
  }
}

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const NOTHING = Buffer.alloc(0)

export class Connection implements Client, Drainable {
  #socket: Socket
  #service: Service
  #parser: RequestParser
  #pipeline: Pipeline<Exchange>
  #reading: Exchange | undefined
  #count = 0
  /** No request after this is looked at. */
  #last = false
  #clientEnded = false
  #draining = false
  #closing = false
  #gone = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #timerKey = ''
  #busyPulling = false

  constructor(socket: Socket, service: Service) {
    this.#socket = socket
    this.#service = service
    const { settings } = service
    this.#parser = new RequestParser(
      {
        maxRequestLineBytes: settings.MAX_REQUEST_LINE_BYTES,
        maxHeaderBytes: settings.MAX_HEADER_BYTES,
        maxContentBytes: settings.MAX_CONTENT_BYTES,
      },
      { onHead: (request, length) => this.#onHead(request, length) },
    )
    this.#pipeline = new Pipeline<Exchange>({
      most: settings.MAX_PIPELINE,
      start: (turn) => this.#start(turn),
      send: (turn) => this.#send(turn),
      onProgress: () => this.#pull(),
    })
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  get requestsInFlight(): number {
    if (this.#closing) return 0
    const partial =
      this.#reading === undefined &&
      !this.#last &&
      (this.#parser.state !== 'idle' || this.#parser.hasUnread)
    return this.#pipeline.length + (partial ? 1 : 0)
  }

  start(onClose: () => void): void {
    this.#socket
      .on('data', (bytes) => {
        if (this.#last || this.#closing) return
        this.#parser.add(bytes)
        this.#pull()
      })
      .on('end', () => {
        this.#clientEnded = true
        if (!this.#last) this.#parser.end()
        this.#pull()
      })
      .on('error', () => {})
      .on('close', () => {
        clearTimeout(this.#timer)
        this.#closing = true
        this.#gone.abort()
        for (const turn of this.#pipeline.clear()) this.#abandon(turn)
        onClose()
      })
    this.#patience()
  }

  drain(): void {
    this.#draining = true
    if (this.#closing) this.#waitAtMostASecond()
    else this.#pull()
  }

  destroy(): void {
    this.#socket.resetAndDestroy()
  }

  // Reading

  #onHead(request: Request, length: number | undefined): void {
    const { settings, rateLimiter, router } = this.#service
    const turn = new Exchange()
    this.#reading = turn
    this.#count++
    turn.request = request
    turn.method = request.method
    turn.target = request.target
    turn.isSafe = SAFE.includes(request.method)
    const options = listMembers(request.headers.get('connection') ?? '').map((each) =>
      each.toLowerCase(),
    )
    turn.close =
      options.includes('close') ||
      (request.version === 'HTTP/1.0' && !options.includes('keep-alive')) ||
      this.#count === settings.MAX_REQUESTS_PER_CONNECTION
    const expect = request.version === 'HTTP/1.0' ? undefined : request.headers.get('expect')
    try {
      if (rateLimiter && request.path !== '/health') {
        const verdict = rateLimiter.take(this.#socket.remoteAddress ?? '')
        turn.fields = { ...rateLimitFields(verdict) }
        if (!verdict.allowed) throw new RequestError('TOO_MANY_REQUESTS')
      }
      if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
      const match = router.find(request.method, request.path)
      if (match.kind === 'not-found') throw new RequestError('NOT_FOUND')
      if (match.kind === 'method-not-allowed')
        throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(', ') } })
      if (match.kind === 'options') {
        const { allow } = match
        turn.route = {
          method: 'OPTIONS',
          pattern: '*',
          handler: () => ({ status: 204, headers: { Allow: allow.join(', ') } }),
        }
      } else {
        turn.route = match.value
        turn.params = match.params
        match.value.check?.(match.params)
      }
      if (expect !== undefined) {
        if (listMembers(expect).some((each) => each !== '100-continue'))
          throw new RequestError('EXPECTATION_FAILED')
        turn.wants100 = request.version === 'HTTP/1.1' && length !== 0
      }
      if ((length ?? 0) > settings.MAX_CONTENT_BYTES) throw new RequestError('CONTENT_TOO_LARGE')
      if (!turn.route.readsContent) this.#parser.dropContent()
    } catch (error) {
      turn.refuse(error)
      turn.wants100 = false
      if (length !== 0 && (expect !== undefined || (length ?? 0) > settings.MAX_CONTENT_BYTES))
        turn.close = true
      this.#parser.dropContent()
    }
    this.#pipeline.add(turn)
  }

  /** Takes in as many requests as may be, and works out what is waited for. */
  #pull(): void {
    if (this.#closing || this.#busyPulling) return
    this.#busyPulling = true
    while (!this.#last && !this.#closing && (this.#pipeline.hasRoom || this.#reading)) {
      const request = this.#parser.next()
      const turn = this.#reading
      if (request) {
        this.#reading = undefined
        if (turn?.state === 'reading') turn.state = 'received'
        if (turn?.close) this.#last = true
        this.#pipeline.advance()
        continue
      }
      if (this.#parser.error) this.#giveUp(this.#parser.error)
      this.#pipeline.advance()
      break
    }
    this.#pipeline.advance()
    this.#busyPulling = false
    if (this.#closing) return
    const first = this.#reading
    if (first?.wants100 && this.#pipeline.isFirst(first)) {
      first.wants100 = false
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    }
    if (this.#pipeline.length === 0) {
      const nothingBegun = this.#parser.state === 'idle' && !this.#parser.hasUnread
      if (this.#last || ((this.#clientEnded || this.#draining) && nothingBegun))
        return this.#close()
    }
    const mayRead = this.#last || this.#pipeline.hasRoom || this.#reading !== undefined
    if (mayRead) this.#socket.resume()
    else this.#socket.pause()
    this.#patience()
  }

  /** Nothing that comes is understood any more. */
  #giveUp(error: RequestError): void {
    this.#last = true
    const turn = this.#reading ?? new Exchange()
    if (!this.#reading) {
      const line = this.#parser.requestLine
      turn.method = line?.method ?? null
      turn.target = line?.target.target ?? null
      this.#pipeline.add(turn)
    }
    this.#reading = undefined
    turn.close = true
    if (turn.state === 'reading') turn.refuse(error)
  }

  #patience(): void {
    const { KEEP_ALIVE_TIMEOUT_MS, HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS } = this.#service.settings
    let key = 'none'
    let timeoutMs = 0
    const paused = !this.#last && !this.#pipeline.hasRoom && !this.#reading
    if (!this.#closing && !this.#last && !paused) {
      if (this.#parser.state === 'content')
        [key, timeoutMs] = [`content ${this.#count}`, BODY_TIMEOUT_MS]
      else if (this.#parser.state === 'head')
        [key, timeoutMs] = [`head ${this.#count}`, HEADER_TIMEOUT_MS]
      else if (this.#pipeline.length === 0)
        [key, timeoutMs] = [`idle ${this.#count}`, KEEP_ALIVE_TIMEOUT_MS]
    }
    if (key === this.#timerKey) return
    this.#timerKey = key
    clearTimeout(this.#timer)
    if (timeoutMs === 0) return
    this.#timer = setTimeout(() => {
      if (key.startsWith('idle')) return this.#close()
      this.#giveUp(new RequestError('REQUEST_TIMEOUT'))
      this.#pull()
    }, timeoutMs)
  }

  // Answering

  #start(turn: Exchange): void {
    turn.state = 'running'
    void this.#run(turn)
  }

  async #run(turn: Exchange): Promise<void> {
    try {
      turn.response = await turn.route!.handler(turn.request!, turn.params, this)
      turn.state = 'answered'
    } catch (error) {
      turn.refuse(error)
    }
    if (this.#socket.destroyed) return this.#abandon(turn)
    this.#pull()
  }

  #send(turn: Exchange): Promise<void> {
    return this.#write(turn).then(
      () => this.#sent(turn),
      (error: unknown) => {
        turn.thrown ??= error
        this.#log(turn, true)
        this.#socket.resetAndDestroy()
      },
    )
  }

  async #write(turn: Exchange): Promise<void> {
    const response = turn.response!
    const { content = '' } = response
    const body = typeof content === 'string' ? Buffer.from(content) : content
    const version = turn.request?.version ?? 'HTTP/1.1'
    const isStream = !(body instanceof Uint8Array)
    const bodiless = turn.method === 'HEAD' || response.status === 204 || response.status === 304
    const chunked = isStream && body.length === undefined && version === 'HTTP/1.1'
    if (isStream && body.length === undefined && version === 'HTTP/1.0' && !bodiless)
      turn.close = true
    if (closesConnection(response.status)) turn.close = true
    const nothingElse =
      this.#pipeline.length === 1 &&
      (this.#last ||
        this.#reading === turn ||
        (this.#parser.state === 'idle' && !this.#parser.hasUnread))
    if ((this.#draining || this.#clientEnded) && nothingElse) turn.close = true
    if (turn.close) this.#last = true
    const headers: Record<string, string> = { ...turn.fields, ...response.headers }
    if (!turn.close && version === 'HTTP/1.0') headers['Connection'] = 'keep-alive'
    const te = turn.request?.headers.get('te')
    const trailer =
      chunked &&
      te !== undefined &&
      listMembers(te).some((each) => each.toLowerCase() === 'trailers')
    if (chunked) headers['Transfer-Encoding'] = 'chunked'
    if (trailer) headers['Trailer'] = 'Content-Digest'
    const head = Buffer.from(
      formatHead({ ...response, headers }, body.length, turn.close),
      'latin1',
    )
    turn.sentHead = true
    if (bodiless) {
      dispose(response)
      return await this.#put(head)
    }
    if (!isStream) {
      turn.bytes = body.length
      return await this.#put(Buffer.concat([head, body]))
    }
    await this.#stream(turn, head, body, chunked, trailer)
  }

  async #stream(
    turn: Exchange,
    head: Buffer,
    body: ContentStream,
    chunked: boolean,
    trailer: boolean,
  ): Promise<void> {
    const digest = createHash('sha256')
    const iterator = body[Symbol.asyncIterator]()
    const stop = () => void Promise.resolve(iterator.return?.()).catch(() => {})
    this.#socket.once('close', stop)
    let first: Buffer | undefined = head
    let sent = 0
    try {
      for (;;) {
        const next = await iterator.next()
        if (this.#socket.destroyed) throw new Error('The client left.')
        if (next.done) break
        const piece = next.value
        if (piece.length === 0) continue
        sent += piece.length
        if (body.length !== undefined && sent > body.length)
          throw new Error('The content is longer than it said.')
        if (trailer) digest.update(piece)
        const parts = [...(first ? [first] : [])]
        first = undefined
        if (chunked)
          parts.push(
            Buffer.from(`${piece.length.toString(16)}\r\n`),
            Buffer.from(piece),
            Buffer.from('\r\n'),
          )
        else parts.push(Buffer.from(piece.buffer, piece.byteOffset, piece.length))
        turn.bytes += piece.length
        await this.#put(Buffer.concat(parts))
      }
    } finally {
      this.#socket.off('close', stop)
      stop()
    }
    if (body.length !== undefined && sent < body.length)
      throw new Error('The content is shorter than it said.')
    const end = chunked
      ? `0\r\n${trailer ? `Content-Digest: sha-256=:${digest.digest('base64')}:\r\n` : ''}\r\n`
      : ''
    await this.#put(Buffer.concat([first ?? NOTHING, Buffer.from(end)]))
  }

  #put(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return Promise.resolve()
    const socket = this.#socket
    if (!socket.writable) return Promise.reject(new Error('The client left.'))
    const { WRITE_TIMEOUT_MS } = this.#service.settings
    return new Promise((resolve, reject) => {
      const timer =
        WRITE_TIMEOUT_MS > 0
          ? setTimeout(() => socket.resetAndDestroy(), WRITE_TIMEOUT_MS)
          : undefined
      const end = (error?: Error | null) => {
        clearTimeout(timer)
        socket.off('close', gone)
        if (error || socket.destroyed) reject(error ?? new Error('The client left.'))
        else resolve()
      }
      const gone = () => end(new Error('The client left.'))
      socket.once('close', gone)
      socket.write(bytes, end)
    })
  }

  #sent(turn: Exchange): void {
    this.#log(turn, false)
    if (turn.close) {
      this.#last = true
      for (const other of this.#pipeline.clear()) if (other !== turn) this.#abandon(other)
      this.#close()
    }
  }

  #abandon(turn: Exchange): void {
    if (turn.state === 'answered' && turn.response && !turn.sentHead) dispose(turn.response)
    this.#log(turn, true)
  }

  #log(turn: Exchange, aborted: boolean): void {
    if (turn.logged || !this.#service.log.isOn) return
    turn.logged = true
    const { thrown } = turn
    this.#service.log.request({
      method: turn.method,
      target: turn.target,
      status: turn.sentHead ? (turn.response?.status ?? null) : null,
      bytes: turn.bytes,
      durationMs: performance.now() - turn.started,
      remoteAddress: this.#socket.remoteAddress ?? null,
      ...(aborted ? { aborted } : {}),
      ...(thrown === undefined
        ? {}
        : { error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown) }),
    })
  }

  // Closing

  #close(): void {
    if (this.#closing) return
    this.#closing = true
    clearTimeout(this.#timer)
    this.#socket.end()
    linger(this.#socket)
    if (this.#draining) this.#waitAtMostASecond()
  }

  #waitAtMostASecond(): void {
    setTimeout(() => this.#socket.destroy(), 900)
  }
}

function dispose({ content }: Response): void {
  if (content === undefined || typeof content === 'string' || content instanceof Uint8Array) return
  void Promise.resolve(content[Symbol.asyncIterator]().return?.()).catch(() => {})
}
