/** Collects a head until one regular expression matches it, whole or wrong. */
import { createServer as listener, type Server, type Socket } from 'node:net'
import type { CommonSettings } from './settings.ts'

type Settings = CommonSettings &
  Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const HOST = "(?:\\[[0-9A-Fa-f:.]+\\]|(?:[\\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
const LINE = new RegExp(
  `^(?<method>${TOKEN}) (?<target>[!-"$-~]+) HTTP/(?<major>[0-9])\\.(?<minor>[0-9])$`,
)
const ORIGIN = /^(?<path>\/[^?]*)(?:\?(?<query>.*))?$/
const ABSOLUTE = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*://(?!/|\\?|$)${HOST}(?<path>/[^?]*)?(?:\\?(?<query>.*))?$`,
)
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*((?:[\\t -~\\x80-\\xff]*[!-~\\x80-\\xff])?)[ \\t]*$`)

export function createServer(settings: Settings): Server {
  return listener({ allowHalfOpen: true }, (socket) => {
    const reads: Buffer[] = []
    let size = 0
    let goal = 1
    let done = false
    let dropped = 0
    const tryIt = (ended: boolean) => {
      if (done || (size < goal && !ended)) return
      const bytes = Buffer.concat(reads)
      reads.splice(0, reads.length, bytes)
      const verdict = judge(bytes, ended, settings)
      if (typeof verdict === 'number') {
        goal = verdict
        if (ended) socket.end()
        return
      }
      done = true
      reads.length = 0
      finish(socket, verdict)
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      if (done) {
        dropped += bytes.length
        if (dropped > 16 * 1024 * 1024) socket.destroy()
        return
      }
      reads.push(bytes)
      size += bytes.length
      tryIt(false)
    })
    socket.on('end', () => tryIt(true))
  })
}

function finish(socket: Socket, bytes: Buffer): void {
  socket.end(bytes, () => {
    socket.setTimeout(2000, () => socket.destroy())
    const last = setTimeout(() => socket.destroy(), 30_000)
    socket.on('close', () => clearTimeout(last))
  })
}

/** The answer, or how many bytes it takes to judge again. */
function judge(bytes: Buffer, ended: boolean, settings: Settings): Buffer | number {
  const all = bytes.toString('latin1')
  const text = all.replace(/^(?:\r\n)+/, '')
  const skipped = all.length - text.length
  const more = bytes.length + 1
  if (text === '' || (text === '\r' && !ended)) return more

  const [line = '', cut] = text.split('\n', 2)
  if (line.length - Number(line.endsWith('\r')) > settings.MAX_REQUEST_LINE_BYTES)
    return refuse(414)
  if (cut === undefined) return ended ? refuse(400) : more
  const start = line.endsWith('\r') ? LINE.exec(line.slice(0, -1))?.groups : undefined
  if (start === undefined) return refuse(400)
  const { method = '', target = '', major, minor } = start
  const known =
    method === 'CONNECT' || (target === '*' && method === 'OPTIONS')
      ? { path: target, query: '' }
      : undefined
  const where = known ?? ORIGIN.exec(target)?.groups ?? ABSOLUTE.exec(target)?.groups
  if (where === undefined) return refuse(400)
  const no = (status: number, more?: string) => refuse(status, method, more)
  if (major !== '1') return no(505)

  const rest = text.slice(line.length + 1)
  const empty = /(?:^|\n)(?:\r?\n)/.exec(rest)
  const sectionLength = empty === null ? rest.length : empty.index + empty[0].length
  if (
    sectionLength > settings.MAX_HEADER_BYTES ||
    (empty === null && sectionLength === settings.MAX_HEADER_BYTES)
  )
    return no(431)
  if (empty === null) return ended ? no(400) : more
  const section = rest.slice(0, sectionLength)
  if (!section.endsWith('\r\n')) return no(400)

  const fields: [string, string][] = []
  for (const raw of section.slice(0, -2).split('\r\n').slice(0, -1)) {
    const [, name, value] = FIELD.exec(raw) ?? []
    if (name === undefined || value === undefined) return no(400)
    fields.push([name.toLowerCase(), value])
  }
  if (/\n(?!$)/.test(section.replaceAll('\r\n', ''))) return no(400)
  const all_ = (wanted: string) =>
    fields.filter(([name]) => name === wanted).map(([, value]) => value)
  const hosts = all_('host')
  if (hosts.length > 1 || (hosts.length === 0 && minor !== '0')) return no(400)
  if (!hosts.every((host) => new RegExp(`^${HOST}$`).test(host))) return no(400)
  const lengths = all_('content-length')
  if (lengths.length > 1 || !lengths.every((length) => /^[0-9]+$/.test(length))) return no(400)
  if (all_('transfer-encoding').length > 0) return no(501)

  if (!/^(?:GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|TRACE)$/.test(method)) return no(501)
  const route = routeOf(where['path'] ?? '/')
  if (route === undefined) return no(404)
  if (route === '/echo' ? method !== 'POST' : !/^(?:GET|HEAD)$/.test(method)) {
    return no(405, route === '/echo' ? 'Allow: POST\r\n' : 'Allow: HEAD,GET\r\n')
  }
  const length = Number(lengths[0] ?? '0')
  if (length > settings.MAX_CONTENT_BYTES) return no(413)
  const from = skipped + line.length + 1 + sectionLength
  if (bytes.length < from + length) return ended ? no(400) : from + length

  if (route === '/echo') {
    return response(
      200,
      method,
      bytes.subarray(from, from + length),
      all_('content-type')[0] ?? 'application/octet-stream',
    )
  }
  return response(200, method, Buffer.from(say(route, where['query'] ?? '')))
}

function routeOf(path: string): string | undefined {
  try {
    return ['/', '/echo', '/greet', '/work'].find((route) => route === decodeURIComponent(path))
  } catch {
    return undefined
  }
}

function say(route: string, query: string): string {
  if (route === '/') return 'Hello, World!'
  if (route === '/greet') return `Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`
  for (const until = Date.now() + 101; Date.now() < until;);
  return 'done'
}

function refuse(status: number, method = '', fields = ''): Buffer {
  return response(
    status,
    method,
    Buffer.from(`Refused: ${status}`),
    'text/plain; charset=utf-8',
    fields,
  )
}

function response(
  status: number,
  method: string,
  content: Buffer,
  type = 'text/plain; charset=utf-8',
  more = '',
): Buffer {
  const head = `HTTP/1.1 ${status} \r\nConnection: close\r\n${more}Content-Type: ${type}\r\nContent-Length: ${content.length}\r\nDate: ${new Date().toUTCString()}\r\n\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), method === 'HEAD' ? Buffer.alloc(0) : content])
}
