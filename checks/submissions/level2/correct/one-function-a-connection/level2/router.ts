/**
 * Finds what serves a request.
 *
 * A pattern is a path in which a segment that begins with `:` is a parameter:
 * `/users/:id/posts/:postId` matches `/users/7/posts/abc`, and gives `{ id: '7', postId: 'abc' }`.
 */
import type { Params } from './http.ts'
import { RequestError } from './errors.ts'

/** What a router knows about a method and a path. */
export type Match<T> =
  | { readonly kind: 'found'; readonly value: T; readonly params: Params }
  /** The path is served, but not by this method; `allow` names those that it is served by. */
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }

interface Route<T> {
  method: string
  segments: string[]
  value: T
}

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class Router<T> {
  #routes: Route<T>[] = []

  add(method: string, pattern: string, value: T): this {
    if (!pattern.startsWith('/')) throw new TypeError('pattern must begin with /')
    const segments = pattern.slice(1).split('/')
    const names = segments.filter((s) => s.startsWith(':'))
    if (names.includes(':')) throw new TypeError('a parameter has no name')
    if (new Set(names).size < names.length) throw new TypeError('a name is used twice')
    this.#routes.push({ method, segments, value })
    return this
  }

  find(method: string, path: string): Match<T> {
    if (path === '*') return { kind: 'not-found' }
    let segments: string[]
    try {
      segments = path.slice(1).split('/').map(decodeURIComponent)
    } catch {
      throw new RequestError('INVALID_PATH')
    }
    const allow = new Set<string>()
    let get: Match<T> | undefined
    for (const route of this.#routes) {
      const params = match(route.segments, segments)
      if (!params) continue
      if (route.method === method) return { kind: 'found', value: route.value, params }
      if (method === 'HEAD' && route.method === 'GET')
        get ??= { kind: 'found', value: route.value, params }
      allow.add(route.method)
      if (route.method === 'GET') allow.add('HEAD')
    }
    if (get) return get
    if (allow.size === 0) return { kind: 'not-found' }
    return { kind: 'method-not-allowed', allow: [...allow] }
  }
}

function match(pattern: string[], path: string[]): Params | undefined {
  if (pattern.length !== path.length) return undefined
  const params: Record<string, string> = {}
  for (const [i, want] of pattern.entries()) {
    const got = path[i] ?? ''
    if (want.startsWith(':')) {
      if (got === '') return undefined
      params[want.slice(1)] = got
    } else if (want !== got) return undefined
  }
  return params
}
