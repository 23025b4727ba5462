/** Looks at each byte of the head once, and knows what it has seen by the state it is in. */
import net from 'node:net'
import type { CommonSettings } from './settings.ts'

type Settings = CommonSettings &
  Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>

type State =
  'before' | 'before-lf' | 'line' | 'name' | 'value' | 'value-lf' | 'skip' | 'content' | 'done'

class Refusal extends Error {
  readonly status: number
  readonly fields: string
  constructor(status: number, fields = '') {
    super(`refused with ${status}`)
    this.status = status
    this.fields = fields
  }
}

const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
const KNOWN = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']
const ROUTES: Record<string, string[]> = Object.assign(Object.create(null) as object, {
  '/': ['GET', 'HEAD'],
  '/echo': ['POST'],
  '/greet': ['GET', 'HEAD'],
  '/work': ['GET', 'HEAD'],
})

class Machine {
  readonly #settings: Settings
  state: State = 'before'
  method = ''
  #target = ''
  #old = false
  #text = ''
  #afterCr = false
  #name = ''
  #value = ''
  #headerBytes = 0
  #lineStart = true
  #bad = false
  readonly #fields: [string, string][] = []
  #length = 0
  #content: Buffer[] = []
  #came = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Anything begun? */
  get begun(): boolean {
    return this.state !== 'before'
  }

