import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrieRouter } from '../../solutions/level3/trie-router.ts'
import { buildEdited } from '../../tests/kit/edited.ts'
import { costsAtMost } from '../../tests/kit/trie-cost.ts'

function routerOf(...routes: string[]): TrieRouter<string> {
  const router = new TrieRouter<string>()
  for (const route of routes) {
    const [method = '', pattern = ''] = route.split(' ')
    router.add(method, pattern, route)
  }
  return router
}

const found = (value: string, params: Record<string, string> = {}) => ({
  kind: 'found',
  value,
  params,
})

describe('trie router', () => {
  it('leaves a text that leads nowhere and takes the parameter beside it', () => {
    const router = routerOf('GET /a/b/x', 'GET /a/:p/y')
    expect(router.find('GET', '/a/b/x')).toEqual(found('GET /a/b/x'))
    expect(router.find('GET', '/a/b/y')).toEqual(found('GET /a/:p/y', { p: 'b' }))
    expect(router.find('GET', '/a/b/z')).toEqual({ kind: 'not-found' })
  })

  it('prefers text to a parameter and a parameter to a wildcard, in any order of adding', () => {
    for (const routes of [
      ['GET /f/*', 'GET /f/:id', 'GET /f/new'],
      ['GET /f/new', 'GET /f/:id', 'GET /f/*'],
    ]) {
      const router = routerOf(...routes)
      expect(router.find('GET', '/f/new')).toEqual(found('GET /f/new'))
      expect(router.find('GET', '/f/7')).toEqual(found('GET /f/:id', { id: '7' }))
      expect(router.find('GET', '/f/7/8')).toEqual(found('GET /f/*', { '*': '7/8' }))
      expect(router.find('GET', '/f/')).toEqual(found('GET /f/*', { '*': '' }))
      expect(router.find('GET', '/f')).toEqual({ kind: 'not-found' })
      expect(router.find('GET', '/f//8')).toEqual({ kind: 'not-found' })
      expect(router.find('GET', '/f/7/')).toEqual(found('GET /f/*', { '*': '7/' }))
    }
  })

  it('gives each route its own names', () => {
    const router = routerOf('GET /users/:id', 'PUT /users/:name', 'GET /users/:owner/posts')
    expect(router.find('PUT', '/users/a')).toEqual(found('PUT /users/:name', { name: 'a' }))
    expect(router.find('GET', '/users/a')).toEqual(found('GET /users/:id', { id: 'a' }))
    expect(router.find('GET', '/users/a/posts')).toEqual(
      found('GET /users/:owner/posts', { owner: 'a' }),
    )
  })

  it('decodes once, and compares what was decoded', () => {
    const router = routerOf('GET /caf%C3%A9/:x', 'GET /100%25', 'GET /s/*')
    expect(router.find('GET', '/c%61f%c3%a9/a%2Fb')).toMatchObject({ params: { x: 'a/b' } })
    expect(router.find('GET', '/caf%C3%A9/%252F')).toMatchObject({ params: { x: '%2F' } })
    expect(router.find('GET', '/%31%30%30%25')).toEqual(found('GET /100%25'))
    expect(router.find('GET', '/s/a%20b/c%2fd')).toMatchObject({ params: { '*': 'a b/c/d' } })
  })

  it.each(['/s/%', '/s/%4', '/s/%zz', '/s/%ff', '/s/%c3', '/s/%ed%a0%80', '/100%', '/nowhere/%zz'])(
    'refuses %s with INVALID_PATH',
    (path) => {
      const router = routerOf('GET /100%25', 'GET /s/*')
      expect(() => router.find('GET', path)).toThrow(
        expect.objectContaining({ code: 'INVALID_PATH' }),
      )
    },
  )

  it('names both patterns of a duplicate, and keeps the first', () => {
    const router = routerOf('GET /users/:id', 'GET /a%20b')
    expect(() => router.add('GET', '/users/:name', 'x')).toThrow(/\/users\/:name.*\/users\/:id/)
    expect(() => router.add('GET', '/%61%20b', 'x')).toThrow(/\/%61%20b.*\/a%20b/)
    expect(router.find('GET', '/users/1')).toEqual(found('GET /users/:id', { id: '1' }))
  })

  it.each(['users', '', '/a/*/b', '/:', '/:a-b', '/:a/:a', '/%zz', '/:__proto__'])(
    'refuses the pattern "%s"',
    (pattern) => {
      expect(() => new TrieRouter().add('GET', pattern, 0)).toThrow(
        expect.objectContaining({ name: 'RouteError' }),
      )
    },
  )

  it('tells a method that is not served from a path that is not', () => {
    const router = routerOf('GET /x/new', 'DELETE /x/:id', 'POST /y')
    expect(router.find('DELETE', '/x/new')).toEqual(found('DELETE /x/:id', { id: 'new' }))
    const refused = router.find('PATCH', '/x/new')
    if (refused.kind !== 'method-not-allowed') throw new Error(refused.kind)
    expect(refused.allow.toSorted()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS'])
    expect(router.find('POST', '/y/')).toEqual({ kind: 'not-found' })
    expect(router.find('GET', '/y')).toEqual({
      kind: 'method-not-allowed',
      allow: ['POST', 'OPTIONS'],
    })
  })

  it('answers OPTIONS on a path that is served, and for the whole server', () => {
    const router = routerOf('GET /x', 'POST /y')
    expect(router.find('OPTIONS', '/x')).toEqual({
      kind: 'options',
      allow: ['GET', 'HEAD', 'OPTIONS'],
    })
    expect(router.find('OPTIONS', '/z')).toEqual({ kind: 'not-found' })
    expect(router.find('OPTIONS', '*')).toEqual({
      kind: 'options',
      allow: ['GET', 'POST', 'HEAD', 'OPTIONS'],
    })
  })

  it('serves HEAD by GET unless there is a HEAD of its own', () => {
    const router = routerOf('GET /x', 'GET /y', 'HEAD /y')
    expect(router.find('HEAD', '/x')).toEqual(found('GET /x'))
    expect(router.find('HEAD', '/y')).toEqual(found('HEAD /y'))
  })

  it('costs less than twice as much among ten thousand routes as among ten', async () => {
    const patternOf = (n: number) => `/api/kind${n}/:id/show`
    const some = Array.from({ length: 10 }, (_, n) => n * 1111)
    const all = Array.from({ length: 10_000 }, (_, n) => n)
    const paths = some.map((n) => `/api/kind${n}/abc/show`)
    const small = { routes: some.map(patternOf), paths }
    const large = { routes: all.map(patternOf), paths }
    const reference = await buildEdited({ name: 'reference', what: '', edits: [] }, 3)
    await costsAtMost(reference, 2, { small, large }, [], 'what the assignment promises')
  })

  it('costs a hostile path no more than the nodes it can match', () => {
    const router = new TrieRouter<number>()
    for (let depth = 1; depth <= 40; depth++) {
      router.add('GET', `/${Array(depth).fill('a').join('/')}/end`, depth)
      router.add(
        'GET',
        `/${Array(depth)
          .fill(':p')
          .map((p, i) => `${p}${i}`)
          .join('/')}/end`,
        depth,
      )
    }
    const quickest = (segments: number) => {
      const path = `/${Array(segments).fill('a').join('/')}`
      const times = Array.from({ length: 20 }, () => {
        const start = performance.now()
        for (let i = 0; i < 5; i++) expect(router.find('GET', path).kind).toBe('not-found')
        return performance.now() - start
      })
      return Math.min(...times)
    }
    // Each segment is decoded once. Whoever tries both ways at each depth again and again is not done in a lifetime.
    expect(quickest(4000)).toBeLessThan(400 * quickest(40))
  })
})

// The same rules, written down in the plainest way there is: try every route.
type Routes = readonly (readonly [method: string, pattern: string])[]

function naive(routes: Routes, method: string, path: string): unknown {
  let segments: string[]
  try {
    segments = path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return 'INVALID_PATH'
  }
  const matching = routes.filter(([, pattern]) => matches(pattern.split('/').slice(1), segments))
  const serving = matching.filter(([its]) => its === method || (method === 'HEAD' && its === 'GET'))
  const [best] = serving.sort((a, b) => rank(a[1], a[0]).localeCompare(rank(b[1], b[0])))
  if (best !== undefined) return { route: best, params: paramsOf(best[1], segments) }
  if (matching.length === 0) return 'not-found'
  const allow = matching.flatMap(([its]) => (its === 'GET' ? ['GET', 'HEAD'] : [its]))
  return [...new Set([...allow, 'OPTIONS'])].sort()

  function rank(pattern: string, its: string): string {
    const kinds = pattern.split('/').map((s) => (s === '*' ? '2' : s.startsWith(':') ? '1' : '0'))
    return kinds.join('') + (its === method ? '0' : '1')
  }
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const [head, ...rest] = pattern
  if (head === '*') return path.length > 0 && path.slice(0, -1).every((segment) => segment !== '')
  if (head === undefined) return path.length === 0
  const [first] = path
  if (first === undefined) return false
  return (head.startsWith(':') ? first !== '' : head === first) && matches(rest, path.slice(1))
}

function paramsOf(pattern: string, segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pattern
      .split('/')
      .slice(1)
      .flatMap((segment, index) => {
        if (segment === '*') return [['*', segments.slice(index).join('/')]]
        return segment.startsWith(':') ? [[segment.slice(1), segments[index]]] : []
      }),
  ) as Record<string, string>
}

