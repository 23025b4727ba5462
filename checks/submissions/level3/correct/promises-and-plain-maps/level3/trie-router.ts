import { RequestError } from '../level2/errors.ts'
import type { Match as RouterMatch } from '../level2/router.ts'

export type Match<T> =
  RouterMatch<T> | { readonly kind: 'options'; readonly allow: readonly string[] }

export class RouteError extends Error {
  override readonly name = 'RouteError'
}

interface Leaf<T> {
  pattern: string
  names: string[]
  value: T
}

class Node<T> {
  text = new Map<string, Node<T>>()
  param: Node<T> | undefined
  wild: Map<string, Leaf<T>> | undefined
  leaves = new Map<string, Leaf<T>>()
}

export class TrieRouter<T> {
  #root = new Node<T>()
  #methods = new Set<string>()

  add(method: string, pattern: string, value: T): this {
    const bad = (why: string) => new RouteError(`${method} ${pattern} ${why}`)
    if (!pattern.startsWith('/')) throw bad('does not begin with "/"')
    const segments = pattern.slice(1).split('/')
    const names: string[] = []
    const steps: (string | { text: string })[] = []
    for (const [index, segment] of segments.entries()) {
      if (segment === '*') {
        if (index < segments.length - 1) throw bad('has something behind "*"')
        steps.push('*')
      } else if (segment.startsWith(':')) {
        const name = segment.slice(1)
        if (name === '') throw bad('has a parameter without a name')
        if (names.includes(name)) throw bad(`names ":${name}" twice`)
        names.push(name)
        steps.push(':')
      } else {
        try {
          steps.push({ text: decodeURIComponent(segment) })
        } catch {
          throw bad('has a bad escape')
        }
      }
    }
    let node = this.#root
    let leaves: Map<string, Leaf<T>> | undefined
    for (const step of steps) {
      if (step === '*') leaves = node.wild ??= new Map()
      else if (step === ':') node = node.param ??= new Node()
      else {
        const { text } = step as { text: string }
        let next = node.text.get(text)
        if (!next) node.text.set(text, (next = new Node()))
        node = next
      }
    }
    leaves ??= node.leaves
    const there = leaves.get(method)
    if (there)
      throw bad(`matches the same requests as ${method} ${there.pattern}, which is there already`)
    leaves.set(method, { pattern, names, value })
    this.#methods.add(method)
    return this
  }

  find(method: string, path: string): Match<T> {
    if (path === '*') {
      if (method !== 'OPTIONS' || this.#methods.size === 0) return { kind: 'not-found' }
      return { kind: 'options', allow: allowOf(this.#methods) }
    }
    let segments: string[]
    try {
      segments = path
        .slice(1)
        .split('/')
        .map((segment) => (segment.includes('%') ? decodeURIComponent(segment) : segment))
    } catch {
      throw new RequestError('INVALID_PATH')
    }
    const methods = new Set<string>()
    const found = walk(this.#root, segments, 0, [], (leaves, taken, rest) => {
      for (const each of leaves.keys()) methods.add(each)
      const leaf = leaves.get(method) ?? (method === 'HEAD' ? leaves.get('GET') : undefined)
      if (!leaf) return undefined
      const params: Record<string, string> = {}
      for (const [index, name] of leaf.names.entries())
        Object.defineProperty(params, name, {
          value: taken[index],
          enumerable: true,
          configurable: true,
          writable: true,
        })
      if (rest !== undefined) params['*'] = rest
      return { kind: 'found', value: leaf.value, params } as const
    })
    if (found) return found
    if (methods.size === 0) return { kind: 'not-found' }
    if (method === 'OPTIONS') return { kind: 'options', allow: allowOf(methods) }
    return { kind: 'method-not-allowed', allow: allowOf(methods) }
  }
}

function allowOf(methods: Set<string>): string[] {
  const all = new Set(methods)
  if (all.has('GET')) all.add('HEAD')
  all.add('OPTIONS')
  return [...all]
}

type Visit<T, R> = (
  leaves: Map<string, Leaf<T>>,
  taken: string[],
  rest: string | undefined,
) => R | undefined

function walk<T, R>(
  node: Node<T>,
  segments: string[],
  at: number,
  taken: string[],
  visit: Visit<T, R>,
): R | undefined {
  if (at === segments.length)
    return node.leaves.size > 0 ? visit(node.leaves, taken, undefined) : undefined
  const segment = segments[at] ?? ''
  const next = node.text.get(segment)
  if (next) {
    const found = walk(next, segments, at + 1, taken, visit)
    if (found) return found
  }
  if (node.param && segment !== '') {
    taken.push(segment)
    const found = walk(node.param, segments, at + 1, taken, visit)
    if (found) return found
    taken.pop()
  }
  if (node.wild) {
    const rest = segments.slice(at)
    if (!rest.slice(0, -1).includes('')) return visit(node.wild, taken, rest.join('/'))
  }
  return undefined
}
