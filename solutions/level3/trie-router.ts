/**
 * Finds what serves a request, in time that follows the depth of its path and not the number of routes.
 *
 * A segment of a pattern is text (`users`), a parameter (`:id`: any one segment that is not empty) or,
 * as the last one, a wildcard (`*`: one or more segments, of which the last may be empty).
 */
import { RequestError } from '../level2/errors.ts'
import type { Match as RouterMatch } from '../level2/router.ts'
import {
  comparable,
  parsePattern,
  type PatternSegment,
  RouteError,
  textOf,
} from './route-pattern.ts'
import { Trie } from './trie.ts'

export { RouteError }

/** What a router knows about a method and a path. */
export type Match<T> =
  | RouterMatch<T>
  /** An OPTIONS that no route serves; `allow` names the methods that are served (RFC 9110 §9.3.7). */
  | { readonly kind: 'options'; readonly allow: readonly string[] }

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class TrieRouter<T> {
  readonly #trie = new Trie<Route<T>>()
  readonly #methods: string[] = []

  /**
   * Adds a route. The order in which routes are added means nothing.
   *
   * Routes may name the parameter at the same place differently; each gets its own names.
   *
   * @throws {RouteError} when the pattern is malformed, or a route of this method is there already that
   * matches exactly the same paths: the sentence names both patterns
   */
  add(method: string, pattern: string, value: T): this {
    const segments = parsePattern(pattern)
    const same = this.#trie.add(method, segments, new Route(pattern, segments, value))
    if (same !== undefined) {
      throw new RouteError(
        `${method} ${pattern} matches the same requests as ${method} ${same.pattern}, which is there already.`,
      )
    }
    if (!this.#methods.includes(method)) this.#methods.push(method)
    return this
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
  find(method: string, path: string): Match<T> {
    const route = this.#routeOf(method, path)
    if (route !== undefined && !this.#trie.metEscape) {
      return route.foundIn(path, this.#trie.starts)
    }
    return path.includes('%')
      ? this.#findDecoded(method, decode(path))
      : this.#notFound(method, path)
  }

  #findDecoded(method: string, path: string): Match<T> {
    const route = this.#routeOf(method, path)
    if (route === undefined) return this.#notFound(method, path)
    return route.foundIn(path, this.#trie.starts, textOf)
  }

  #routeOf(method: string, path: string): Route<T> | undefined {
    return path.startsWith('/') ? this.#trie.find(method, path) : undefined
  }

  /** Is it the path that nothing serves, or the method? */
  #notFound(method: string, path: string): Match<T> {
    let allow: Set<string> | undefined
    for (const other of this.#methods) {
      if (other === method) continue
      if (path === '*' || this.#routeOf(other, path) !== undefined) {
        allow = (allow ?? new Set()).add(other)
      }
    }
    if (allow === undefined) return NOT_FOUND

    if (allow.has('GET')) allow.add('HEAD')
    allow.add('OPTIONS')
    return { kind: method === 'OPTIONS' ? 'options' : 'method-not-allowed', allow: [...allow] }
  }
}

/** Always the same: whoever guesses at paths costs no object. */
const NOT_FOUND = Object.freeze({ kind: 'not-found' })

/** What a pattern leads to. */
class Route<T> {
  readonly pattern: string
  readonly #value: T
  readonly #parameters: readonly Named[]
  /** Its name is always `*`: an object that begins with it is made quicker than one that gets it added. */
  readonly #wildcard: Named | undefined
  /** The answer when there is nothing to name: always the same. */
  readonly #found: Match<T> | undefined

  constructor(pattern: string, segments: readonly PatternSegment[], value: T) {
    const named = segments.map(({ kind, text }, place) => ({ kind, name: text, place }))
    this.pattern = pattern
    this.#value = value
    this.#parameters = named.filter(({ kind }) => kind === 'parameter')
    this.#wildcard = named.find(({ kind }) => kind === 'wildcard')
    if (segments.every(({ kind }) => kind === 'text')) {
      this.#found = { kind: 'found', value, params: Object.freeze({}) }
    }
  }

  /** `starts` says where each segment of `path` begins; `read`, what a segment stands for, if not for itself. */
  foundIn(path: string, starts: readonly number[], read?: (value: string) => string): Match<T> {
    if (this.#found !== undefined) return this.#found
    const params: Record<string, string> =
      this.#wildcard === undefined ? {} : { '*': path.slice(starts[this.#wildcard.place]) }
    for (const { name, place } of this.#parameters) {
      params[name] = path.slice(starts[place], starts[place + 1]! - 1)
    }
    if (read !== undefined) for (const name in params) params[name] = read(params[name]!)
    return { kind: 'found', value: this.#value, params }
  }
}

/** Which segment of the pattern a name stands for. */
interface Named {
  readonly name: string
  readonly place: number
}

function decode(path: string): string {
  try {
    return comparable(path)
  } catch (cause) {
    throw new RequestError('INVALID_PATH', { cause })
  }
}
