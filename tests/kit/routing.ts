/** Asks a submission's `Router`, and checks what it finds. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

type Module = typeof import('../../levels/level2/router.ts')

/** `GET /users/:id` */
export type Pattern = string

/** What must be found: the pattern that serves it with its parameters, the methods that are allowed, or a fault. */
export type Wanted =
  | { readonly pattern: Pattern; readonly params: { readonly [name: string]: string } }
  | { readonly allow: readonly string[] }
  | 'not-found'
  | 'INVALID_PATH'

export interface Lookup {
  /** `GET /users/7` */
  readonly find: string
  readonly wanted: Wanted
}

type Found = {
  readonly kind: string
  readonly value?: string
  /** In the order in which they stand there. */
  readonly params?: readonly (readonly [string, string])[]
  readonly allow?: readonly string[]
  readonly status?: number
}

/**
 * Adds routes, each with its pattern as its value, and looks requests up.
 *
 * @throws {Expectation} for the first that is found wrongly
 */
export async function routes(
  build: Build,
  patterns: readonly Pattern[],
  lookups: readonly Lookup[],
  why: string,
): Promise<void> {
  const input = { patterns, lookups: lookups.map(({ find }) => find) }
  const found = await probe(build, 'level2/router.ts', ask, input)
  for (const [index, { find, wanted }] of lookups.entries()) {
    const one = found[index]
    if (one !== undefined && isRight(one, wanted)) continue
    throw new Expectation({
      steps: [...patterns.map((pattern) => `add ${pattern}`), `find ${find}`],
      expected: inWords(wanted),
      received: JSON.stringify(one),
      why,
    })
  }
}

function ask(
  module: Module,
  { patterns, lookups }: { patterns: readonly string[]; lookups: readonly string[] },
): Found[] {
  const router = new module.Router<string>()
  for (const pattern of patterns) {
    const [method = '', path = ''] = pattern.split(' ')
    router.add(method, path, pattern)
  }
  return lookups.map((lookup) => {
    const [method = '', path = ''] = lookup.split(' ')
    try {
      const match = router.find(method, path)
      if (match.kind === 'found')
        return { kind: match.kind, value: match.value, params: Object.entries(match.params) }
      if (match.kind === 'method-not-allowed') return { kind: match.kind, allow: [...match.allow] }
      return { kind: String(match.kind) }
    } catch (error) {
      const { code, status } = error as { code?: string; status?: number }
      if (status === undefined) throw error
      return { kind: String(code), status }
    }
  })
}

function isRight(found: Found, wanted: Wanted): boolean {
  if (wanted === 'INVALID_PATH') return found.kind === wanted && found.status === 400
  if (wanted === 'not-found') return found.kind === wanted
  if ('allow' in wanted) {
    const { kind, allow } = found
    const methods = new Set(allow)
    return (
      kind === 'method-not-allowed' &&
      methods.size === wanted.allow.length &&
      wanted.allow.every((method) => methods.has(method))
    )
  }
  const { kind, value, params = [] } = found
  return (
    kind === 'found' &&
    value === wanted.pattern &&
    JSON.stringify(params) === JSON.stringify(Object.entries(wanted.params))
  )
}

function inWords(wanted: Wanted): string {
  if (wanted === 'not-found') return 'kind not-found'
  if (wanted === 'INVALID_PATH') return 'a RequestError INVALID_PATH (400)'
  if ('allow' in wanted)
    return `kind method-not-allowed, allow ${wanted.allow.join(', ')} in any order`
  return `the value of ${wanted.pattern}, params ${JSON.stringify(wanted.params)}`
}
