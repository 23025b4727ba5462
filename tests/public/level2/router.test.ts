import { holds } from '../../kit/holds.ts'
import { get, head } from '../../kit/request.ts'
import { routes } from '../../kit/routing.ts'
import { describe, it } from '../../kit/test.ts'

const PATTERNS = ['GET /', 'POST /echo', 'GET /users/:id', 'GET /users/:id/posts/:postId']

describe('router', () => {
  it('finds routes by their parameters', async ({ build }) => {
    await routes(
      build,
      PATTERNS,
      [
        { find: 'GET /', wanted: { pattern: 'GET /', params: {} } },
        { find: 'GET /users/7', wanted: { pattern: 'GET /users/:id', params: { id: '7' } } },
        {
          find: 'GET /users/7/posts/x',
          wanted: { pattern: 'GET /users/:id/posts/:postId', params: { id: '7', postId: 'x' } },
        },
        { find: 'GET /users', wanted: 'not-found' },
        { find: 'GET /users/', wanted: 'not-found' },
      ],
      'a parameter takes any one segment that is not empty',
    )
  })

  it('keeps an escaped slash in its segment', async ({ build }) => {
    await routes(
      build,
      PATTERNS,
      [{ find: 'GET /users/a%2Fb', wanted: { pattern: 'GET /users/:id', params: { id: 'a/b' } } }],
      'a path is split first and decoded then (RFC 3986 §2.2)',
    )
  })

  it('tells a path that is not there from a method that is not served', async ({ server }) => {
    await holds(server, {
      send: head('PUT /users/7 HTTP/1.1'),
      expect: { status: 405, fields: { Allow: ['GET', 'HEAD'] }, closes: true },
      why: '405 names the methods that the path serves (RFC 9110 §15.5.6)',
    })
    await holds(server, {
      send: get('/users/7/posts'),
      expect: { status: 404, closes: true },
      why: 'no route has this path (RFC 9110 §15.5.5)',
    })
  })

  it('gives parameters to handlers, decoded', async ({ server }) => {
    await holds(server, {
      send: get('/users/Zo%C3%AB/posts/1%2F2'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/json' },
        content: '{"id":"Zo\xc3\xab","postId":"1/2"}',
      },
      why: 'the route table of the assignment',
    })
  })
})