describe('trie router, beside a matcher that tries every route', () => {
  const patternSegment = fc.constantFrom('a', 'b', 'c', '', ':p', ':q', ...'defghijkl')
  const pattern = fc
    .tuple(fc.array(patternSegment, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([segments, wild]) => {
      const unique = segments.map((s, i) => (s.startsWith(':') ? `${s}${i}` : s))
      return `/${(wild ? [...unique, '*'] : unique).join('/')}`
    })
  const route = fc.tuple(fc.constantFrom('GET', 'POST', 'HEAD'), pattern)
  const pathSegment = fc.constantFrom(
    'a',
    'b',
    'c',
    'd',
    'l',
    'zz',
    '',
    '%61',
    '%2F',
    '%25',
    '%',
    '%C3%A9',
  )
  const path = fc.array(pathSegment, { minLength: 1, maxLength: 6 }).map((s) => `/${s.join('/')}`)

  it('finds the same', () => {
    fc.assert(
      fc.property(
        fc.array(route, { maxLength: 14 }),
        fc.array(fc.tuple(fc.constantFrom('GET', 'POST', 'HEAD', 'PUT'), path), {
          minLength: 8,
          maxLength: 8,
        }),
        (wanted, lookups) => {
          const router = new TrieRouter<(typeof wanted)[number]>()
          const routes = wanted.filter((each) => added(router, each))
          for (const [method, target] of lookups) {
            expect(outcome(router, method, target)).toEqual(naive(routes, method, target))
          }
        },
      ),
      { numRuns: 2000 },
    )
  })

  function added(
    router: TrieRouter<[string, string]>,
    [method, target]: [string, string],
  ): boolean {
    try {
      router.add(method, target, [method, target])
      return true
    } catch {
      return false
    }
  }

  function outcome(router: TrieRouter<[string, string]>, method: string, target: string): unknown {
    try {
      const match = router.find(method, target)
      if (match.kind === 'found') return { route: match.value, params: match.params }
      if (match.kind === 'not-found') return match.kind
      return match.allow.toSorted()
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
})
