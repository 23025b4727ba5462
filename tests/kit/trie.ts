/** Adds routes to a submission's `TrieRouter`, looks paths up, and checks what is found. */
import type * as routerModule from '../../levels/level3/trie-router.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

const FILE = 'level3/trie-router.ts'

/** A route or a request: method, space, pattern or path. */
type Line = string

/** What must be found: the route and its parameters, or why there is none. */
export type Found =
  | readonly [route: Line, params?: Readonly<Record<string, string>>]
  | { readonly allow: readonly string[] }
  | { readonly options: readonly string[] }
  | 'not-found'
  | 'INVALID_PATH'

/** A router, and what is found in it. */
export interface Lookups {
  readonly routes: readonly Line[]
  /** Request → what must be found. */
  readonly finds: Readonly<Record<Line, Found>>
  readonly why: string
}

/** What came out of one lookup, in JSON. */
type Seen = {
  readonly kind: string
  readonly value?: string
  readonly params?: { readonly [name: string]: string }
  readonly allow?: readonly string[]
}

/**
 * Checks what is found, whatever the order in which the routes were added: in the given one, and in reverse.
 *
 * @throws {Expectation} for the first lookup with which something is wrong
 */
export async function finds(build: Build, all: readonly Lookups[]): Promise<void> {
  const input = all.flatMap(({ routes, finds }) => {
    const requests = Object.keys(finds)
    return [
      { routes: [...routes], requests },
      { routes: routes.toReversed(), requests },
    ]
  })
  const seen = await probe(build, FILE, lookUp, input)
  for (const [index, { finds, why }] of all.entries()) {
    for (const turn of [0, 1]) {
      const { routes, requests } = input[2 * index + turn] ?? { routes: [], requests: [] }
      for (const [place, request] of requests.entries()) {
        const is = seen[2 * index + turn]?.[place]
        const problem = problemOf(finds[request] ?? 'not-found', is)
        if (problem === undefined) continue
        const steps = [...routes.map((route) => `add ${route}`), `find ${request}`]
        throw new Expectation({ steps, expected: problem, received: text(is), why })
      }
    }
  }
}

/** Checks that each last route is refused with a `RouteError` that names both patterns, and that the others stay. */
export async function refusesDuplicates(
  build: Build,
  all: readonly (readonly [first: Line, second: Line])[],
  why: string,
): Promise<void> {
  const refused = await probe(build, FILE, addBoth, all)
  for (const [index, [first, second]] of all.entries()) {
    const { name = '', message = '', kept } = refused[index] ?? {}
    const steps = [`add ${first}`, `add ${second}`]
    if (kept === false) {
      const received = 'it is not found any more'
      throw new Expectation({ steps, expected: `${first} stays`, received, why })
    }
    const patterns = [first, second].map((line) => line.slice(line.indexOf(' ') + 1))
    if (name === 'RouteError' && patterns.every((pattern) => message.includes(pattern))) continue
    throw new Expectation({
      steps,
      expected: `a RouteError that names ${patterns.join(' and ')}`,
      received: name === '' ? 'no error' : `${name}: ${message}`,
      why,
    })
  }
}

/** Checks that a router refuses each of the patterns with a `RouteError`. */
export async function refusesPatterns(
  build: Build,
  patterns: readonly string[],
  why: string,
): Promise<void> {
  const refused = await probe(
    build,
    FILE,
    addBoth,
    patterns.map((pattern) => ['', `GET ${pattern}`]),
  )
  for (const [index, pattern] of patterns.entries()) {
    const { name, message } = refused[index] ?? { name: '', message: '' }
    if (name === 'RouteError') continue
    throw new Expectation({
      steps: [`add GET ${pattern}`],
      expected: 'a RouteError',
      received: name === '' ? 'no error' : `${name}: ${message}`,
      why,
    })
  }
}

function problemOf(wanted: Found, is: Seen | undefined): string | undefined {
  const kind = is?.kind
  if (wanted === 'not-found' || wanted === 'INVALID_PATH') {
    return kind === wanted ? undefined : wanted
  }
  if ('allow' in wanted || 'options' in wanted) {
    const [right, allow] =
      'allow' in wanted
        ? (['method-not-allowed', wanted.allow] as const)
        : (['options', wanted.options] as const)
    const same = kind === right && sameMembers(is?.allow ?? [], allow)
    return same ? undefined : `${right}, allow ${allow.join(', ')} (in any order)`
  }
  const [route, params = {}] = wanted
  if (kind === 'found' && is?.value === route && sameRecord(is.params ?? {}, params))
    return undefined
  return `${route}, params ${JSON.stringify(params)}`
}

function text(is: Seen | undefined): string {
  if (is?.kind === 'found') return `${is.value}, params ${JSON.stringify(is.params)}`
  return is?.allow === undefined
    ? (is?.kind ?? 'nothing')
    : `${is.kind}, allow ${is.allow.join(', ')}`
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return (
    new Set(a).size === b.length && a.length === b.length && b.every((member) => a.includes(member))
  )
}

function sameRecord(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

// Run in the submission's process.

function lookUp(
  { TrieRouter }: typeof routerModule,
  all: readonly { readonly routes: readonly string[]; readonly requests: readonly string[] }[],
): Seen[][] {
  return all.map(({ routes, requests }) => {
    const router = new TrieRouter<string>()
    for (const route of routes) {
      const space = route.indexOf(' ')
      router.add(route.slice(0, space), route.slice(space + 1), route)
    }
    return requests.map((request): Seen => {
      const space = request.indexOf(' ')
      try {
        const match = router.find(request.slice(0, space), request.slice(space + 1))
        if (match.kind === 'found') {
          return { kind: match.kind, value: match.value, params: { ...match.params } }
        }
        return match.kind === 'not-found'
          ? { kind: match.kind }
          : { kind: match.kind, allow: [...match.allow] }
      } catch (error) {
        const { code, message } = error as { readonly code?: string; readonly message: string }
        return { kind: code ?? `an error: ${message}` }
      }
    })
  })
}

function addBoth(
  { TrieRouter }: typeof routerModule,
  all: readonly (readonly string[])[],
): { readonly name: string; readonly message: string; readonly kept: boolean }[] {
  return all.map(([first = '', second = '']) => {
    const router = new TrieRouter<string>()
    const partsOf = (line: string) =>
      [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const
    const add = (line: string) => router.add(...partsOf(line), line)
    if (first !== '') add(first)
    try {
      add(second)
      return { name: '', message: '', kept: true }
    } catch (error) {
      const { name, message } = error as Error
      const [method, pattern] = partsOf(first)
      const match = router.find(method, pattern.replace(/:\w+|\*/g, 'value') || '/')
      return { name, message, kept: match.kind === 'found' && match.value === first }
    }
  })
}