  /** The answer, once there is one. */
  take(bytes: Buffer): Buffer | undefined {
    let at = 0
    for (; at < bytes.length && this.state !== 'content'; at++) this.#byte(bytes[at] ?? 0)
    if (this.state !== 'content') return undefined
    const rest = bytes.subarray(at, at + this.#length - this.#came)
    if (rest.length > 0) this.#content.push(rest)
    this.#came += rest.length
    if (this.#came < this.#length) return undefined
    this.state = 'done'
    return this.#answer(Buffer.concat(this.#content))
  }

  #byte(byte: number): void {
    switch (this.state) {
      case 'before':
        if (byte === 13) this.state = 'before-lf'
        else {
          this.state = 'line'
          this.#lineByte(byte)
        }
        return
      case 'before-lf':
        if (byte !== 10) throw new Refusal(400)
        this.state = 'before'
        return
      case 'line':
        return this.#lineByte(byte)
      default:
        return this.#headerByte(byte)
    }
  }

  #lineByte(byte: number): void {
    if (byte === 10) {
      if (!this.#afterCr)
        throw this.#text.length > this.#settings.MAX_REQUEST_LINE_BYTES
          ? new Refusal(414)
          : new Refusal(400)
      this.#requestLine(this.#text)
      this.#afterCr = false
      this.state = 'name'
      return
    }
    if (this.#afterCr) {
      this.#text += '\r'
      this.#afterCr = false
    }
    if (byte === 13) this.#afterCr = true
    else this.#text += String.fromCharCode(byte)
    if (this.#text.length > this.#settings.MAX_REQUEST_LINE_BYTES) throw new Refusal(414)
  }

  #requestLine(line: string): void {
    const parts = line.split(' ')
    if (parts.length !== 3) throw new Refusal(400)
    const [method = '', target = '', version = ''] = parts
    if (!NAME.test(method.toLowerCase())) throw new Refusal(400)
    this.#target = target
    for (const c of target) if (c <= ' ' || c > '~' || c === '#') throw new Refusal(400)
    if (!/^HTTP\/\d\.\d$/.test(version) || target === '') throw new Refusal(400)
    if (method !== 'CONNECT' && !(method === 'OPTIONS' && target === '*') && target[0] !== '/') {
      const scheme = target.indexOf('://')
      if (scheme === -1 || !/^[a-z][a-z0-9+.-]*$/i.test(target.slice(0, scheme)))
        throw new Refusal(400)
      const after = target.slice(scheme + 3)
      const end = after.search(/[/?]|$/)
      if (end === 0 || !isHost(after.slice(0, end))) throw new Refusal(400)
      this.#target = after[end] === '/' ? after.slice(end) : `/${after.slice(end)}`
    }
    this.method = method
    if (version[5] !== '1') throw new Refusal(version[5] === '0' ? 400 : 505)
    this.#old = version === 'HTTP/1.0'
  }

  /** A fault in here waits for the end of the section: 431 comes first. */
  #headerByte(byte: number): void {
    if (++this.#headerBytes > this.#settings.MAX_HEADER_BYTES) throw new Refusal(431)
    if (byte === 10) {
      if (this.state !== 'value-lf') this.#bad = true
      if (this.#lineStart) return this.#headEnds()
      if (this.state === 'name') this.#bad = true
      this.#fields.push([this.#name.toLowerCase(), this.#value])
      this.#name = this.#value = ''
      this.#lineStart = true
      this.state = 'name'
      return
    }
    if (this.state === 'value-lf') {
      this.#bad = true
      this.#lineStart = false
    }
    if (byte === 13) {
      if (this.state === 'name' && !this.#lineStart) this.#bad = true
      this.state = 'value-lf'
      return
    }
    this.#lineStart = false
    if (byte === 0 || byte === 127 || (byte < 32 && byte !== 9)) this.#bad = true
    if (this.state === 'name') {
      if (byte === 58) this.state = 'value'
      else this.#name += String.fromCharCode(byte)
      return
    }
    this.#value += String.fromCharCode(byte)
  }

  #headEnds(): void {
    if (this.#bad || !this.#fields.every(([name]) => NAME.test(name))) throw new Refusal(400)
    const of = (wanted: string) =>
      this.#fields
        .filter(([name]) => name === wanted)
        .map(([, value]) => value.replace(/^[ \t]+|[ \t]+$/g, ''))
    const hosts = of('host')
    if (hosts.length !== 1 && !(this.#old && hosts.length === 0)) throw new Refusal(400)
    if (hosts[0] !== undefined && !isHost(hosts[0])) throw new Refusal(400)
    const lengths = of('content-length')
    if (lengths.length > 1 || /[^0-9]/.test(lengths[0] ?? '') || lengths[0] === '')
      throw new Refusal(400)
    if (of('transfer-encoding').length > 0) throw new Refusal(501)
    if (!KNOWN.includes(this.method)) throw new Refusal(501)
    const allowed = ROUTES[this.#path()]
    if (allowed === undefined) throw new Refusal(404)
    if (!allowed.includes(this.method))
      throw new Refusal(405, `Allow: ${allowed.toReversed().join(' , ')}\r\n`)
    this.#length = Number(lengths[0] ?? 0)
    if (this.#length > this.#settings.MAX_CONTENT_BYTES) throw new Refusal(413)
    this.#value = of('content-type')[0] ?? 'application/octet-stream'
    this.state = 'content'
  }

  #path(): string {
    const path = this.#target.split('?')[0] ?? ''
    try {
      return decodeURIComponent(path)
    } catch {
      throw new Refusal(400)
    }
  }

  #answer(content: Buffer): Buffer {
    const path = this.#path()
    if (path === '/echo') return answer(200, this.method, content, this.#value)
    const query = new URLSearchParams(this.#target.split('?').slice(1).join('?'))
    if (path === '/work') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    const words =
      path === '/'
        ? 'Hello, World!'
        : path === '/work'
          ? 'done'
          : `Hello, ${query.get('name') ?? 'stranger'}!`
    return answer(200, this.method, Buffer.from(words))
  }
}

function isHost(text: string): boolean {
  const port = text.lastIndexOf(':')
  const name = port > text.lastIndexOf(']') ? text.slice(0, port) : text
  if (!/^\d*$/.test(name === text ? '' : text.slice(port + 1))) return false
  return (
    /^\[[0-9a-f:.]+\]$/i.test(name) ||
    /^(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f][0-9a-f])*$/i.test(name)
  )
}

function answer(
  status: number,
  method: string,
  content: Buffer,
  type = 'text/plain; charset=utf-8',
  fields = '',
): Buffer {
  const head = `HTTP/1.1 ${status} whatever\r\ncontent-length: ${content.length}\r\n${fields}content-type: ${type}\r\nDATE: ${new Date().toUTCString()}\r\nconnection: close\r\nServer: machine\r\n\r\n`
  return method === 'HEAD'
    ? Buffer.from(head, 'latin1')
    : Buffer.concat([Buffer.from(head, 'latin1'), content])
}

export function createServer(settings: Settings): net.Server {
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    const machine = new Machine(settings)
    let answered = false
    let dropped = 0
    const close = (bytes: Buffer) => {
      answered = true
      socket.end(bytes)
      socket.setTimeout(2000, () => socket.destroy())
    }
    const attempt = (work: () => Buffer | undefined) => {
      try {
        const bytes = work()
        if (bytes !== undefined) close(bytes)
      } catch (error) {
        const { status, fields, message } = error instanceof Refusal ? error : new Refusal(500)
        close(answer(status, machine.method, Buffer.from(message), undefined, fields))
      }
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      if (!answered) attempt(() => machine.take(bytes))
      else if ((dropped += bytes.length) > 16 * 1024 * 1024) socket.destroy()
    })
    socket.on('end', () => {
      if (answered) return
      if (!machine.begun) return void socket.end()
      attempt(() => {
        throw new Refusal(400)
      })
    })
  })
}
