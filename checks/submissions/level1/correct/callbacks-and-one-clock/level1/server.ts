/** A small web server on a raw TCP socket, as one table-driven machine for each connection. */
import { EventEmitter } from 'node:events'
import { createServer as createTcpServer, isIPv6, type Server, type Socket } from 'node:net'
import { Chain } from './chain.ts'
import type { CommonSettings } from './settings.ts'
import { alarm } from './wheel.ts'

export type Settings = CommonSettings &
  Readonly<Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>>

/** Creates the server. It accepts connections once `listen` is called on it. */
export function createServer(settings: Settings): Server {
  // allowHalfOpen: a client that has sent its FIN still gets its answer.
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true })
  // Out of descriptors, for instance: whoever is connected stays, and later ones are served again.
  server.on('error', () => {})
  server.on('connection', (socket: Socket) => {
    new Exchange(socket, settings).on('over', (line: string) => {
      if (settings.LOG) process.stderr.write(`${line}\n`)
    })
  })
  return server
}

const [CR, LF] = [13, 10]
const MAX_SWALLOWED = 16 * 1024 * 1024
const EMPTY = Buffer.alloc(0)

type Phase = 'lull' | 'line' | 'fields' | 'content' | 'closing'

interface Plan {
  readonly status: number
  readonly type: string
  readonly content: Buffer
  readonly more?: string
}

type Page = (asked: { query: string; type: string | undefined; content: Buffer }) => Plan

/** One client, one request, one answer. */
class Exchange extends EventEmitter {
  readonly #socket: Socket
  readonly #settings: Settings
  readonly #patience = alarm(() => this.#socket.destroy())
  readonly #limit = alarm(() => this.#socket.destroy())
  #phase: Phase = 'lull'
  #swallowed = 0

  #line = new Chain()
  #method: string | undefined
  #target = ''
  #minor = 1
  #path = ''
  #query = ''
  #sectionBytes = 0
  #fields: (readonly [string, string])[] = []
  #sectionIsBad = false
  #page: Page | undefined
  #missing = 0
  #content = new Chain()

