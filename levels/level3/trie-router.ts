/**
 * Finds what serves a request, in time that follows the depth of its path and not the number of routes.
 *
 * A segment of a pattern is text (`users`), a parameter (`:id`: any one segment that is not empty) or,
 * as the last one, a wildcard (`*`: one or more segments, of which the last may be empty).
 */
import type { Match as RouterMatch } from '../level2/router.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'

/** What a router knows about a method and a path. */
export type Match<T> =
  | RouterMatch<T>
  /** An OPTIONS that no route serves; `allow` names the methods that are served (RFC 9110 §9.3.7). */
  | { readonly kind: 'options'; readonly allow: readonly string[] }

/** Given. A route that cannot be added, in a sentence for whoever wrote it. */
export class RouteError extends Error {
  override readonly name = 'RouteError'
}

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class TrieRouter<T> {
  /**
   * Adds a route. The order in which routes are added means nothing.
   *
   * Routes may name the parameter at the same place differently; each gets its own names.
   *
   * @throws {RouteError} when the pattern is malformed, or a route of this method is there already that
   * matches exactly the same paths: the sentence names both patterns
   */
  add(_method: string, _pattern: string, _value: T): this {
    // TODO(3.4): Decide what a node of the tree has to know, then grow it along one pattern.
    throw new NotImplementedError('3.4', 'TrieRouter.add')
  }

  /**
   * Looks a request up. `path` is the path of the target as it was received, without the query; `*` for
   * the asterisk-form.
   *
   * At each segment text goes before a parameter, and a parameter before a wildcard; where the better
   * choice ends at nothing that serves the method, the next one is tried. Segments are compared, and
   * parameters given, after one percent-decoding. HEAD is served by GET unless it has a route of its own
   * at the same place (RFC 9110 §9.3.2).
   *
   * @throws {RequestError} `INVALID_PATH` when the path has a bad escape or is not UTF-8
   */
  find(_method: string, _path: string): Match<T> {
    // TODO(3.4): Follow one segment, and write down on paper what you return to when it leads nowhere.
    throw new NotImplementedError('3.4', 'TrieRouter.find')
  }
}
