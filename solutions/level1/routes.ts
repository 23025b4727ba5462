import { RequestError } from './errors.ts'
import type { Headers } from './header-section.ts'
import type { RequestLine } from './request-line.ts'
import { text } from './response.ts'
import type { Response } from './response.ts'

/** A whole request: what a handler gets. */
export interface Request extends RequestLine {
  readonly headers: Headers
  readonly content: Buffer
}

export type Handler = (request: Request) => Response

/** Path → method → handler. A `GET` serves HEAD too. */
const routes: ReadonlyMap<string, Readonly<Record<string, Handler>>> = new Map([
  ['/', { GET: home }],
  ['/echo', { POST: echo }],
  ['/greet', { GET: greet }],
  ['/work', { GET: work }],
])

/** Methods that we know, served or not (RFC 9110 §9.1, RFC 5789). */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])

/**
 * Finds the handler of a request.
 *
 * @throws {RequestError} 501, 404, or 405 with Allow
 */
export function findHandler({ method, path }: RequestLine): Handler {
  if (!knownMethods.has(method)) throw new RequestError('METHOD_NOT_IMPLEMENTED')

  const handlers = routes.get(decodePath(path))
  if (handlers === undefined) throw new RequestError('NOT_FOUND')

  const handler = handlers[method === 'HEAD' ? 'GET' : method]
  if (handler === undefined)
    throw new RequestError('METHOD_NOT_ALLOWED', { Allow: allow(handlers) })
  return handler
}

/** Decodes a path once. One with a bad escape stays as it is, and so names no route (400 from level 2). */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function allow(handlers: Readonly<Record<string, Handler>>): string {
  return Object.keys(handlers)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .join(', ')
}

function home(): Response {
  return text('Hello, World!')
}

function echo({ headers, content }: Request): Response {
  const [type = 'application/octet-stream'] = headers.get('content-type') ?? []
  return { status: 200, fields: { 'Content-Type': type }, content }
}

function greet({ query }: Request): Response {
  const name = new URLSearchParams(query).get('name') ?? 'stranger'
  return text(`Hello, ${name}!`)
}

/** Given. Holds the whole process for 100 ms: nobody else is served meanwhile. Level 2 ends that. */
function work(): Response {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(nobody, 0, 0, 100)
  return text('done')
}