  /** What a read means in each phase: takes bytes from `at` on, and says where it stopped. */
  readonly #readers: Readonly<Record<Phase, (bytes: Buffer, at: number) => number>> = {
    lull: (bytes, at) => this.#skipEmptyLines(bytes, at),
    line: (bytes, at) => this.#readRequestLine(bytes, at),
    fields: (bytes, at) => this.#readFields(bytes, at),
    content: (bytes, at) => this.#readContent(bytes, at),
    closing: (bytes, at) => this.#swallow(bytes, at),
  }

  /** What a FIN means in each phase. */
  readonly #atFin: Readonly<Record<Phase, () => void>> = {
    lull: () => this.#hangUp(),
    line: () => this.#refuse(400, 'The request line is cut off.'),
    fields: () => this.#refuse(400, 'The header section is cut off.'),
    content: () => this.#refuse(400, 'The content is cut off.'),
    closing: () => {},
  }

  constructor(socket: Socket, settings: Settings) {
    super()
    this.#socket = socket
    this.#settings = settings
    socket
      .on('data', (bytes: Buffer) => {
        let at = 0
        while (at < bytes.length) at = this.#readers[this.#phase](bytes, at)
      })
      .on('end', () => this.#atFin[this.#phase]())
      .on('error', () => {})
      .on('close', () => {
        this.#phase = 'closing'
        this.#patience.clear()
        this.#limit.clear()
        this.#content = this.#line = new Chain()
      })
  }

  // ---- reading

  #skipEmptyLines(bytes: Buffer, at: number): number {
    let i = at
    for (;;) {
      if (i >= bytes.length) return i
      if (this.#line.length === 0 && bytes[i] === CR) {
        this.#line.append(bytes, i, i + 1)
        i += 1
      } else if (this.#line.length === 1 && bytes[i] === LF) {
        this.#line.take()
        i += 1
      } else {
        this.#phase = 'line'
        return i
      }
    }
  }

  #readRequestLine(bytes: Buffer, at: number): number {
    const most = this.#settings.MAX_REQUEST_LINE_BYTES
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf
    const line = this.#line
    // One byte more than the limit may still be the CR that ends the line.
    const taken = Math.min(end, at + Math.max(0, most + 2 - line.length))
    line.append(bytes, at, taken)
    if (line.length > most + 1 || (line.length === most + 1 && line.lastByte !== CR)) {
      this.#refuse(414, 'The request line is too long.')
      return bytes.length
    }
    if (lf < 0) return end
    const raw = line.take().toString('latin1')
    if (!raw.endsWith('\r')) this.#refuse(400, 'A line ends with CRLF.')
    else this.#understandRequestLine(raw.slice(0, -1))
    return lf + 1
  }

  #understandRequestLine(line: string): void {
    const parts = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP\/([0-9])\.([0-9])$/.exec(
      line,
    )
    if (parts === null) return this.#refuse(400, 'The request line is malformed.')
    const [, method = '', target = '', major = '', minor = ''] = parts
    if (method !== 'CONNECT') {
      const form = readTarget(method, target)
      if (form === undefined) return this.#refuse(400, 'The target has no form that is served.')
      this.#path = form.path
      this.#query = form.query
    }
    // RFC 9112 §2.3: HTTP/0.9 has no version in its request line, so this is no request line at all.
    if (major === '0' && minor === '9') return this.#refuse(400, 'HTTP/0.9 is written otherwise.')
    this.#method = method
    this.#target = target
    if (major !== '1') return this.#refuse(505, 'Only HTTP/1 is spoken here.')
    this.#minor = Number(minor)
    this.#phase = 'fields'
    if (this.#settings.MAX_HEADER_BYTES === 0) this.#refuse(431, 'The header section is too large.')
  }

  #readFields(bytes: Buffer, at: number): number {
    const most = this.#settings.MAX_HEADER_BYTES
    const lf = bytes.indexOf(LF, at)
    const end = lf < 0 ? bytes.length : lf + 1
    this.#sectionBytes += end - at
    let isLast = false
    if (this.#sectionBytes <= most) {
      this.#line.append(bytes, at, end)
      if (lf >= 0) {
        const raw = this.#line.take().toString('latin1')
        isLast = raw === '\r\n' || raw === '\n'
        if (!raw.endsWith('\r\n')) this.#sectionIsBad = true
        else if (!isLast && !this.#sectionIsBad) this.#understandField(raw.slice(0, -2))
      }
    }
    if (this.#sectionBytes > most || (this.#sectionBytes === most && !isLast)) {
      this.#refuse(431, 'The header section is too large.')
    } else if (isLast) this.#understandSection()
    return end
  }

  #understandField(line: string): void {
    const parts = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[^\0\r\n]*$/.exec(line)
    if (parts === null) {
      this.#sectionIsBad = true
      this.#fields = []
    } else
      this.#fields.push([
        (parts[1] ?? '').toLowerCase(),
        trimmed(line, (parts[1] ?? '').length + 1),
      ])
  }

  #understandSection(): void {
    if (this.#sectionIsBad) return this.#refuse(400, 'A field line is malformed.')
    const values = (name: string) => this.#fields.filter((f) => f[0] === name).map((f) => f[1])
    const hosts = values('host')
    if (hosts.length > 1 || (hosts.length === 0 && this.#minor > 0)) {
      return this.#refuse(400, 'One Host is needed.')
    }
    if (hosts[0] !== undefined && !isHost(hosts[0])) return this.#refuse(400, 'Host names no host.')
    const lengths = values('content-length')
    if (lengths.length > 1 || (lengths[0] !== undefined && !/^[0-9]+$/.test(lengths[0]))) {
      return this.#refuse(400, 'Content-Length is one decimal number.')
    }
    if (values('transfer-encoding').length > 0)
      return this.#refuse(501, 'No transfer coding is known here.')
    const type = values('content-type')[0]
    this.#fields = []

    const method = this.#method ?? ''
    if (!methods.has(method)) return this.#refuse(501, 'This method is not known here.')
    const name = decoded(this.#path)
    const served = name === undefined ? undefined : pages.get(name)
    if (served === undefined) return this.#refuse(404, 'There is nothing here.')
    const page = served[method === 'HEAD' ? 'GET' : method]
    if (page === undefined) {
      const names = Object.keys(served).flatMap((name) => (name === 'GET' ? ['HEAD', name] : name))
      return this.#refuse(405, 'This method is not served here.', `allow:${names.join(',')}\r\n`)
    }
    const length = Number(lengths[0] ?? '0')
    if (length > this.#settings.MAX_CONTENT_BYTES)
      return this.#refuse(413, 'The content is too large.')
    this.#missing = length
    this.#page = (asked) => page({ ...asked, type })
    this.#phase = 'content'
    if (length === 0) this.#serve()
  }

  #readContent(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#missing)
    this.#content.append(bytes, at, end)
    this.#missing -= end - at
    if (this.#missing === 0) this.#serve()
    return end
  }

  #swallow(bytes: Buffer, at: number): number {
    this.#swallowed += bytes.length - at
    if (this.#socket.writableFinished) this.#patience.set(2_000)
    if (this.#swallowed > MAX_SWALLOWED) this.#socket.destroy()
    return bytes.length
  }

  // ---- answering

  #serve(): void {
    const page = this.#page as Page
    this.#answer(page({ query: this.#query, type: undefined, content: this.#content.take() }))
  }

  #refuse(status: number, words: string, more = ''): void {
    this.#answer({ status, type: TEXT, content: Buffer.from(words), more })
  }

  #answer({ status, type, content, more = '' }: Plan): void {
    if (this.#phase === 'closing') return
    const socket = this.#socket
    socket.cork()
    // RFC 9112 §4: the reason phrase may be missing, the space before it may not.
    socket.write(
      `HTTP/1.1 ${status} \r\nconnection:close\r\n${more}content-length:${content.length}\r\n` +
        `content-type:${type}\r\nx-content-type-options:nosniff\r\ndate:${new Date().toUTCString()}\r\n\r\n`,
      'latin1',
    )
    if (this.#method !== 'HEAD' && content.length > 0) socket.write(content)
    process.nextTick(() => socket.uncork())
    this.#hangUp()
    this.emit('over', `${this.#method ?? '-'} ${JSON.stringify(this.#target)} ${status}`)
  }

  #hangUp(): void {
    this.#phase = 'closing'
    this.#content = this.#line = new Chain()
    this.#page = undefined
    this.#socket.end(() => {
      if (this.#socket.destroyed) return
      this.#patience.set(2_000)
      this.#limit.set(30_000)
    })
  }
}

