/**
 * Finds what serves a request, in time that follows the depth of its path and not the number of routes.
 *
 * A segment of a pattern is text (`users`), a parameter (`:id`: any one segment that is not empty) or,
 * as the last one, a wildcard (`*`: one or more segments, of which the last may be empty).
 */
import type { Match as RouterMatch } from '../level2/router.ts'
import { RequestError } from '../level2/errors.ts'

/** What a router knows about a method and a path. */
export type Match<T> =
  | RouterMatch<T>
  /** An OPTIONS that no route serves; `allow` names the methods that are served (RFC 9110 §9.3.7). */
  | { readonly kind: 'options'; readonly allow: readonly string[] }

/** Given. A route that cannot be added, in a sentence for whoever wrote it. */
export class RouteError extends Error {
  override readonly name = 'RouteError'
}

interface Leaf<T> {
  readonly pattern: string
  readonly names: readonly string[]
  readonly value: T
}

/** What is served at one place, by method. */
type Place<T> = Map<string, Leaf<T>>

class Node<T> {
  readonly texts = new Map<string, Node<T>>()
  parameter: Node<T> | undefined
  /** What `*` behind this node leads to. */
  wildcard: Place<T> | undefined
  /** What a path that ends at this node leads to. */
  readonly here: Place<T> = new Map()
}

type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'parameter' }
  | { readonly kind: 'wildcard' }

/** The ways on from a node, in the order in which they are tried. */
const [TEXT, PARAMETER, WILDCARD] = [0, 1, 2] as const

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class TrieRouter<T> {
  readonly #root = new Node<T>()
  readonly #methods = new Set<string>()

  /**
   * Adds a route. The order in which routes are added means nothing.
   *
   * Routes may name the parameter at the same place differently; each gets its own names.
   *
   * @throws {RouteError} when the pattern is malformed, or a route of this method is there already that
   * matches exactly the same paths: the sentence names both patterns
   */
  add(method: string, pattern: string, value: T): this {
    const names: string[] = []
    const segments = read(pattern, names)
    let node = this.#root
    let place: Place<T> | undefined
    for (const segment of segments) {
      if (segment.kind === 'text') {
        let next = node.texts.get(segment.text)
        if (next === undefined) node.texts.set(segment.text, (next = new Node()))
        node = next
      } else if (segment.kind === 'parameter') node = node.parameter ??= new Node()
      else place = node.wildcard ??= new Map()
    }
    place ??= node.here
    const earlier = place.get(method)
    if (earlier !== undefined) {
      throw new RouteError(
        `${method} ${pattern} matches the same requests as ${method} ${earlier.pattern}, which is there already.`,
      )
    }
    place.set(method, { pattern, names, value })
    this.#methods.add(method)
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
    if (path === '*' && method === 'OPTIONS')
      return { kind: 'options', allow: allowOf(this.#methods) }
    const segments = split(path)
    if (!path.startsWith('/')) return { kind: 'not-found' }
    const found = this.#walk(
      segments,
      (place) => place.get(method) ?? (method === 'HEAD' ? place.get('GET') : undefined),
    )
    if (found !== undefined) return found
    const methods = new Set<string>()
    this.#walk(segments, (place) => {
      for (const served of place.keys()) methods.add(served)
      return undefined
    })
    if (methods.size === 0) return { kind: 'not-found' }
    return {
      kind: method === 'OPTIONS' ? 'options' : 'method-not-allowed',
      allow: allowOf(methods),
    }
  }

  /** Goes through the places that match, the best first, until `choose` takes one. No recursion: paths may be long. */
  #walk(
    segments: readonly string[],
    choose: (place: Place<T>) => Leaf<T> | undefined,
  ): Match<T> | undefined {
    const end = segments.length
    // A wildcard takes no empty segment but the last of the path.
    const lastGap = segments.lastIndexOf('', end - 2)
    const firstWildcard = end < 2 ? 0 : lastGap + 1
    const nodes: Node<T>[] = [this.#root]
    const ways: number[] = [TEXT]
    while (nodes.length > 0) {
      const depth = nodes.length - 1
      const node = nodes[depth] as Node<T>
      const way = ways[depth] as number
      ways[depth] = way + 1
      let next: Node<T> | undefined
      if (depth === end) {
        const leaf = node.here.size > 0 ? choose(node.here) : undefined
        if (leaf !== undefined) return found(leaf, segments, ways, undefined)
      } else if (way === TEXT) next = node.texts.get(segments[depth] as string)
      else if (way === PARAMETER) next = segments[depth] === '' ? undefined : node.parameter
      else if (way === WILDCARD && node.wildcard !== undefined && depth >= firstWildcard) {
        const leaf = choose(node.wildcard)
        if (leaf !== undefined) return found(leaf, segments, ways, depth)
      }
      if (next !== undefined) {
        nodes.push(next)
        ways.push(TEXT)
      } else if (depth === end || way >= WILDCARD) {
        nodes.pop()
        ways.pop()
      }
    }
    return undefined
  }
}

/** `ways` has gone one further than the way that was taken. */
function found<T>(
  leaf: Leaf<T>,
  segments: readonly string[],
  ways: readonly number[],
  wildcardAt: number | undefined,
): Match<T> {
  const values: string[] = []
  const depth = wildcardAt ?? segments.length
  for (let i = 0; i < depth; i += 1)
    if (ways[i] === PARAMETER + 1) values.push(segments[i] as string)
  if (wildcardAt !== undefined) values.push(segments.slice(wildcardAt).join('/'))
  const params = Object.fromEntries(leaf.names.map((name, i) => [name, values[i] as string]))
  return { kind: 'found', value: leaf.value, params }
}

function allowOf(methods: ReadonlySet<string>): string[] {
  const allow = new Set<string>(['OPTIONS', ...methods])
  if (allow.has('GET')) allow.add('HEAD')
  return [...allow]
}

function split(path: string): string[] {
  const segments = path.split('/')
  segments.shift()
  if (!path.includes('%')) return segments
  try {
    decodeURIComponent(path)
    return segments.map((segment) => decodeURIComponent(segment))
  } catch {
    throw new RequestError('INVALID_PATH')
  }
}

function read(pattern: string, names: string[]): Segment[] {
  if (!pattern.startsWith('/')) throw new RouteError(`"${pattern}" does not begin with "/".`)
  const raw = pattern.slice(1).split('/')
  return raw.map((segment, i) => {
    const isWildcard = segment === '*'
    if ((isWildcard && i < raw.length - 1) || /^\*./s.test(segment)) {
      throw new RouteError(`"${pattern}" goes on behind "*".`)
    }
    let text: string
    try {
      text = decodeURIComponent(segment)
    } catch {
      throw new RouteError(`"${pattern}" has an escape that is none.`)
    }
    if (!isWildcard && !segment.startsWith(':')) return { kind: 'text', text }
    const name = isWildcard ? '*' : segment.slice(1)
    if (name === '') throw new RouteError(`"${pattern}" has a parameter without a name.`)
    if (names.includes(name))
      throw new RouteError(`"${pattern}" has two parameters with the name "${name}".`)
    names.push(name)
    return { kind: isWildcard ? 'wildcard' : 'parameter' }
  })
}
