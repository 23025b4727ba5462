import { describe, it } from '../../kit/unlimited.ts'
import { asks, staysOpen } from '../../kit/conversation.ts'
import { holds } from '../../kit/holds.ts'
import { get, head } from '../../kit/request.ts'
import { finds, refusesDuplicates, refusesPatterns } from '../../kit/trie.ts'
import { costsAtMost } from '../../kit/trie-cost.ts'

describe('trie router (RFC 9110 §9.3.7, §15.5.6)', () => {
  it('turns back as far as it has to', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /a/b/c/d', 'GET /a/b/:y/e', 'GET /a/:x/c/f', 'GET /:w/b/c/g', 'GET /*'],
        finds: {
          'GET /a/b/c/d': ['GET /a/b/c/d'],
          'GET /a/b/c/e': ['GET /a/b/:y/e', { y: 'c' }],
          'GET /a/b/c/f': ['GET /a/:x/c/f', { x: 'b' }],
          'GET /a/b/c/g': ['GET /:w/b/c/g', { w: 'a' }],
          'GET /a/b/c/h': ['GET /*', { '*': 'a/b/c/h' }],
          'GET /a/b/c': ['GET /*', { '*': 'a/b/c' }],
        },
        why: 'each choice on the way may have a next one',
      },
      {
        routes: ['GET /a/:p/b', 'GET /a/*', 'GET /:q/x/c'],
        finds: {
          'GET /a/x/b': ['GET /a/:p/b', { p: 'x' }],
          'GET /a/x/c': ['GET /a/*', { '*': 'x/c' }],
          'GET /z/x/c': ['GET /:q/x/c', { q: 'z' }],
        },
        why: 'parameters of a branch that was left are not those of the route that was found',
      },
      {
        routes: ['GET /docs/:page', 'GET /docs/*', 'GET /docs/intro/*'],
        finds: {
          'GET /docs/intro': ['GET /docs/:page', { page: 'intro' }],
          'GET /docs/intro/': ['GET /docs/intro/*', { '*': '' }],
          'GET /docs/intro/a/b': ['GET /docs/intro/*', { '*': 'a/b' }],
          'GET /docs/other/a': ['GET /docs/*', { '*': 'other/a' }],
        },
        why: 'text before parameter before wildcard, at each segment',
      },
    ])
  })

  it('turns back where the better choice does not serve the method', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /x/new', 'DELETE /x/:id', 'PATCH /x/*'],
        finds: {
          'GET /x/new': ['GET /x/new'],
          'DELETE /x/new': ['DELETE /x/:id', { id: 'new' }],
          'PATCH /x/new': ['PATCH /x/*', { '*': 'new' }],
          'PUT /x/new': { allow: ['GET', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS'] },
          'OPTIONS /x/7': { options: ['DELETE', 'PATCH', 'OPTIONS'] },
          'POST /x/7/8': { allow: ['PATCH', 'OPTIONS'] },
        },
        why: 'the next choice is tried where the better one ends at nothing that serves the method',
      },
    ])
  })

  it('takes routes apart that differ in the method or the last segment alone', async ({
    build,
  }) => {
    await finds(build, [
      {
        routes: ['GET /a', 'POST /a', 'GET /a/', 'GET /a/:x', 'GET /', 'GET /A'],
        finds: {
          'GET /a': ['GET /a'],
          'POST /a': ['POST /a'],
          'GET /a/': ['GET /a/'],
          'GET /a/b': ['GET /a/:x', { x: 'b' }],
          'GET /A': ['GET /A'],
          'GET /': ['GET /'],
          'GET //': 'not-found',
          'GET //a': 'not-found',
          'GET /a/b/': 'not-found',
          'GET /a/.': ['GET /a/:x', { x: '.' }],
          'POST /A': { allow: ['GET', 'HEAD', 'OPTIONS'] },
        },
        why: 'segments are compared exactly: nothing is normalised',
      },
    ])
  })

  it('gives each route its own names, in any number of them', async ({ build, random }) => {
    const [a, b, c] = ['A', 'B', 'C'].map((suffix) => random.word(5) + suffix)
    await finds(build, [
      {
        routes: [`GET /:${a}/x`, `GET /:${b}/y`, `POST /:${c}/x`, `GET /:${b}/:${a}/z`],
        finds: {
          'GET /1/x': [`GET /:${a}/x`, { [a!]: '1' }],
          'GET /2/y': [`GET /:${b}/y`, { [b!]: '2' }],
          'POST /3/x': [`POST /:${c}/x`, { [c!]: '3' }],
          'GET /4/5/z': [`GET /:${b}/:${a}/z`, { [b!]: '4', [a!]: '5' }],
        },
        why: 'names belong to routes, not to the tree',
      },
    ])
  })

  it('refuses whatever matches the same requests, however it is written', async ({ build }) => {
    await refusesDuplicates(
      build,
      [
        ['GET /a', 'GET /a'],
        ['POST /:a/b/:c', 'POST /:x/b/:y'],
        ['GET /a%20b', 'GET /%61%20b'],
        ['GET /caf%C3%A9/:x', 'GET /caf%c3%a9/:y'],
        ['GET /caf%C3%A9', 'GET /café'],
        ['GET /s/*', 'GET /s/*'],
        ['DELETE /', 'DELETE /'],
      ],
      'the two match exactly the same requests: one of them would never be served',
    )
  })

  it('takes what only looks like a duplicate for another route', async ({ build }) => {
    await finds(build, [
      {
        routes: [
          'GET /u/:id',
          'PUT /u/:id',
          'GET /u/:id/x',
          'GET /u/id',
          'GET /u/*',
          'GET /u/%2A',
          'GET /u/%3Aid',
        ],
        finds: {
          'GET /u/1': ['GET /u/:id', { id: '1' }],
          'PUT /u/1': ['PUT /u/:id', { id: '1' }],
          'GET /u/id': ['GET /u/id'],
          'GET /u/%2A': ['GET /u/%2A'],
          'GET /u/*': ['GET /u/%2A'],
          'GET /u/:id': ['GET /u/%3Aid'],
        },
        why: 'another method, another length, or text instead of a parameter is another route',
      },
    ])
  })

  it('refuses every other pattern that means nothing', async ({ build }) => {
    await refusesPatterns(
      build,
      ['', 'a/b', '*', '/*/', '/*/:x', '/a/:', '/:a/b/:a', '/%zz', '/a/%'],
      'a pattern begins with "/", has "*" last or not at all, names its parameters, no name twice, and no bad escape',
    )
  })

  it('decodes escapes once, in texts, parameters and wildcards', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /café/:x', 'GET /100%25', 'GET /a%2Fb/c', 'GET /s/*', 'GET /p/:a/:b'],
        finds: {
          'GET /caf%c3%a9/%E2%82%AC': ['GET /café/:x', { x: '€' }],
          'GET /%63af%C3%A9/x%2fy': ['GET /café/:x', { x: 'x/y' }],
          'GET /%31%30%30%25': ['GET /100%25'],
          'GET /a%2fb/c': ['GET /a%2Fb/c'],
          'GET /a/b/c': 'not-found',
          'GET /s/a%20b/%2e%2e/c': ['GET /s/*', { '*': 'a b/../c' }],
          'GET /s/%252e': ['GET /s/*', { '*': '%2e' }],
          'GET /p/%25/%25zz': ['GET /p/:a/:b', { a: '%', b: '%zz' }],
          'GET /p/a+b/%2B': ['GET /p/:a/:b', { a: 'a+b', b: '+' }],
          'GET /p/%00/x': ['GET /p/:a/:b', { a: '\0', b: 'x' }],
          'GET /caf%C3%A9%2Fx': 'not-found',
        },
        why: 'a path is split at its slashes, then each segment is decoded once (RFC 3986 §2.4)',
      },
    ])
  })

  it('refuses bad escapes and what is no UTF-8, wherever they stand', async ({ build }) => {
    const bad = [
      '/s/%',
      '/s/%4',
      '/s/%zz',
      '/s/%ff',
      '/s/%c3',
      '/s/a/%C0%AF',
      '/s/%ed%a0%80/b',
      '/nowhere/%zz',
      '/%e9',
    ]
    await finds(build, [
      {
        routes: ['GET /s/*', 'GET /:a', 'POST /100%25'],
        finds: Object.fromEntries(bad.map((path) => [`GET ${path}`, 'INVALID_PATH'])),
        why: 'a path that cannot be decoded names nothing: 400 comes before 404 and 405',
      },
    ])
  })

  it('takes no name that JavaScript objects have for a route or a parameter', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /a/:constructor', 'GET /b/toString', 'GET /c/:p'],
        finds: {
          'GET /constructor': 'not-found',
          'GET /__proto__': 'not-found',
          'GET /a/__proto__': ['GET /a/:constructor', { constructor: '__proto__' }],
          'GET /b/toString': ['GET /b/toString'],
          'GET /b/valueOf': 'not-found',
          'GET /b/hasOwnProperty/x': 'not-found',
          'GET /c/constructor': ['GET /c/:p', { p: 'constructor' }],
          'toString /c/x': { allow: ['GET', 'HEAD', 'OPTIONS'] },
          'constructor /b/toString': { allow: ['GET', 'HEAD', 'OPTIONS'] },
        },
        why: 'a plain object knows names that nobody added',
      },
    ])
  })

  it('serves HEAD and OPTIONS by their own routes where there are some', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /x', 'HEAD /x', 'OPTIONS /x', 'GET /y', 'POST /z', 'HEAD /h/:a', 'GET /h/b'],
        finds: {
          'HEAD /x': ['HEAD /x'],
          'OPTIONS /x': ['OPTIONS /x'],
          'HEAD /y': ['GET /y'],
          'HEAD /z': { allow: ['POST', 'OPTIONS'] },
          'HEAD /h/b': ['GET /h/b'],
          'HEAD /h/c': ['HEAD /h/:a', { a: 'c' }],
          'GET /h/c': { allow: ['HEAD', 'OPTIONS'] },
        },
        why: 'HEAD is served by GET unless it has a route of its own at the same place (RFC 9110 §9.3.2)',
      },
    ])
  })

  it('names for the asterisk all methods of all routes', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /x', 'POST /y', 'DELETE /z/:id'],
        finds: { 'OPTIONS *': { options: ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'] } },
        why: 'the asterisk-form is about the server, not about a path (RFC 9110 §9.3.7)',
      },
    ])
  })

  it('answers OPTIONS for the server as a whole', async ({ server }) => {
    const why = 'the asterisk-form is about the server, not about a path (RFC 9110 §9.3.7)'
    const wire = await server.connect()
    await asks(
      wire,
      head('OPTIONS * HTTP/1.1'),
      { status: 204, fields: { 'Content-Length': null } },
      why,
    )
    await staysOpen(wire, why)
  })

  it('lists in Allow what each route of the server serves', async ({ server }) => {
    const why =
      'Allow names the methods of this path, OPTIONS among them, and no others (RFC 9110 §10.2.1)'
    const wire = await server.connect()
    const got = ['GET', 'HEAD', 'OPTIONS']
    for (const [line, status, allow] of [
      ['OPTIONS / HTTP/1.1', 204, got],
      ['OPTIONS /users/%2F HTTP/1.1', 204, got],
      ['OPTIONS /fib/99 HTTP/1.1', 204, got],
      ['TRACE /echo HTTP/1.1', 405, ['POST', 'OPTIONS']],
      ['DELETE /users/1/posts/2 HTTP/1.1', 405, got],
      ['PATCH /health HTTP/1.1', 405, got],
      ['HEAD /echo HTTP/1.1', 405, ['POST', 'OPTIONS']],
    ] as const) {
      await asks(wire, head(line), { status, fields: { Allow: allow } }, why)
    }
    await asks(
      wire,
      head('OPTIONS /users/ HTTP/1.1'),
      { status: 404, fields: { Allow: null } },
      why,
    )
  })

  it('routes requests of the server by the same rules', async ({ server }) => {
    const why = 'the route table of the assignment'
    for (const [target, status, content] of [
      ['/users/a%2Fb', 200, '{"id":"a/b"}'],
      ['/users/%252F/posts/%7B', 200, '{"id":"%2F","postId":"{"}'],
      ['/users/1/posts', 404, undefined],
      ['/users/1/posts/', 404, undefined],
      ['/%67reet', 200, 'Hello, stranger!'],
      ['/Greet', 404, undefined],
      ['/greet/', 404, undefined],
      ['//greet', 404, undefined],
      ['/./greet', 404, undefined],
      ['/constructor', 404, undefined],
      ['/users/%c3', 400, undefined],
      ['/nothing/%', 400, undefined],
    ] as const) {
      await holds(server, {
        send: get(target),
        expect: { status, ...(content === undefined ? {} : { content }) },
        why,
      })
    }
  })

  it('finds what is not there among ten thousand routes about as quickly as among ten', async ({
    build,
  }) => {
    const routesOf = (count: number) =>
      Array.from({ length: count }, (_, n) => `/v${n % 7}/:a/kind${n}/:b/*`)
    const paths = Array.from({ length: 10 }, (_, n) => `/v${n % 7}/x/kind${n}x/y/z`)
    await costsAtMost(
      build,
      5,
      { small: { routes: routesOf(10), paths }, large: { routes: routesOf(10_000), paths } },
      ['look up the same paths, of which none is served, among 10 routes and among 10,000'],
      'the cost of a lookup follows the depth of the path, not the number of routes',
    )
  })

  it('finds parameters and wildcards among ten thousand routes about as quickly as among ten', async ({
    build,
  }) => {
    const some = Array.from({ length: 10 }, (_, n) => n * 1111)
    const all = Array.from({ length: 10_000 }, (_, n) => n)
    const patternOf = (n: number) => (n % 2 === 0 ? `/s${n}/:id` : `/:any/t${n}/*`)
    const paths = some.map((n) => (n % 2 === 0 ? `/s${n}/x` : `/x/t${n}/y/z`))
    await costsAtMost(
      build,
      5,
      {
        small: { routes: some.map(patternOf), paths },
        large: { routes: all.map(patternOf), paths },
      },
      ['look up the same paths among 10 routes and among 10,000, in turns'],
      'the cost of a lookup follows the depth of the path, not the number of routes',
    )
  })

  it('does not lose itself in paths that match the beginning of many routes', async ({ build }) => {
    const why =
      'a search that tries everything again after each turn doubles with each segment: look at no node twice'
    // At each depth a text and a parameter go on, and no route is as long as the path.
    const routes = Array.from({ length: 20 }, (_, depth) => [
      `/${Array(depth + 2)
        .fill('a')
        .join('/')}/end`,
      `/${Array.from({ length: depth + 2 }, (_, place) => `:p${place}`).join('/')}/end`,
      `/${Array.from({ length: depth + 2 }, (_, place) => (place % 2 === 0 ? 'a' : `:q${place}`)).join('/')}/end`,
    ]).flat()
    const pathOf = (segments: number) => `/${Array(segments).fill('a').join('/')}/no`
    await costsAtMost(
      build,
      60,
      { small: { routes, paths: [pathOf(4)] }, large: { routes, paths: [pathOf(19)] } },
      ['look up /a/a/…/no, with 4 and with 19 times "a", among routes of texts and parameters'],
      why,
    )
  })

  it('takes time for a long path in proportion to its length', async ({ build }) => {
    const routes = ['/*', '/a/:b/c', '/x/*', '/:p/:q/end']
    const pathOf = (segments: number) => `/${Array(segments).fill('a%61').join('/')}`
    await costsAtMost(
      build,
      200,
      { small: { routes, paths: [pathOf(100)] }, large: { routes, paths: [pathOf(3200)] } },
      ['look up a path of 100 segments, and one of 3,200'],
      'a path is read once, from its beginning to its end: 32 times the length, about 32 times the work',
    )
  })
})
