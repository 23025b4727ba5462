/** Nothing but functions from values to values: a request is read by a chain in which each link may refuse. */
import { createServer as tcp, type Server, type Socket } from 'node:net'
import type { CommonSettings } from './settings.ts'

type Settings = CommonSettings &
  Readonly<Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>>

/** What a link comes to: more bytes are needed, the request is refused, or there is something for the next link. */
type Step<T> =
  | { readonly kind: 'more' }
  | { readonly kind: 'refused'; readonly answer: Buffer }
  | { readonly kind: 'good'; readonly value: T }

const more: Step<never> = { kind: 'more' }
const good = <T>(value: T): Step<T> => ({ kind: 'good', value })
const then = <A, B>(step: Step<A>, next: (value: A) => Step<B>): Step<B> =>
  step.kind === 'good' ? next(step.value) : step

interface Answer {
  readonly status: number
  readonly content: Buffer
  readonly type?: string
  readonly allow?: string
}

const write =
  (withContent: boolean) =>
  ({ status, content, type = 'text/plain; charset=utf-8', allow }: Answer): Buffer =>
    Buffer.concat([
      Buffer.from(
        [
          `HTTP/1.1 ${status} ${status < 400 ? 'Here you are' : 'Sorry'}`,
          `Content-Length: ${content.length}`,
          `Content-Type: ${type}`,
          ...(allow === undefined ? [] : [`Allow: ${allow}`]),
          'Connection: close',
          `Date: ${new Date().toUTCString()}`,
          '\r\n',
        ].join('\r\n'),
        'latin1',
      ),
      ...(withContent ? [content] : []),
    ])

const refusal =
  (method: string) =>
  (status: number, allow?: string): Step<never> => ({
    kind: 'refused',
    answer: write(method !== 'HEAD')({
      status,
      content: Buffer.from(`No (${status}).`),
      ...(allow === undefined ? {} : { allow }),
    }),
  })