// ---- what bytes mean

/** The target's parts; `undefined` when it has none of the forms that are for this method. */
export function readTarget(
  method: string,
  target: string,
): { authority: string | undefined; path: string; query: string } | undefined {
  if (target.includes('#')) return undefined
  if (target === '*') {
    return method === 'OPTIONS' ? { authority: undefined, path: '*', query: '' } : undefined
  }
  const parts =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?]*)(?=[/?]|$)|(?=\/))([^?]*)(?:\?(.*))?$/.exec(target)
  if (parts === null) return undefined
  const [, scheme, authority, path = '', query = ''] = parts
  // RFC 9110 §4.2.1: a URI without a host is rejected; §4.2.4: so is one with user information.
  if (
    scheme !== undefined &&
    (authority === undefined || /^(?::|$)/.test(authority) || !isHost(authority))
  )
    return undefined
  return { authority, path: path === '' ? '/' : path, query }
}

/** `uri-host [ ":" port ]`, RFC 9110 §7.2; a host may be empty. */
export function isHost(value: string): boolean {
  const parts = /^(?:\[([^\]]+)\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$/.exec(value)
  if (parts === null) return false
  const literal = parts[1]
  return (
    literal === undefined ||
    (isIPv6(literal) && !literal.includes('%')) ||
    /^[vV][0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+$/.test(literal)
  )
}

/** The value behind the colon, without the white space around it; in one pass, whatever is in it. */
export function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  const isBlank = (i: number) => line.charCodeAt(i) === 32 || line.charCodeAt(i) === 9
  while (start < end && isBlank(start)) start += 1
  while (end > start && isBlank(end - 1)) end -= 1
  return line.slice(start, end)
}

/** The one segment of a path, decoded once; `undefined` when it cannot be. Only one-segment paths are routes here. */
function decoded(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined
  try {
    const name = decodeURIComponent(path.slice(1))
    return path.indexOf('/', 1) < 0 && !name.includes('/') ? name : undefined
  } catch {
    return undefined
  }
}

// ---- the application

const TEXT = 'text/plain; charset=utf-8'
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])

const text = (words: string): Plan => ({ status: 200, type: TEXT, content: Buffer.from(words) })

const pages: ReadonlyMap<string, Readonly<Record<string, Page | undefined>>> = new Map(
  Object.entries<Record<string, Page>>({
    '': { GET: () => text('Hello, World!') },
    echo: {
      POST: ({ type, content }) => ({
        status: 200,
        type: type ?? 'application/octet-stream',
        content: content ?? EMPTY,
      }),
    },
    greet: {
      // With the "?" before it: a second one belongs to the first name.
      GET: ({ query }) =>
        text(`Hello, ${new URLSearchParams(`?${query}`).get('name') ?? 'stranger'}!`),
    },
    work: { GET: () => text(work(100)) },
  }).map(([name, served]) => [name, Object.assign(Object.create(null), served)]),
)

/** Stands for a slow query: holds the process for some milliseconds, then tells that it is done. */
function work(ms: number): string {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(nobody, 0, 0, ms)
  return 'done'
}
