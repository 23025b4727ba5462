import { inspect } from 'node:util'
import type { Socket } from 'node:net'
import type { Route } from './app.ts'
import { RequestError } from './errors.ts'
import { knownMethods, type Client, type Params, type Request, type Response } from './http.ts'
import { RequestParser } from './request-parser.ts'
import { AnswerAborted, writeResponse } from './response-writer.ts'
import type { Router } from './router.ts'
import type { Settings } from './settings.ts'

/** One client, as one asynchronous function from its first byte to its last. */
export class Connection implements Client {
  #socket: Socket
  #app: Router<Route>
  #settings: Settings
  #gone = new AbortController()
  #serve: { route: Route; params: Params } | undefined
  #start = ''

  constructor(socket: Socket, app: Router<Route>, settings: Settings) {
    this.#socket = socket
    this.#app = app
    this.#settings = settings
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  start(): void {
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#gone.abort())
    void this.#live().catch(() => this.#socket.destroy())
  }

  async #live(): Promise<void> {
    const what = await this.#receive()
    if (what === 'nothing') return void this.#socket.end(() => this.#socket.destroySoon())
    this.#drop()
    const response = what instanceof RequestError ? refusal(what) : await this.#handle(what)
    if (this.#socket.destroyed) return
    try {
      await writeResponse(this.#socket, response, {
        withoutContent: this.#start === 'HEAD ',
        close: true,
        timeoutMs: this.#settings.WRITE_TIMEOUT_MS,
      })
    } catch (error) {
      if (!(error instanceof AnswerAborted) && this.#settings.LOG)
        process.stderr.write(`${inspect(error)}\n`)
      return void this.#socket.destroy()
    }
    this.#socket.end()
    this.#socket.setTimeout(2000, () => this.#socket.destroy())
    const limit = setTimeout(() => this.#socket.destroy(), 30_000)
    this.#socket.once('close', () => clearTimeout(limit))
  }

  /** Bytes after the request go nowhere. */
  #drop(): void {
    let dropped = 0
    this.#socket.on('data', (bytes: Buffer) => {
      dropped += bytes.length
      if (dropped > 16 * 1024 * 1024) this.#socket.destroy()
    })
    this.#socket.resume()
  }

  async #receive(): Promise<Request | RequestError | 'nothing'> {
    const { HEADER_TIMEOUT_MS, BODY_TIMEOUT_MS, ...limits } = this.#settings
    const parser = new RequestParser(
      {
        maxRequestLineBytes: limits.MAX_REQUEST_LINE_BYTES,
        maxHeaderBytes: limits.MAX_HEADER_BYTES,
        maxContentBytes: limits.MAX_CONTENT_BYTES,
      },
      { onHead: (request, length) => this.#judge(parser, request, length) },
    )
    return await new Promise((resolve) => {
      let state = 'silent'
      let timer: NodeJS.Timeout | undefined
      const finish = (what: Request | RequestError | 'nothing') => {
        clearTimeout(timer)
        this.#socket.off('data', take)
        this.#socket.off('end', end)
        this.#socket.off('close', left)
        resolve(what)
      }
      const enter = (next: string, ms: number, then: () => void) => {
        if (state === next) return
        state = next
        clearTimeout(timer)
        timer = ms > 0 ? setTimeout(then, ms) : undefined
      }
      const late = () => finish(new RequestError('REQUEST_TIMEOUT'))
      const take = (bytes: Buffer) => {
        if (this.#start.length < 5)
          this.#start = (this.#start + bytes.toString('latin1')).replace(/^[\r\n]+/, '').slice(0, 5)
        const [request] = parser.push(bytes, 1)
        if (request !== undefined) return finish(request)
        if (parser.error !== undefined) return finish(parser.error)
        if (parser.state === 'head') enter('head', HEADER_TIMEOUT_MS, late)
        if (parser.state === 'content') enter('content', BODY_TIMEOUT_MS, late)
      }
      const end = () => {
        parser.end()
        finish(parser.error ?? 'nothing')
      }
      const left = () => finish('nothing')
      if (HEADER_TIMEOUT_MS > 0) timer = setTimeout(() => finish('nothing'), HEADER_TIMEOUT_MS)
      this.#socket.on('data', take)
      this.#socket.on('end', end)
      this.#socket.on('close', left)
    })
  }

  #judge(parser: RequestParser, request: Request, length: number | undefined): void {
    if (!knownMethods.has(request.method)) throw new RequestError('UNKNOWN_METHOD')
    const match = this.#app.find(request.method, request.path)
    if (match.kind === 'not-found') throw new RequestError('NOT_FOUND')
    if (match.kind === 'method-not-allowed')
      throw new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: match.allow.join(',') } })
    match.value.check?.(match.params)
    const expect = (request.headers.get('expect') ?? '')
      .split(',')
      .map((each) => each.trim().toLowerCase())
      .filter(Boolean)
    if (expect.some((each) => each !== '100-continue')) throw new RequestError('EXPECTATION_FAILED')
    if (length !== undefined && length > this.#settings.MAX_CONTENT_BYTES)
      throw new RequestError('CONTENT_TOO_LARGE')
    this.#serve = { route: match.value, params: match.params }
    if (match.value.readsContent !== true) parser.dropContent()
    if (expect.length > 0 && length !== 0 && request.version === 'HTTP/1.1')
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  async #handle(request: Request): Promise<Response> {
    if (this.#serve === undefined) return refusal(new RequestError('INTERNAL_ERROR'))
    const { route, params } = this.#serve
    try {
      return await route.handler(request, params, this)
    } catch (error) {
      if (error instanceof RequestError) return refusal(error)
      if (this.#settings.LOG && !this.#socket.destroyed) process.stderr.write(`${inspect(error)}\n`)
      return refusal(new RequestError('INTERNAL_ERROR'))
    }
  }
}

function refusal({ status, message, headers }: RequestError): Response {
  return {
    status,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    content: message,
  }
}
