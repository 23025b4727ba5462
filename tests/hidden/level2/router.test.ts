import { Expectation } from '../../../harness/expectation.ts'
import { probe } from '../../../harness/probe.ts'
import { holds } from '../../kit/holds.ts'
import { get, head } from '../../kit/request.ts'
import { routes } from '../../kit/routing.ts'
import { describe, it } from '../../kit/test.ts'

type Module = typeof import('../../../levels/level2/router.ts')

describe('router', () => {
  it('compares segments exactly, after one decoding', async ({ build }) => {
    const found = { pattern: 'GET /a/b', params: {} }
    await routes(
      build,
      ['GET /a/b'],
      [
        { find: 'GET /a/b', wanted: found },
        { find: 'GET /%61/%62', wanted: found },
        { find: 'GET /%2561/b', wanted: 'not-found' },
        { find: 'GET /A/b', wanted: 'not-found' },
        { find: 'GET /a/b/', wanted: 'not-found' },
        { find: 'GET //a/b', wanted: 'not-found' },
        { find: 'GET /a//b', wanted: 'not-found' },
        { find: 'GET /a/./b', wanted: 'not-found' },
        { find: 'GET /a/c/../b', wanted: 'not-found' },
        { find: 'GET /a%2Fb', wanted: 'not-found' },
        { find: 'GET /a', wanted: 'not-found' },
        { find: 'GET /a/b/c', wanted: 'not-found' },
        { find: 'GET /', wanted: 'not-found' },
      ],
      'segments are compared exactly, after one percent-decoding; nothing is normalised',
    )
  })

  it('decodes parameters once, and takes any segment that is not empty', async ({
    build,
    random,
  }) => {
    const id = random.word()
    const one = (id: string) => ({ pattern: 'GET /u/:id', params: { id } })
    await routes(
      build,
      ['GET /u/:id', 'GET /u/:id/:name/end'],
      [
        { find: `GET /u/${id}`, wanted: one(id) },
        { find: 'GET /u/%252F', wanted: one('%2F') },
        { find: 'GET /u/%2F', wanted: one('/') },
        { find: 'GET /u/%3Fa', wanted: one('?a') },
        { find: 'GET /u/a+b', wanted: one('a+b') },
        { find: 'GET /u/%E2%82%AC', wanted: one('€') },
        { find: 'GET /u/..', wanted: one('..') },
        { find: 'GET /u/%2e%2e', wanted: one('..') },
        { find: 'GET /u/:id', wanted: one(':id') },
        { find: 'GET /u/__proto__', wanted: one('__proto__') },
        { find: 'GET /u/', wanted: 'not-found' },
        { find: 'GET /u//', wanted: 'not-found' },
        { find: 'GET /u//x/end', wanted: 'not-found' },
        {
          find: `GET /u/${id}/%20/end`,
          wanted: { pattern: 'GET /u/:id/:name/end', params: { id, name: ' ' } },
        },
      ],
      'a parameter is one segment, decoded once, and never empty',
    )
  })

  it('gives no parameters but those of the pattern, in its order', async ({ build }) => {
    await routes(
      build,
      ['GET /plain', 'GET /:b/:a', 'GET /x/:constructor/:toString'],
      [
        { find: 'GET /plain', wanted: { pattern: 'GET /plain', params: {} } },
        { find: 'GET /1/2', wanted: { pattern: 'GET /:b/:a', params: { b: '1', a: '2' } } },
        {
          find: 'GET /x/1/2',
          wanted: {
            pattern: 'GET /x/:constructor/:toString',
            params: { constructor: '1', toString: '2' },
          },
        },
      ],
      'params holds the parameters in the order of the pattern',
    )
  })

  it('refuses a path that cannot be decoded, whoever would serve it', async ({ build }) => {
    const bad = [
      'GET /u/%zz',
      'GET /u/%',
      'GET /u/%4',
      'GET /u/a%2',
      'GET /u/%ff',
      'GET /u/%c0%af',
      'GET /u/%ed%a0%80',
      'GET /%zz/x',
      'PUT /u/%zz',
      'GET /nowhere/at/all/%E2%82',
    ]
    await routes(
      build,
      ['GET /u/:id'],
      bad.map((find) => ({ find, wanted: 'INVALID_PATH' as const })),
      'a path that cannot be decoded names nothing: 400, before 404 and 405',
    )
  })

  it('goes on looking when a route fits only at its beginning', async ({ build }) => {
    await routes(
      build,
      ['GET /a/b/x', 'GET /a/:p/y', 'GET /:q/b/z'],
      [
        { find: 'GET /a/b/x', wanted: { pattern: 'GET /a/b/x', params: {} } },
        { find: 'GET /a/b/y', wanted: { pattern: 'GET /a/:p/y', params: { p: 'b' } } },
        { find: 'GET /a/b/z', wanted: { pattern: 'GET /:q/b/z', params: { q: 'a' } } },
        { find: 'GET /a/c/y', wanted: { pattern: 'GET /a/:p/y', params: { p: 'c' } } },
      ],
      'a route is found if it matches, whatever other routes begin in the same way',
    )
  })

  it('finds of two routes the one that was added first', async ({ build }) => {
    await routes(
      build,
      ['GET /a/:x', 'GET /a/b', 'GET /c/d', 'GET /c/:x'],
      [
        { find: 'GET /a/b', wanted: { pattern: 'GET /a/:x', params: { x: 'b' } } },
        { find: 'GET /c/d', wanted: { pattern: 'GET /c/d', params: {} } },
        { find: 'GET /c/e', wanted: { pattern: 'GET /c/:x', params: { x: 'e' } } },
      ],
      'of two routes that match, the one added first is found',
    )
  })

  it('looks for the method among all routes that have the path', async ({ build }) => {
    await routes(
      build,
      ['GET /a/b', 'POST /a/:x', 'DELETE /a/:y', 'PUT /c'],
      [
        { find: 'POST /a/b', wanted: { pattern: 'POST /a/:x', params: { x: 'b' } } },
        { find: 'DELETE /a/b', wanted: { pattern: 'DELETE /a/:y', params: { y: 'b' } } },
        { find: 'PATCH /a/b', wanted: { allow: ['GET', 'HEAD', 'POST', 'DELETE'] } },
        { find: 'GET /a/z', wanted: { allow: ['POST', 'DELETE'] } },
        { find: 'GET /c', wanted: { allow: ['PUT'] } },
        { find: 'HEAD /c', wanted: { allow: ['PUT'] } },
        { find: 'OPTIONS /c', wanted: { allow: ['PUT'] } },
        { find: 'OPTIONS *', wanted: 'not-found' },
      ],
      'allow holds the methods of all routes with this path (RFC 9110 §15.5.6)',
    )
  })

  it('serves HEAD by the route of GET, unless it has its own', async ({ build }) => {
    await routes(
      build,
      ['GET /a/:x', 'GET /b/:x', 'HEAD /b/:y'],
      [
        { find: 'HEAD /a/1', wanted: { pattern: 'GET /a/:x', params: { x: '1' } } },
        { find: 'HEAD /b/1', wanted: { pattern: 'HEAD /b/:y', params: { y: '1' } } },
        { find: 'POST /b/1', wanted: { allow: ['GET', 'HEAD'] } },
      ],
      'HEAD is GET without the content (RFC 9110 §9.3.2)',
    )
  })

  it('refuses patterns that make no sense, and keeps two routers apart', async ({ build }) => {
    const patterns = ['users/:id', '', ':id', '/users/:', '/:/x', '/:id/x/:id']
    const { names, kind } = await probe(
      build,
      'level2/router.ts',
      (module: Module, patterns: readonly string[]) => {
        const names = patterns.map((pattern) => {
          try {
            new module.Router<string>().add('GET', pattern, pattern)
            return 'nothing'
          } catch (error) {
            return error instanceof TypeError ? 'TypeError' : String(error)
          }
        })
        new module.Router<string>().add('GET', '/only-here', 'x')
        return { names, kind: String(new module.Router<string>().find('GET', '/only-here').kind) }
      },
      patterns,
    )
    const accepted = names.findIndex((name) => name !== 'TypeError')
    if (accepted !== -1) {
      throw new Expectation({
        steps: [`add ${JSON.stringify(patterns[accepted])}`],
        expected: 'a TypeError',
        received: names[accepted] ?? 'nothing',
        why: 'a pattern that can match nothing, or not what it says, is a fault of the program: said when it is added',
      })
    }
    if (kind !== 'not-found') {
      throw new Expectation({
        steps: ['add /only-here to one router', 'find it in another'],
        expected: 'kind not-found',
        received: `kind ${kind}`,
        why: 'routes belong to the router that they were added to',
      })
    }
  })

  it('does over the socket what it does alone', async ({ server }) => {
    const why = 'the router of this task serves every request'
    const ok = (target: string, content: string) =>
      holds(server, { send: get(target), expect: { status: 200, content }, why })
    await ok('/users/a%2Fb', '{"id":"a/b"}')
    await ok('/%75sers/%3F?id=no', '{"id":"?"}')
    await ok('/users/__proto__/posts/constructor', '{"id":"__proto__","postId":"constructor"}')
    await ok('/users/%22%5C/posts/..', '{"id":"\\"\\\\","postId":".."}')
    await ok('http://example.com/users/1', '{"id":"1"}')
    for (const target of [
      '/users',
      '/users/',
      '/users//posts/1',
      '/users/1/',
      '/users/1/posts',
      '/users/1/posts/',
      '/Users/1',
    ]) {
      await holds(server, { send: get(target), expect: { status: 404, closes: true }, why })
    }
    for (const target of ['/users/%zz', '/users/%', '/users/%ff/posts/1', '/nowhere/%c0%af']) {
      await holds(server, { send: get(target), expect: { status: 400, closes: true }, why })
    }
    await holds(server, {
      send: head('DELETE /users/1/posts/2 HTTP/1.1'),
      expect: { status: 405, fields: { Allow: ['GET', 'HEAD'] } },
      why,
    })
    await holds(server, {
      send: head('OPTIONS * HTTP/1.1'),
      expect: { status: 404, serves: true },
      why,
    })
  })
})
