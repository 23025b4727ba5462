/** A small web server on a raw TCP socket: four routes, no framework. */
import net from 'node:net'
import type { CommonSettings } from './settings.ts'

/** What `main.ts` reads from the environment for us. */
export type Settings = CommonSettings &
  Readonly<Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>>

interface Request {
  method: string
  path: string
  query: URLSearchParams
  headers: Map<string, string[]>
  content: Buffer
}

interface Response {
  status: number
  headers?: Record<string, string>
  content: Buffer | string
}

class Refuse extends Error {
  status: number
  method: string | undefined
  constructor(status: number, message: string, method?: string) {
    super(message)
    this.status = status
    this.method = method
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']

export function createServer(settings: Settings): net.Server {
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    let received = Buffer.alloc(0)
    let done = false
    socket.on('error', () => {})
    const reply = (response: Response, head: boolean) => {
      done = true
      received = Buffer.alloc(0)
      socket.end(serialize(response, head))
      // drop what still comes
      let dropped = 0
      socket.on('data', (data) => {
        dropped += data.length
        if (dropped > 16 * 1024 * 1024) socket.destroy()
      })
      const timer = setTimeout(() => socket.destroy(), 30_000)
      socket.setTimeout(2000, () => socket.destroy())
      socket.on('close', () => clearTimeout(timer))
    }
    const attempt = (ended: boolean) => {
      try {
        const request = parseRequest(received, settings)
        if (request) {
          reply(answer(request), request.method === 'HEAD')
        } else if (ended) {
          if (received.length === 0) {
            done = true
            socket.end()
          } else throw new Refuse(400, 'cut off')
        }
      } catch (error) {
        if (error instanceof Refuse)
          reply({ status: error.status, content: error.message }, error.method === 'HEAD')
        else {
          console.error(error)
          reply({ status: 500, content: 'broken' }, false)
        }
      }
    }
    socket.on('data', (data) => {
      if (done) return
      received = Buffer.concat([received, data])
      attempt(false)
    })
    socket.on('end', () => {
      if (!done) attempt(true)
    })
  })
}

