import { RequestError } from '../level2/errors.ts'
import type { Match as RouterMatch } from '../level2/router.ts'

export type Match<T> =
  RouterMatch<T> | { readonly kind: 'options'; readonly allow: readonly string[] }

export class RouteError extends Error {
  override readonly name = 'RouteError'
}

interface Place<T> {
  readonly pattern: string
  readonly names: readonly string[]
  readonly value: T
}

class Node<T> {
  readonly texts = new Map<string, Node<T>>()
  any: Node<T> | undefined
  rest: Map<string, Place<T>> | undefined
  readonly here = new Map<string, Place<T>>()
}

type Candidate<T> = [places: ReadonlyMap<string, Place<T>>, taken: readonly string[]]

export class TrieRouter<T> {
  readonly #root = new Node<T>()
  readonly #methods = new Set<string>()

  add(method: string, pattern: string, value: T): this {
    if (!pattern.startsWith('/'))
      throw new RouteError(`The pattern "${pattern}" does not begin with "/".`)
    const segments = pattern.slice(1).split('/')
    const names: string[] = []
    let node = this.#root
    let places: Map<string, Place<T>> | undefined
    for (const [index, segment] of segments.entries()) {
      if (segment === '*') {
        if (index !== segments.length - 1)
          throw new RouteError(`The pattern "${pattern}" goes on behind its "*".`)
        places = node.rest ??= new Map()
        names.push('*')
      } else if (segment.startsWith(':')) {
        const name = segment.slice(1)
        if (name === '') throw new RouteError(`The pattern "${pattern}" has a ":" without a name.`)
        if (names.includes(name))
          throw new RouteError(`The pattern "${pattern}" has two parameters named "${name}".`)
        names.push(name)
        node = node.any ??= new Node()
      } else {
        const text = unescape(segment)
        if (text === undefined)
          throw new RouteError(`The pattern "${pattern}" has a bad escape in "${segment}".`)
        let next = node.texts.get(text)
        if (next === undefined) node.texts.set(text, (next = new Node()))
        node = next
      }
    }
    places ??= node.here
    const other = places.get(method)
    if (other !== undefined)
      throw new RouteError(`${method} ${pattern} matches what ${method} ${other.pattern} matches.`)
    places.set(method, { pattern, names, value })
    this.#methods.add(method)
    return this
  }

  find(method: string, path: string): Match<T> {
    if (path === '*') {
      return method === 'OPTIONS'
        ? { kind: 'options', allow: withImplied(this.#methods) }
        : { kind: 'not-found' }
    }
    const segments = path
      .slice(1)
      .split('/')
      .map((segment) => {
        const text = segment.includes('%') ? unescape(segment) : segment
        if (text === undefined) throw new RequestError('INVALID_PATH')
        return text
      })
    const seen = new Set<string>()
    for (const [places, taken] of candidates(this.#root, segments, 0, [])) {
      const place = places.get(method) ?? (method === 'HEAD' ? places.get('GET') : undefined)
      if (place !== undefined) {
        const params = Object.fromEntries(place.names.map((name, at) => [name, taken[at] ?? '']))
        return { kind: 'found', value: place.value, params }
      }
      for (const other of places.keys()) seen.add(other)
    }
    if (seen.size === 0) return { kind: 'not-found' }
    const allow = withImplied(seen)
    return method === 'OPTIONS' ? { kind: 'options', allow } : { kind: 'method-not-allowed', allow }
  }
}

/** Everything that fits, the best first. */
function* candidates<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  taken: readonly string[],
): Generator<Candidate<T>> {
  const segment = segments[at]
  if (segment === undefined) {
    if (node.here.size > 0) yield [node.here, taken]
    return
  }
  const text = node.texts.get(segment)
  if (text !== undefined) yield* candidates(text, segments, at + 1, taken)
  if (node.any !== undefined && segment !== '')
    yield* candidates(node.any, segments, at + 1, [...taken, segment])
  if (node.rest !== undefined) {
    const rest = segments.slice(at)
    if (!rest.slice(0, -1).includes('')) yield [node.rest, [...taken, rest.join('/')]]
  }
}

function withImplied(methods: ReadonlySet<string>): string[] {
  return [...new Set([...methods, ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'])]
}

function unescape(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
