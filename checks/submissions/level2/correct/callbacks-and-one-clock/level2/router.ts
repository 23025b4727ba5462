/**
 * Finds what serves a request: all patterns of one method are one regular expression, compiled when it is first needed.
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

interface Entry<T> {
  readonly source: string
  readonly names: readonly string[]
  readonly value: T
  /** Group of the expression that is empty, and set, when this route matched. */
  mark: number
}

class Table<T> {
  readonly entries: Entry<T>[] = []
  #compiled: RegExp | undefined

  add(entry: Entry<T>): void {
    this.entries.push(entry)
    this.#compiled = undefined
  }

  match(path: string): { entry: Entry<T>; groups: RegExpExecArray } | undefined {
    this.#compiled ??= this.#compile()
    const groups = this.#compiled.exec(path)
    if (groups === null) return undefined
    const entry = this.entries.find(({ mark }) => groups[mark] !== undefined)
    return entry && { entry, groups }
  }

  #compile(): RegExp {
    let group = 1
    const branches = this.entries.map((entry) => {
      entry.mark = group
      group += 1 + entry.names.length
      return `()${entry.source}`
    })
    return new RegExp(`^(?:${branches.join('|')})$`)
  }
}

/** Routes requests to values of any kind: handlers in the server, plain strings in a test. */
export class Router<T> {
  readonly #tables = new Map<string, Table<T>>()

  add(method: string, pattern: string, value: T): this {
    if (!pattern.startsWith('/'))
      throw new TypeError(`The pattern "${pattern}" does not begin with "/".`)
    const names: string[] = []
    const source = pattern
      .slice(1)
      .split('/')
      .map((segment) => {
        if (!segment.startsWith(':')) return escaped(encodeURIComponent(segment))
        const name = segment.slice(1)
        if (name === '') throw new TypeError(`A parameter of "${pattern}" has no name.`)
        if (names.includes(name))
          throw new TypeError(`"${pattern}" names the parameter "${name}" twice.`)
        names.push(name)
        return '([^/]+)'
      })
      .join('/')
    const table = this.#tables.get(method) ?? new Table<T>()
    this.#tables.set(method, table)
    table.add({ source: `/${source}`, names, value, mark: 0 })
    return this
  }

  find(method: string, path: string): Match<T> {
    const plain = canonical(path)
    if (!plain.startsWith('/')) return { kind: 'not-found' }
    const found =
      this.#tables.get(method)?.match(plain) ??
      (method === 'HEAD' ? this.#tables.get('GET')?.match(plain) : undefined)
    if (found !== undefined) {
      const { entry, groups } = found
      const params = Object.fromEntries(
        entry.names.map((name, i) => [
          name,
          decodeURIComponent(groups[entry.mark + 1 + i] as string),
        ]),
      )
      return { kind: 'found', value: entry.value, params }
    }
    const allow = new Set<string>()
    for (const [served, table] of this.#tables) {
      if (table.match(plain) === undefined) continue
      if (served === 'GET') allow.add('HEAD')
      allow.add(served)
    }
    return allow.size > 0
      ? { kind: 'method-not-allowed', allow: [...allow] }
      : { kind: 'not-found' }
  }
}

/** The one way to write a path: each segment decoded once, and encoded again as `encodeURIComponent` does it. */
function canonical(path: string): string {
  try {
    return path
      .split('/')
      .map((segment) => encodeURIComponent(decodeURIComponent(segment)))
      .join('/')
  } catch {
    throw new RequestError('INVALID_PATH')
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
