/**
 * Finds what serves a request.
 *
 * A pattern is a path in which a segment that begins with `:` is a parameter:
 * `/users/:id/posts/:postId` matches `/users/7/posts/abc`, and gives `{ id: '7', postId: 'abc' }`.
 */
import { RequestError } from './errors.ts'
import type { Params } from './http.ts'

/** What a router knows about a method and a path. */
export type Match<T> =
  | { readonly kind: 'found'; readonly value: T; readonly params: Params }
  /** The path is served, but not by this method; `allow` names those that it is served by. */
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class Router<T> {
  readonly #routes: Route<T>[] = []

  /**
   * Adds a route. Of two that match the same request, the one that was added first is found.
   *
   * @throws {TypeError} when the pattern does not begin with `/`, or names a parameter twice or not at all
   */
  add(method: string, pattern: string, value: T): this {
    this.#routes.push({ method, segments: parsePattern(pattern), value })
    return this
  }

  /**
   * Looks a request up. `path` is the path of the target as it was received, without the query.
   *
   * Segments are compared exactly, after one percent-decoding; a parameter is never empty. HEAD is
   * served by GET unless it has a route of its own (RFC 9110 §9.3.2).
   *
   * @throws {RequestError} `INVALID_PATH` when the path has a bad escape or is not UTF-8
   */
  find(method: string, path: string): Match<T> {
    const segments = parsePath(path)
    const allow = new Set<string>()
    let byGet: Match<T> | undefined

    for (const route of this.#routes) {
      const params = match(route.segments, segments)
      if (params === undefined) continue
      if (route.method === method) return { kind: 'found', value: route.value, params }
      if (route.method === 'GET') byGet ??= { kind: 'found', value: route.value, params }
      allow.add(route.method)
    }
    if (method === 'HEAD' && byGet !== undefined) return byGet
    if (allow.size === 0) return { kind: 'not-found' }
    if (byGet !== undefined) allow.add('HEAD')
    return { kind: 'method-not-allowed', allow: [...allow] }
  }
}

interface Route<T> {
  readonly method: string
  readonly segments: readonly Segment[]
  readonly value: T
}

interface Segment {
  readonly isParameter: boolean
  /** The name of the parameter, or the text that the segment must be. */
  readonly text: string
}

function parsePattern(pattern: string): readonly Segment[] {
  if (!pattern.startsWith('/')) {
    throw new TypeError(`The pattern "${pattern}" does not begin with a slash.`)
  }
  const names = new Set<string>()
  return pattern.split('/').map((segment) => {
    if (!segment.startsWith(':')) return { isParameter: false, text: segment }
    const name = segment.slice(1)
    if (name === '') throw new TypeError(`The pattern "${pattern}" has a parameter without a name.`)
    if (names.has(name)) {
      throw new TypeError(`The pattern "${pattern}" has two parameters named "${name}".`)
    }
    names.add(name)
    return { isParameter: true, text: name }
  })
}

/** Splits first and decodes then: a slash that was escaped belongs to its segment (RFC 3986 §2.4). */
function parsePath(path: string): readonly string[] {
  const segments = path.split('/')
  return path.includes('%') ? segments.map(decode) : segments
}

/** A bad escape stands for nothing (RFC 3986 §2.1). That the bytes are UTF-8 is our own rule. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (cause) {
    throw new RequestError('INVALID_PATH', { cause })
  }
}

function match(pattern: readonly Segment[], path: readonly string[]): Params | undefined {
  if (pattern.length !== path.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, { isParameter, text }] of pattern.entries()) {
    const segment = path[index] ?? ''
    if (isParameter ? segment === '' : segment !== text) return undefined
    if (isParameter) params[text] = segment
  }
  return params
}