interface Line {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly minor: string
  readonly rest: string
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const host = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?$/

const requestLine =
  (limit: number) =>
  (text: string): Step<Line> => {
    const refuse = refusal('')
    const start = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0
    const unread = text.slice(start)
    const end = unread.indexOf('\n')
    const seen = end === -1 ? unread : unread.slice(0, end)
    const line = seen.endsWith('\r') ? seen.slice(0, -1) : seen
    if (line.length > limit) return refuse(414)
    if (end === -1) return more
    if (line === seen) return refuse(400)
    const [method = '', target = '', version = '', ...others] = line.split(' ')
    const [, major, minor = ''] = /^HTTP\/([0-9])\.([0-9])$/.exec(version) ?? []
    if (others.length > 0 || !token.test(method) || major === undefined) return refuse(400)
    if (!/^[!-~]+$/.test(target)) return refuse(400)
    const form =
      method === 'CONNECT' || (method === 'OPTIONS' && target === '*')
        ? ['', target]
        : (/^(\/[^?#]*)(?:\?([^#]*))?$/.exec(target) ??
          /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]+([^?#]*)(?:\?([^#]*))?$/.exec(target))
    if (form === null) return refuse(400)
    if (major !== '1') return refuse(505)
    const [, path = '', query = ''] = form
    return good({ method, path: path || '/', query, minor, rest: unread.slice(end + 1) })
  }

interface Head extends Line {
  readonly fields: readonly (readonly [name: string, value: string])[]
}

const headerSection =
  (limit: number) =>
  (line: Line): Step<Head> => {
    const refuse = refusal(line.method)
    const empty = /(?:^|\n)\r?\n/.exec(line.rest)
    const length = empty === null ? line.rest.length + 1 : empty.index + empty[0].length
    if (length > limit) return refuse(431)
    if (empty === null) return more
    const section = line.rest.slice(0, length)
    const lines = section.split('\r\n').slice(0, -2)
    const fields = lines.map((field) => {
      const colon = field.indexOf(':')
      const value = field.slice(colon + 1).replace(/^[ \t]+/, '')
      return [
        field.slice(0, Math.max(colon, 0)).toLowerCase(),
        value.replace(/[ \t]+$/, ''),
      ] as const
    })
    const clean = lines.every((text) => !/[\r\n\0]/.test(text)) && section.endsWith('\r\n')
    if (!clean || !fields.every(([name]) => token.test(name))) return refuse(400)
    return good({ ...line, fields, rest: line.rest.slice(length) })
  }

const valuesOf = ({ fields }: Head, wanted: string): string[] =>
  fields.filter(([name]) => name === wanted).map(([, value]) => value)

const checkedHead = (head: Head): Step<Head> => {
  const refuse = refusal(head.method)
  const hosts = valuesOf(head, 'host')
  const lengths = valuesOf(head, 'content-length')
  if (hosts.length > 1 || (hosts.length === 0 && head.minor !== '0')) return refuse(400)
  if (!hosts.every((value) => host.test(value))) return refuse(400)
  if (lengths.length > 1 || !lengths.every((value) => /^[0-9]+$/.test(value))) return refuse(400)
  return valuesOf(head, 'transfer-encoding').length > 0 ? refuse(501) : good(head)
}

type Handle = (head: Head, content: Buffer) => Answer

const text = (words: string): Answer => ({ status: 200, content: Buffer.from(words) })

const burn = (until: number): void => {
  while (performance.now() < until);
}

const routes: ReadonlyMap<string, { readonly allow: string; readonly handle: Handle }> = new Map([
  ['/', { allow: 'GET, HEAD', handle: () => text('Hello, World!') }],
  [
    '/greet',
    {
      allow: 'GET, HEAD',
      handle: ({ query }: Head) =>
        text(`Hello, ${new URLSearchParams(query).get('name') ?? 'stranger'}!`),
    },
  ],
  [
    '/echo',
    {
      allow: 'POST',
      handle: (head: Head, content: Buffer) => ({
        status: 200,
        content,
        type: valuesOf(head, 'content-type')[0] ?? 'application/octet-stream',
      }),
    },
  ],
  [
    '/work',
    {
      allow: 'GET, HEAD',
      handle: () => {
        burn(performance.now() + 100)
        return text('done')
      },
    },
  ],
])

const decoded = (path: string): string | undefined => {
  try {
    return path
      .split('/')
      .map((segment) => decodeURIComponent(segment).replaceAll('/', '%2F'))
      .join('/')
  } catch {
    return undefined
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']

const routed = (head: Head): Step<readonly [head: Head, handle: Handle]> => {
  const refuse = refusal(head.method)
  if (!methods.includes(head.method)) return refuse(501)
  const route = routes.get(decoded(head.path) ?? '')
  if (route === undefined) return refuse(404)
  if (!route.allow.split(', ').includes(head.method)) return refuse(405, route.allow)
  return good([head, route.handle])
}

const answered =
  (limit: number) =>
  ([head, handle]: readonly [Head, Handle]): Step<Buffer> => {
    const digits = (valuesOf(head, 'content-length')[0] ?? '0').replace(/^0+(?=.)/, '')
    if (digits.length > 15 || Number(digits) > limit) return refusal(head.method)(413)
    const length = Number(digits)
    if (head.rest.length < length) return more
    const content = Buffer.from(head.rest.slice(0, length), 'latin1')
    return good(write(head.method !== 'HEAD')(handle(head, content)))
  }

/** From all bytes so far, one character each, to the answer. */
const read =
  (settings: Settings) =>
  (bytes: string): Step<Buffer> => {
    const line = requestLine(settings.MAX_REQUEST_LINE_BYTES)(bytes)
    const head = then(then(line, headerSection(settings.MAX_HEADER_BYTES)), checkedHead)
    return then(then(head, routed), answered(settings.MAX_CONTENT_BYTES))
  }

const leave = (socket: Socket, answer: Buffer): void => {
  const cut = () => socket.destroy()
  const patience = setTimeout(cut, 30_000)
  socket.once('close', () => clearTimeout(patience))
  socket.setTimeout(2_000, cut).end(answer)
}

export const createServer = (settings: Settings): Server =>
  tcp({ allowHalfOpen: true }, (socket) => {
    const next = read(settings)
    let bytes = ''
    let dropped: number | undefined
    const decide = (step: Step<Buffer>): void => {
      if (step.kind === 'more') return
      dropped = 0
      bytes = ''
      leave(socket, step.kind === 'good' ? step.value : step.answer)
    }
    socket.on('error', () => socket.destroy())
    socket.on('data', (piece) => {
      if (dropped === undefined) decide(next((bytes += piece.toString('latin1'))))
      else if ((dropped += piece.length) > 16_777_216) socket.destroy()
    })
    socket.on('end', () => {
      if (dropped !== undefined) return
      if (/^(?:\r\n)*$/.test(bytes)) socket.end()
      else decide(refusal(/^\s*(\w*)/.exec(bytes)?.[1] ?? '')(400))
    })
  })
