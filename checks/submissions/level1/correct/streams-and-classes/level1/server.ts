/** A pipeline from the socket to itself, with a class for everything that has a name. */
import net from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'
import type { CommonSettings } from './settings.ts'

interface Settings extends CommonSettings {
  readonly MAX_REQUEST_LINE_BYTES: number
  readonly MAX_HEADER_BYTES: number
  readonly MAX_CONTENT_BYTES: number
}

export function createServer(settings: Settings): net.Server {
  return net.createServer({ allowHalfOpen: true }, (socket) => new Visit(socket, settings).begin())
}

/** One client. */
class Visit {
  readonly #socket: net.Socket
  readonly #reader: RequestReader

  constructor(socket: net.Socket, settings: Settings) {
    this.#socket = socket
    this.#reader = new RequestReader(settings)
  }

  begin(): void {
    const socket = this.#socket
    const end = () => socket.destroy()
    socket.on('error', end)
    this.#reader.on('error', end)
    this.#reader.once('answered', () => {
      socket.setTimeout(2_000, end)
      const patience = setTimeout(end, 30_000)
      socket.once('close', () => clearTimeout(patience))
    })
    socket.pipe(this.#reader).pipe(socket)
  }
}

/** Takes bytes, and gives one answer; then it drops what still comes. */
class RequestReader extends Transform {
  readonly #phases: Phase[]
  readonly #request = new Request()
  #dropped = 0
  #answered = false

  constructor(settings: Settings) {
    super()
    this.#phases = [
      new RequestLinePhase(settings.MAX_REQUEST_LINE_BYTES),
      new FieldsPhase(settings.MAX_HEADER_BYTES),
      new ContentPhase(settings.MAX_CONTENT_BYTES),
    ]
  }

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#answered) this.#drop(bytes)
    else this.#work((phase, at) => phase.take(bytes, at, this.#request))
    done()
  }

  override _flush(done: TransformCallback): void {
    if (!this.#answered && this.#request.hasBegun) this.#answer(new Refusal(400).answer)
    done()
  }

  #work(take: (phase: Phase, at: number) => number): void {
    try {
      for (let at = 0; ;) {
        const [phase] = this.#phases
        if (phase === undefined) return this.#answer(this.#request.route.answer(this.#request))
        at = take(phase, at)
        if (!phase.isDone) return
        this.#phases.shift()
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#answer(error.answer)
    }
  }

  #answer(answer: Answer): void {
    this.#answered = true
    this.emit('answered')
    this.push(answer.toBytes(this.#request.method === 'HEAD'))
    this.push(null)
  }

  #drop(bytes: Buffer): void {
    this.#dropped += bytes.length
    if (this.#dropped > 2 ** 24) this.destroy(new Error('The client goes on and on.'))
  }
}

class Answer {
  readonly status: number
  readonly content: Buffer
  readonly fields: Readonly<Record<string, string>>

  constructor(status: number, content: string | Buffer, fields: Readonly<Record<string, string>>) {
    this.status = status
    this.content = Buffer.from(content as string)
    this.fields = fields
  }

  toBytes(withoutContent: boolean): Buffer {
    const fields = {
      'content-length': String(this.content.length),
      ...this.fields,
      connection: 'CLOSE',
      date: new Date().toUTCString(),
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = Buffer.from(`HTTP/1.1 ${this.status} \r\n${lines.join('')}\r\n`, 'latin1')
    return withoutContent ? head : Buffer.concat([head, this.content])
  }
}

class TextAnswer extends Answer {
  constructor(text: string, status = 200, fields = {}) {
    super(status, text, { 'content-type': 'text/plain; charset=utf-8', ...fields })
  }
}

class Refusal extends Error {
  readonly answer: Answer

  constructor(status: number, fields = {}) {
    super(`status ${status}`)
    this.answer = new TextAnswer(`This is not served: ${status}`, status, fields)
  }
}

class Request {
  hasBegun = false
  method = ''
  isOld = false
  target = new Target('/', '')
  route: Route = new Route([])
  readonly fields: Field[] = []
  content: Buffer = Buffer.alloc(0)

  all(name: string): string[] {
    return this.fields.filter((field) => field.name === name).map(({ value }) => value)
  }
}

class Target {
  readonly path: string
  readonly query: string

  constructor(path: string, query: string) {
    this.path = path
    this.query = query
  }

  static read(text: string, method: string): Target {
    if (method === 'CONNECT' || (method === 'OPTIONS' && text === '*')) return new Target(text, '')
    const form = /^(?:[a-z][a-z0-9+.-]*:\/\/(?=[^/?])[^/?]*)?(\/[^?]*)?(?:\?(.*))?$/i.exec(text)
    if (form === null || /[^!-~]|#/.test(text) || /^\?|^$/.test(text)) throw new Refusal(400)
    return new Target(form[1] ?? '/', form[2] ?? '')
  }
}

class Field {
  readonly name: string
  readonly value: string

  constructor(line: string) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9a-z-]+):([^\r\n\0]*)$/i.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Refusal(400)
    this.name = name.toLowerCase()
    this.value = value.replace(/^[ \t]+|[ \t]+$/g, '')
  }
}

/** A part of a request that is being read. */
abstract class Phase {
  isDone = false
  abstract take(bytes: Buffer, at: number, request: Request): number
}

abstract class LinePhase extends Phase {
  protected line = ''

