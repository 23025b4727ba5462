/**
 * Finds what serves a request.
 *
 * A pattern is a path in which a segment that begins with `:` is a parameter:
 * `/users/:id/posts/:postId` matches `/users/7/posts/abc`, and gives `{ id: '7', postId: 'abc' }`.
 */
import type { Params } from './http.ts'
import { NotImplementedError } from './not-implemented.ts'

/** What a router knows about a method and a path. */
export type Match<T> =
  | { readonly kind: 'found'; readonly value: T; readonly params: Params }
  /** The path is served, but not by this method; `allow` names those that it is served by. */
  | { readonly kind: 'method-not-allowed'; readonly allow: readonly string[] }
  | { readonly kind: 'not-found' }

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class Router<T> {
  /**
   * Adds a route. Of two that match the same request, the one that was added first is found.
   *
   * @throws {TypeError} when the pattern does not begin with `/`, or names a parameter twice or not at all
   */
  add(_method: string, _pattern: string, _value: T): this {
    // TODO(2.4): Split the pattern once, here, and not for each request.
    // This does not throw yet, because the server adds its routes when it starts, and the other tasks need it to start.
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
  find(_method: string, _path: string): Match<T> {
    // TODO(2.4): Split the path, then decode its segments: in this order.
    throw new NotImplementedError('2.4', 'Router.find')
  }
}
