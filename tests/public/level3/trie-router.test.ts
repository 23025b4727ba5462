import { describe, it } from '../../kit/unlimited.ts'
import { holds } from '../../kit/holds.ts'
import { get, head } from '../../kit/request.ts'
import { finds, refusesDuplicates, refusesPatterns } from '../../kit/trie.ts'
import { costsAtMost } from '../../kit/trie-cost.ts'

describe('trie router (RFC 9110 §9.3.7, §15.5.6)', () => {
  it('prefers text to a parameter and a parameter to a wildcard, whatever was added first', async ({
    build,
  }) => {
    await finds(build, [
      {
        routes: ['GET /files/*', 'GET /files/:id', 'GET /files/new'],
        finds: {
          'GET /files/new': ['GET /files/new'],
          'GET /files/7': ['GET /files/:id', { id: '7' }],
          'GET /files/7/8': ['GET /files/*', { '*': '7/8' }],
          'GET /files': 'not-found',
        },
        why: 'text goes before a parameter, and a parameter before a wildcard, segment by segment',
      },
    ])
  })

  it('tries the next choice where the better one leads nowhere', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /a/b/x', 'GET /a/:p/y'],
        finds: {
          'GET /a/b/x': ['GET /a/b/x'],
          'GET /a/b/y': ['GET /a/:p/y', { p: 'b' }],
          'GET /a/b/z': 'not-found',
        },
        why: '/a/b leads to no y, and /a/:p does: a search that cannot turn back does not see it',
      },
    ])
  })

  it('gives each route its own names for parameters at the same place', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /users/:id', 'PUT /users/:name', 'GET /users/:owner/posts/:post'],
        finds: {
          'GET /users/7': ['GET /users/:id', { id: '7' }],
          'PUT /users/7': ['PUT /users/:name', { name: '7' }],
          'GET /users/7/posts/9': ['GET /users/:owner/posts/:post', { owner: '7', post: '9' }],
        },
        why: 'routes that share a place in the tree need not share names',
      },
    ])
  })

  it('refuses a route that is there already, and names both patterns', async ({ build }) => {
    await refusesDuplicates(
      build,
      [['GET /users/:id', 'GET /users/:name']],
      'the two match exactly the same requests: one of them would never be served',
    )
  })

  it('refuses patterns that mean nothing', async ({ build }) => {
    await refusesPatterns(
      build,
      ['users', '/a/*/b', '/:id/:id'],
      'a pattern begins with "/", has "*" last or not at all, and no name twice',
    )
  })

  it('decodes once, after it has found the segments', async ({ build }) => {
    await finds(build, [
      {
        routes: ['GET /users/:id', 'GET /s/*'],
        finds: {
          'GET /users/a%2Fb': ['GET /users/:id', { id: 'a/b' }],
          'GET /users/%252F': ['GET /users/:id', { id: '%2F' }],
          'GET /%75sers/Zo%C3%AB': ['GET /users/:id', { id: 'Zoë' }],
          'GET /users/%zz': 'INVALID_PATH',
          'GET /users/': 'not-found',
        },
        why: 'an escaped slash is no border between segments, and an escaped "%" begins no escape (RFC 3986 §2.4)',
      },
    ])
  })

  it('lets a wildcard match one or more segments, of which the last may be empty', async ({
    build,
  }) => {
    await finds(build, [
      {
        routes: ['GET /static/*'],
        finds: {
          'GET /static/a': ['GET /static/*', { '*': 'a' }],
          'GET /static/a/b': ['GET /static/*', { '*': 'a/b' }],
          'GET /static/a/': ['GET /static/*', { '*': 'a/' }],
          'GET /static/': ['GET /static/*', { '*': '' }],
          'GET /static': 'not-found',
          'GET /static//a': 'not-found',
        },
        why: '"*" matches one or more segments, the last possibly empty',
      },
    ])
  })

  it('tells a path that is not served from a method that is not, and serves HEAD by GET', async ({
    build,
  }) => {
    await finds(build, [
      {
        routes: ['GET /x', 'POST /x', 'DELETE /y'],
        finds: {
          'PUT /x': { allow: ['GET', 'HEAD', 'POST', 'OPTIONS'] },
          'GET /y': { allow: ['DELETE', 'OPTIONS'] },
          'GET /z': 'not-found',
          'HEAD /x': ['GET /x'],
          'OPTIONS /x': { options: ['GET', 'HEAD', 'POST', 'OPTIONS'] },
          'OPTIONS /z': 'not-found',
        },
        why: '405 says what is served in Allow (RFC 9110 §15.5.6), and 404 that nothing is',
      },
    ])
  })

  it('answers OPTIONS with 204 and Allow', async ({ server }) => {
    const why = 'OPTIONS asks what is served, and 204 has no content (RFC 9110 §9.3.7, §15.3.5)'
    await holds(server, {
      send: head('OPTIONS /echo HTTP/1.1'),
      expect: {
        status: 204,
        fields: { Allow: ['POST', 'OPTIONS'], 'Content-Length': null },
        content: '',
      },
      why,
    })
    await holds(server, { send: head('OPTIONS /nothing HTTP/1.1'), expect: { status: 404 }, why })
    await holds(server, { send: head('OPTIONS * HTTP/1.1'), expect: { status: 204 }, why })
  })

  it('answers 405 with Allow, and 400 to a bad escape', async ({ server }) => {
    await holds(server, {
      send: head('PUT /greet HTTP/1.1'),
      expect: { status: 405, fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
      why: '405 carries Allow (RFC 9110 §15.5.6)',
    })
    await holds(server, {
      send: get('/users/%4'),
      expect: { status: 400 },
      why: 'a "%" is followed by two hexadecimal digits (RFC 3986 §2.1)',
    })
  })

  it('finds a route among ten thousand about as quickly as among ten', async ({ build }) => {
    const patternOf = (n: number) => `/api/kind${n}/:id/show`
    const some = Array.from({ length: 10 }, (_, n) => n * 1111)
    const few = some.map(patternOf)
    const many = Array.from({ length: 10_000 }, (_, n) => patternOf(n))
    const paths = some.map((n) => `/api/kind${n}/abc/show`)
    await costsAtMost(
      build,
      5,
      { small: { routes: few, paths }, large: { routes: many, paths } },
      ['look up the same paths among 10 routes and among 10,000, in turns'],
      'the cost of a lookup follows the depth of the path, not the number of routes',
    )
  })
})
