/**
 * A correct server of level 1, for the public test of task 1.7: no case may accuse it.
 *
 * It leans on `node:http`, which your own server may not, and tries the whole request again at every read.
 */
import http from 'node:http'
import net from 'node:net'

interface Answer {
  readonly status: number
  readonly content: Buffer
  readonly fields?: http.OutgoingHttpHeaders
}

interface Judgement {
  readonly method: string
  readonly answer: Answer
}

/** Too early to say. */
const MORE = undefined

const port = setting('PORT', 8080)
const maxRequestLineBytes = setting('MAX_REQUEST_LINE_BYTES', 8192)
const maxHeaderBytes = setting('MAX_HEADER_BYTES', 16_384)
const maxContentBytes = setting('MAX_CONTENT_BYTES', 1_048_576)

const serves: Readonly<Record<string, readonly string[]>> = {
  '/': ['GET', 'HEAD'],
  '/greet': ['GET', 'HEAD'],
  '/work': ['GET', 'HEAD'],
  '/echo': ['POST'],
}

/** What the bytes so far deserve. */
function judge(bytes: Buffer, ended: boolean): Judgement | typeof MORE {
  const text = bytes.toString('latin1')
  const start = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0
  const lineEnd = text.indexOf('\n', start)
  const line = text.slice(start, lineEnd === -1 ? undefined : lineEnd)
  const refuse = (status: number, method = 'GET') => ({ method, answer: refusal(status) })

  if (line.replace(/\r$/, '').length > maxRequestLineBytes) return refuse(414)
  if (lineEnd === -1) return ended && line !== '' ? refuse(400) : MORE
  const parts = /^([\w!#$%&'*+.^`|~-]+) ([!-"$-~]+) HTTP\/(\d)\.(\d)\r$/.exec(line)
  if (parts === null) return refuse(400)
  const [, method = '', target = '', major, minor] = parts
  const path = pathOf(method, target)
  if (path === undefined) return refuse(400)
  if (major !== '1') return refuse(505, method)

  const headEnd = /\n\r?\n/g
  headEnd.lastIndex = lineEnd
  const contentStart = headEnd.test(text) ? headEnd.lastIndex : -1
  const headerBytes = (contentStart === -1 ? text.length + 1 : contentStart) - lineEnd - 1
  if (headerBytes > maxHeaderBytes) return refuse(431, method)
  if (contentStart === -1) return ended ? refuse(400, method) : MORE
  const headers = headersOf(text.slice(lineEnd + 1, contentStart))
  if (headers === undefined) return refuse(400, method)

  const hosts = headers.getAll('host')
  if (hosts.length > 1 || (hosts.length === 0 && minor !== '0') || !hosts.every(isHost))
    return refuse(400, method)
  const lengths = headers.getAll('content-length')
  if (lengths.length > 1 || !lengths.every((value) => /^\d+$/.test(value)))
    return refuse(400, method)
  if (headers.getAll('transfer-encoding').length > 0) return refuse(501, method)

  if (method === 'CONNECT' || !/^(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE)$/.test(method)) {
    return refuse(501, method)
  }
  const allowed = serves[path]
  if (allowed === undefined) return refuse(404, method)
  if (!allowed.includes(method)) {
    return { method, answer: { ...refusal(405), fields: { Allow: allowed.join(', ') } } }
  }
  const length = Number(lengths[0] ?? 0)
  if (length > maxContentBytes) return refuse(413, method)
  if (bytes.length - contentStart < length) return ended ? refuse(400, method) : MORE

  const query = /\?(.*)/.exec(target)?.[1] ?? ''
  const type = headers.getAll('content-type')[0] ?? 'application/octet-stream'
  const content = bytes.subarray(contentStart, contentStart + length)
  return { method, answer: { status: 200, ...application(path, query, type, content) } }
}

function pathOf(method: string, target: string): string | undefined {
  if (method === 'CONNECT') return target
  if (target === '*') return method === 'OPTIONS' ? target : undefined
  const [, authority, path] =
    /^(?:[a-z][a-z\d+.-]*:\/\/([^/?]+))?((?:\/[^?]*)?)(?:\?.*)?$/i.exec(target) ?? []
  if (path === undefined || (path === '' && authority === undefined)) return undefined
  if (authority !== undefined && !isHost(authority)) return undefined
  try {
    return decodeURIComponent(path === '' ? '/' : path)
  } catch {
    return 'a path that is no route'
  }
}

function isHost(value: string): boolean {
  const literal = /^\[([\da-f:.]+)\](?::\d*)?$/i.exec(value)?.[1]
  if (literal !== undefined) return net.isIPv6(literal)
  return /^(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*(?::\d*)?$/i.test(value)
}

/** `undefined`: a line is no field line. */
function headersOf(section: string): { getAll(name: string): string[] } | undefined {
  if (!/^(?:[^\r\n]*\r\n)*$/.test(section)) return undefined
  const lines = section.split('\r\n').slice(0, -2)
  const fields = lines.map((line) => /^([^:]*):[ \t]*(.*?)[ \t]*$/.exec(line)?.slice(1) ?? ['', ''])
  try {
    for (const [name = '', value = ''] of fields) {
      http.validateHeaderName(name)
      http.validateHeaderValue(name, value)
    }
  } catch {
    return undefined
  }
  return {
    getAll: (wanted) =>
      fields.flatMap(([name, value = '']) => (name?.toLowerCase() === wanted ? [value] : [])),
  }
}

function application(
  path: string,
  query: string,
  type: string,
  content: Buffer,
): Omit<Answer, 'status'> {
  if (path === '/echo') return { content, fields: { 'Content-Type': type } }
  if (path === '/greet')
    return text(`Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`)
  if (path === '/') return text('Hello, World!')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  return text('done')
}

function text(words: string): Omit<Answer, 'status'> {
  return { content: Buffer.from(words), fields: { 'Content-Type': 'text/plain; charset=utf-8' } }
}

function refusal(status: number): Answer {
  const { content } = text(http.STATUS_CODES[status] ?? 'Refused')
  return { status, content }
}

function converse(socket: net.Socket): void {
  let reads: Buffer[] = []
  let answered = false
  const tryAgain = (ended: boolean) => {
    if (answered) return
    const judgement = judge(Buffer.concat(reads), ended)
    if (judgement === MORE) {
      if (ended) socket.end()
      return
    }
    answered = true
    reads = []
    say(socket, judgement)
  }
  socket.on('data', (bytes) => {
    if (!answered) reads.push(bytes)
    tryAgain(false)
  })
  socket.on('end', () => tryAgain(true))
  socket.on('error', () => socket.destroy())
}

/** `node:http` writes the answer; the connection stays ours, to be closed without a reset. */
function say(socket: net.Socket, { method, answer }: Judgement): void {
  const request = new http.IncomingMessage(socket)
  request.method = method
  request.httpVersionMajor = request.httpVersionMinor = 1
  const response = new http.ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    socket.end()
    socket.setTimeout(2_000, () => socket.destroy())
  })
  const { status, content, fields } = answer
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': content.length,
    ...fields,
  })
  response.end(content)
}

function setting(name: string, fallback: number): number {
  const value = process.env[name] ?? String(fallback)
  if (/^\d{1,15}$/.test(value)) return Number(value)
  console.error(`${name} must be a whole number of 0 or more, but it is "${value}".`)
  process.exit(1)
}

const server = net.createServer({ allowHalfOpen: true }, converse)
server.once('error', (error) => {
  console.error(`Cannot listen on port ${port}: ${error.message}.`)
  process.exit(1)
})
server.listen(port, '127.0.0.1', () => {
  const { port: opened } = server.address() as net.AddressInfo
  console.log(`listening on http://127.0.0.1:${opened}`)
})
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0))
