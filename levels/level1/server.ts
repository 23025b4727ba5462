/** A small web server on a raw TCP socket: four routes, no framework. */
import net from 'node:net'
import type { CommonSettings } from './settings.ts'

/** What `main.ts` reads from the environment for us. */
export type Settings = CommonSettings &
  Readonly<Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>>

interface Request {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  content: string
}

interface Response {
  status: number
  headers: Record<string, string>
  content: string
}

const history: { request: Request; at: Date }[] = []

/** Creates the server. It accepts connections once `listen` is called on it. */
export function createServer(settings: Settings): net.Server {
  return net.createServer((socket) => {
    socket.on('data', (data) => {
      const request = parseRequest(data.toString())
      history.push({ request, at: new Date() })

      const response = answer(request)
      socket.end(serialize(response))

      if (settings.LOG) {
        const { method, path } = request
        console.error(`#${history.length} ${method} ${path} ${response.status}`)
      }
    })
  })
}

function parseRequest(text: string): Request {
  const [head, content] = text.split('\r\n\r\n') as [string, string]
  const [requestLine, ...fieldLines] = head.split('\r\n') as [string, ...string[]]
  const [method, target] = requestLine.split(' ') as [string, string]
  const [path, query] = target.split('?') as [string, string | undefined]

  const headers: Record<string, string> = {}
  for (const line of fieldLines) {
    const [name, value] = line.split(': ') as [string, string]
    headers[name] = value
  }
  return { method, path, query: parseQuery(query), headers, content }
}

function parseQuery(query = ''): Record<string, string> {
  const values: Record<string, string> = {}
  for (const pair of query.split('&')) {
    const [name, value] = pair.split('=') as [string, string | undefined]
    values[name] = decodeURIComponent(value ?? '')
  }
  return values
}

/** The application: every path and what it answers. */
function answer({ path, query, headers, content }: Request): Response {
  const pages: Record<string, string> = {
    '/': 'Hello, World!',
    '/greet': `Hello, ${query['name'] ?? 'stranger'}!`,
    '/work': work(100),
    '/echo': content,
  }
  const page = pages[path] ?? 'There is nothing here.'

  let type = 'text/plain; charset=utf-8'
  if (path === '/echo') type = headers['Content-Type'] ?? 'application/octet-stream'

  return { status: 200, headers: { 'Content-Type': type }, content: page }
}

/** Stands for a slow query: holds the process for some milliseconds, then tells that it is done. */
function work(ms: number): string {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(nobody, 0, 0, ms)
  return 'done'
}

function serialize(response: Response): string {
  const lines = [`HTTP/1.1 ${response.status} OK`]
  for (const [name, value] of Object.entries(response.headers)) {
    lines.push(`${name}: ${value}`)
  }
  lines.push(`Content-Length: ${response.content.length}`)
  return `${lines.join('\r\n')}\r\n\r\n${response.content}`
}