  take(bytes: Buffer, at: number, request: Request): number {
    while (at < bytes.length && !this.isDone) {
      const end = bytes.indexOf('\n', at)
      const stop = end === -1 ? bytes.length : end + 1
      this.line += bytes.toString('latin1', at, stop)
      at = stop
      this.look(request)
      if (end === -1) break
      const line = this.line
      this.line = ''
      this.take1(line, request)
    }
    return at
  }

  /** At an unfinished or finished line. */
  protected abstract look(request: Request): void
  /** At a finished one. */
  protected abstract take1(line: string, request: Request): void
}

class RequestLinePhase extends LinePhase {
  readonly #most: number

  constructor(most: number) {
    super()
    this.#most = most
  }

  protected look(request: Request): void {
    if (!/^\r?\n?$/.test(this.line)) request.hasBegun = true
    if (this.line.replace(/\r?\n$|\r$/, '').length > this.#most) throw new Refusal(414)
  }

  protected take1(line: string, request: Request): void {
    if (line === '\r\n') return
    const [, method = '', target = '', major, minor] =
      /^([!#$%&'*+.^_`|~0-9a-z-]+) ([^ ]+) HTTP\/(\d)\.(\d)\r\n$/i.exec(line) ?? []
    if (major === undefined || !line.includes(' HTTP/')) throw new Refusal(400)
    request.target = Target.read(target, method)
    if (major !== '1') throw new Refusal(505)
    request.method = method
    request.isOld = minor === '0'
    this.isDone = true
  }
}

class FieldsPhase extends LinePhase {
  #left: number
  #bad = false
  readonly #lines: string[] = []

  constructor(most: number) {
    super()
    this.#left = most
  }

  override take(bytes: Buffer, at: number, request: Request): number {
    if (this.#left === 0) throw new Refusal(431)
    return super.take(bytes, at, request)
  }

  protected look(): void {
    const isEnd = this.line === '\r\n' || this.line === '\n'
    if (this.line.length + (isEnd ? 0 : 1) > this.#left) throw new Refusal(431)
  }

  protected take1(line: string, request: Request): void {
    this.#left -= line.length
    if (!line.endsWith('\r\n')) this.#bad = true
    if (line.trim() !== '' || !/^\r?\n$/.test(line)) return void this.#lines.push(line.slice(0, -2))
    if (this.#bad) throw new Refusal(400)
    request.fields.push(...this.#lines.map((field) => new Field(field)))
    this.#check(request)
    this.isDone = true
  }

  #check(request: Request): void {
    const hosts = request.all('host')
    if (hosts.length > 1 || (hosts.length === 0 && !request.isOld)) throw new Refusal(400)
    if (
      !hosts.every((host) =>
        /^(\[[0-9a-f:.]+\]|([\w.~!$&'()*+,;=-]|%[0-9a-f]{2})*)(:\d*)?$/i.test(host),
      )
    )
      throw new Refusal(400)
    const lengths = request.all('content-length')
    if (lengths.length > 1 || !lengths.every((length) => /^\d+$/.test(length)))
      throw new Refusal(400)
    if (request.all('transfer-encoding').length > 0) throw new Refusal(501)
    request.route = Route.of(request)
  }
}

class ContentPhase extends Phase {
  readonly #most: number
  readonly #pieces: Buffer[] = []
  #left: number | undefined

  constructor(most: number) {
    super()
    this.#most = most
  }

  take(bytes: Buffer, at: number, request: Request): number {
    if (this.#left === undefined) {
      const length = BigInt(request.all('content-length')[0] ?? 0)
      if (length > BigInt(this.#most)) throw new Refusal(413)
      this.#left = Number(length)
    }
    const piece = bytes.subarray(at, at + this.#left)
    this.#pieces.push(piece)
    this.#left -= piece.length
    this.isDone = this.#left === 0
    if (this.isDone) request.content = Buffer.concat(this.#pieces)
    return at + piece.length
  }
}

class Route {
  static readonly #methods = 'GET HEAD POST PUT DELETE PATCH OPTIONS TRACE'.split(' ')
  readonly methods: readonly string[]

  constructor(methods: readonly string[] = ['HEAD', 'GET']) {
    this.methods = methods
  }

  static of({ method, target }: Request): Route {
    if (!Route.#methods.includes(method)) throw new Refusal(501)
    const route = routes.get(Route.#decoded(target.path))
    if (route === undefined) throw new Refusal(404)
    if (!route.methods.includes(method))
      throw new Refusal(405, { allow: route.methods.join(' , ') })
    return route
  }

  static #decoded(path: string): string {
    try {
      return path.replace(/[^/]+/g, (segment) => decodeURIComponent(segment).replaceAll('/', '\0'))
    } catch {
      throw new Refusal(400)
    }
  }

  answer(_request: Request): Answer {
    throw new Refusal(404)
  }
}

class Hello extends Route {
  override answer(): Answer {
    return new TextAnswer('Hello, World!')
  }
}

class Greet extends Route {
  override answer({ target }: Request): Answer {
    return new TextAnswer(`Hello, ${new URLSearchParams(target.query).get('name') ?? 'stranger'}!`)
  }
}

class Echo extends Route {
  constructor() {
    super(['POST'])
  }

  override answer(request: Request): Answer {
    const [type = 'application/octet-stream'] = request.all('content-type')
    return new Answer(200, request.content, { 'content-type': type })
  }
}

class Work extends Route {
  override answer(): Answer {
    const end = Date.now() + 101
    while (Date.now() < end);
    return new TextAnswer('done')
  }
}

const routes = new Map<string, Route>([
  ['/', new Hello()],
  ['/greet', new Greet()],
  ['/echo', new Echo()],
  ['/work', new Work()],
])
