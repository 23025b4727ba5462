/** Reads by a generator that asks for what it needs, and writes its answer byte by byte. */
import * as net from 'node:net'
import type { CommonSettings } from './settings.ts'

type Settings = CommonSettings &
  Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>

interface Answer {
  status: number
  fields: Record<string, string>
  content: Buffer
}

/** Yields to wait for bytes; the next value is the byte, or `undefined` when the client has ended. */
type Reading<T> = Generator<undefined, T, number | undefined>

class Stop {
  status: number
  fields: Record<string, string>
  constructor(status: number, fields: Record<string, string> = {}) {
    this.status = status
    this.fields = fields
  }
}

function* line(most: number, tooLong: number, first?: number): Reading<string> {
  const codes: number[] = []
  for (let byte = first ?? (yield); byte !== 10; byte = yield) {
    if (byte === undefined) throw new Stop(400)
    codes.push(byte)
    // One byte more may be the CR.
    if (codes.length > most + 1 || (codes.length > most && byte !== 13)) throw new Stop(tooLong)
  }
  return Buffer.from(codes).toString('latin1')
}

function withoutCr(text: string): string {
  if (!/^[^\r\0]*\r$/.test(text)) throw new Stop(400)
  return text.slice(0, -1)
}

const token = (text: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(text)
const host = (text: string) =>
  /^(\[[\da-f.:]+\]|([\w!$&'()*+,;=.~-]|%[\da-f]{2})*)(:\d*)?$/i.test(text)

class Conversation {
  readonly #settings: Settings
  method = ''

  constructor(settings: Settings) {
    this.#settings = settings
  }

  *request(): Reading<Answer | undefined> {
    const settings = this.#settings
    let text = ''
    do {
      const first = yield
      if (first === undefined) return undefined
      text = withoutCr(yield* line(settings.MAX_REQUEST_LINE_BYTES, 414, first))
    } while (text === '')

    const words = text.split(' ')
    const [method = '', target = '', version = ''] = words
    if (words.length !== 3 || !token(method) || !/^[!"$-~]+$/.test(target)) throw new Stop(400)
    if (!/^HTTP\/[0-9]\.[0-9]$/.test(version)) throw new Stop(400)
    const place = this.#place(method, target)
    this.method = method
    if (!version.startsWith('HTTP/1')) throw new Stop(505)

    const fields = yield* this.#fields()
    const hosts = fields('host')
    if (hosts.length > 1 || !hosts.every(host) || (version !== 'HTTP/1.0' && hosts.length === 0))
      throw new Stop(400)
    const lengths = fields('content-length')
    if (lengths.length > 1 || !/^\d+$/.test(lengths[0] ?? '0')) throw new Stop(400)
    if (fields('transfer-encoding').length > 0) throw new Stop(501)
    if (!'GET HEAD POST PUT DELETE PATCH OPTIONS TRACE'.split(' ').includes(method))
      throw new Stop(501)

    const path = unescaped(place.path)
    if (!['/', '/echo', '/greet', '/work'].includes(path)) throw new Stop(404)
    const allowed = path === '/echo' ? 'POST' : 'GET, HEAD'
    if (!allowed.split(', ').includes(method)) throw new Stop(405, { Allow: allowed })
    const length = Number(lengths[0] ?? 0)
    if (length > settings.MAX_CONTENT_BYTES) throw new Stop(413)
    const content = Buffer.alloc(length)
    for (let at = 0; at < length; at++) {
      const byte = yield
      if (byte === undefined) throw new Stop(400)
      content[at] = byte
    }
    if (path === '/echo')
      return {
        status: 200,
        fields: { 'Content-Type': fields('content-type')[0] ?? 'application/octet-stream' },
        content,
      }
    if (path === '/') return plain(200, 'Hello, World!')
    if (path === '/greet')
      return plain(200, `Hello, ${new URLSearchParams(place.query).get('name') ?? 'stranger'}!`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    return plain(200, 'done')
  }

  #place(method: string, target: string): { path: string; query: string } {
    if (method === 'CONNECT' || (target === '*' && method === 'OPTIONS'))
      return { path: target, query: '' }
    let rest = target
    if (!target.startsWith('/')) {
      const [, authority, after] = /^[a-z][a-z\d+.-]*:\/\/([^/?]+)(.*)$/i.exec(target) ?? []
      if (authority === undefined || after === undefined || !host(authority)) throw new Stop(400)
      rest = after.startsWith('/') ? after : `/${after}`
    }
    const [path = '', ...query] = rest.split('?')
    return { path, query: query.join('?') }
  }

  *#fields(): Reading<(name: string) => string[]> {
    const lines: string[] = []
    let left = this.#settings.MAX_HEADER_BYTES
    for (;;) {
      const text = yield* line(left - 2, 431)
      left -= text.length + 1
      lines.push(text)
      if (text === '\r' || text === '') break
    }
    const fields = lines
      .map(withoutCr)
      .slice(0, -1)
      .map((text) => {
        const [, name = '', value = ''] =
          /^([^:]*):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? []
        if (!token(name)) throw new Stop(400)
        return { name: name.toLowerCase(), value: value.replace(/[ \t]+$/, '') }
      })
    return (wanted) => fields.filter(({ name }) => name === wanted).map(({ value }) => value)
  }
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new Stop(400)
  }
}

function plain(status: number, words: string): Answer {
  return {
    status,
    fields: { 'Content-Type': 'text/plain; charset=utf-8' },
    content: Buffer.from(words),
  }
}

/** Short answers leave byte by byte; nobody wants to wait for long ones. */
function write(socket: net.Socket, bytes: Buffer, at = 0): void {
  if (at + 400 < bytes.length && at > 400) return void socket.end(bytes.subarray(at))
  if (at === bytes.length) return void socket.end()
  socket.write(bytes.subarray(at, at + 1), () => write(socket, bytes, at + 1))
}

export function createServer(settings: Settings): net.Server {
  return net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const conversation = new Conversation(settings)
    const reading = conversation.request()
    let over = false
    const finish = (answer: Answer | undefined) => {
      over = true
      if (answer === undefined) return void socket.end()
      const { status, content } = answer
      const fields = {
        ...answer.fields,
        'Content-Length': content.length,
        Date: new Date().toUTCString(),
        Connection: 'close',
      }
      const head = [
        `HTTP/1.1 ${status} `,
        ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
        '',
        '',
      ].join('\r\n')
      write(
        socket,
        Buffer.concat([
          Buffer.from(head, 'latin1'),
          conversation.method === 'HEAD' ? Buffer.alloc(0) : content,
        ]),
      )
      socket.once('finish', () => socket.setTimeout(2000, () => socket.destroy()))
    }
    const feed = (byte?: number) => {
      try {
        const { done, value } = reading.next(byte)
        if (done) finish(value)
      } catch (error) {
        if (!(error instanceof Stop)) throw error
        const answer = plain(error.status, 'No.')
        finish({ ...answer, fields: { ...answer.fields, ...error.fields } })
      }
    }
    feed()
    let dropped = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      for (const byte of bytes) {
        if (over) break
        feed(byte)
      }
      if (over && (dropped += bytes.length) > 16 * 1024 * 1024) socket.destroy()
    })
    socket.on('end', () => {
      if (!over) feed(undefined)
    })
  })
}