function parseRequest(bytes: Buffer, settings: Settings): Request | undefined {
  let text = bytes.toString('latin1')
  let start = 0
  while (text.startsWith('\r\n', start)) start += 2
  text = text.slice(start)
  const lf = text.indexOf('\n')
  const lineEnd = lf === -1 ? text.length : text[lf - 1] === '\r' ? lf - 1 : lf
  if (lineEnd > settings.MAX_REQUEST_LINE_BYTES) {
    if (!(lf === -1 && lineEnd === settings.MAX_REQUEST_LINE_BYTES + 1 && text.endsWith('\r')))
      throw new Refuse(414, 'request line too long')
  }
  if (lf === -1) return undefined
  if (text[lf - 1] !== '\r') throw new Refuse(400, 'LF without CR')
  const line = text.slice(0, lf - 1)
  if (/[\r\0]/.test(line)) throw new Refuse(400, 'CR or NUL in request line')
  const parts = line.split(' ')
  const [method = '', target = '', version = ''] = parts
  if (parts.length !== 3) throw new Refuse(400, 'request line has not three parts')
  if (!TOKEN.test(method)) throw new Refuse(400, 'method is no token')
  const found = /^HTTP\/(\d)\.(\d)$/.exec(version)
  if (!found) throw new Refuse(400, 'bad version')
  if (target.includes('#') && method !== 'CONNECT') throw new Refuse(400, 'fragment')
  let pathAndQuery = target
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*(.*)$/.exec(target)
  if (absolute) {
    pathAndQuery = absolute[1] ?? ''
    if (!pathAndQuery.startsWith('/')) pathAndQuery = '/' + pathAndQuery
  } else if (target === '*') {
    if (method !== 'OPTIONS' && method !== 'CONNECT') throw new Refuse(400, '* is for OPTIONS')
  } else if (!target.startsWith('/') && method !== 'CONNECT') throw new Refuse(400, 'bad target')
  if (found[1] !== '1') throw new Refuse(505, 'version')

  const rest = text.slice(lf + 1)
  // find the end of the header section
  let end: number
  let broken = false
  if (rest.startsWith('\r\n')) end = 2
  else if (rest.startsWith('\n')) {
    end = 1
    broken = true
  } else {
    const match = /\n\r?\n/.exec(rest)
    if (!match) {
      if (rest.length > settings.MAX_HEADER_BYTES) throw new Refuse(431, 'too many fields', method)
      return undefined
    }
    end = match.index + match[0].length
  }
  if (end > settings.MAX_HEADER_BYTES) throw new Refuse(431, 'too many fields', method)
  const section = rest.slice(0, end)
  if (broken || /[^\r]\n|^\n|\r[^\n]|\0/.test(section))
    throw new Refuse(400, 'bad line ends', method)
  const headers = new Map<string, string[]>()
  for (const field of section.split('\r\n')) {
    if (field === '') continue
    const colon = field.indexOf(':')
    if (colon === -1) throw new Refuse(400, 'field without colon', method)
    const name = field.slice(0, colon)
    if (!TOKEN.test(name)) throw new Refuse(400, 'bad field name', method)
    const value = field.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    const key = name.toLowerCase()
    headers.set(key, [...(headers.get(key) ?? []), value])
  }
  const host = headers.get('host') ?? []
  if (host.length > 1) throw new Refuse(400, 'Host repeated', method)
  if (host.length === 0 && found[2] !== '0') throw new Refuse(400, 'Host missing', method)
  if (host[0] && !/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:\d*)?$/.test(host[0]))
    throw new Refuse(400, 'Host is no host', method)
  const lengths = headers.get('content-length') ?? []
  if (lengths.length > 1) throw new Refuse(400, 'Content-Length repeated', method)
  if (lengths.length === 1 && !/^\d+$/.test(lengths[0] ?? ''))
    throw new Refuse(400, 'Content-Length', method)
  if (headers.has('transfer-encoding')) throw new Refuse(501, 'Transfer-Encoding', method)
  if (!METHODS.includes(method)) throw new Refuse(501, 'method', method)
  const question = pathAndQuery.indexOf('?')
  const rawPath = question === -1 ? pathAndQuery : pathAndQuery.slice(0, question)
  const query = new URLSearchParams(question === -1 ? '' : pathAndQuery.slice(question + 1))
  let path: string
  try {
    path = rawPath
      .split('/')
      .map((segment) => decodeURIComponent(segment))
      .join('/')
  } catch {
    throw new Refuse(404, 'bad escape', method)
  }
  const route = routes[rawPath.split('/').length === 2 ? path : '']
  if (!route) throw new Refuse(404, 'nothing here', method)
  const request: Request = { method, path, query, headers, content: Buffer.alloc(0) }
  if (!route.methods.includes(method)) return request
  const length = Number(lengths[0] ?? '0')
  if (length > settings.MAX_CONTENT_BYTES) throw new Refuse(413, 'too large', method)
  const from = start + lf + 1 + end
  if (bytes.length < from + length) return undefined
  request.content = bytes.subarray(from, from + length)
  return request
}

const routes: Record<string, { methods: string[]; run: (request: Request) => Response }> = {
  '/': { methods: ['GET', 'HEAD'], run: () => ({ status: 200, content: 'Hello, World!' }) },
  '/greet': {
    methods: ['GET', 'HEAD'],
    run: ({ query }) => ({ status: 200, content: `Hello, ${query.get('name') ?? 'stranger'}!` }),
  },
  '/work': { methods: ['GET', 'HEAD'], run: () => ({ status: 200, content: work(100) }) },
  '/echo': {
    methods: ['POST'],
    run: ({ headers, content }) => ({
      status: 200,
      headers: { 'Content-Type': headers.get('content-type')?.[0] ?? 'application/octet-stream' },
      content,
    }),
  },
}

function answer(request: Request): Response {
  const route = routes[request.path]
  if (!route) return { status: 404, content: 'nothing here' }
  if (!route.methods.includes(request.method))
    return { status: 405, headers: { Allow: route.methods.join(', ') }, content: 'not allowed' }
  return route.run(request)
}

/** Stands for a slow query: holds the process for some milliseconds, then tells that it is done. */
function work(ms: number): string {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(nobody, 0, 0, ms)
  return 'done'
}

function serialize(response: Response, head: boolean): Buffer {
  const content = Buffer.isBuffer(response.content)
    ? response.content
    : Buffer.from(response.content)
  const headers = {
    Date: new Date().toUTCString(),
    'Content-Type': 'text/plain; charset=utf-8',
    ...response.headers,
    'Content-Length': content.length,
    Connection: 'close',
  }
  const lines = [`HTTP/1.1 ${response.status} `]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  const text = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return head ? text : Buffer.concat([text, content])
}
