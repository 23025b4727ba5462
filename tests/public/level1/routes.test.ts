import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { onlyWorkIsSlow, worksFor100Ms } from '../../kit/quickest.ts'

describe('routes (RFC 9110 §15.5.5, §15.5.6)', () => {
  it('serves every route of the table', async ({ server }) => {
    const why = 'the route table of the assignment'
    await holds(server, {
      send: 'GET /greet?name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, Ada!' },
      why,
    })
    await holds(server, {
      send: 'GET /greet HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, stranger!' },
      why,
    })
    await holds(server, {
      send: 'GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'done' },
      why,
    })
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi',
      expect: { status: 200, content: 'hi' },
      why,
    })
  })

  it('answers 404 where there is no route', async ({ server }) => {
    await holds(server, {
      send: 'GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 404 },
      why: 'nothing has this path (RFC 9110 §15.5.5)',
    })
  })

  it('answers 405 to a method that the route does not serve, and lists in Allow what it serves', async ({
    server,
  }) => {
    await holds(server, {
      send: 'PUT /greet HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 405, fields: { Allow: ['GET', 'HEAD'] } },
      why: '405 carries Allow (RFC 9110 §15.5.6), and HEAD is served wherever GET is',
    })
    await holds(server, {
      send: 'GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 405, fields: { Allow: ['POST'] } },
      why: '405 carries Allow (RFC 9110 §15.5.6)',
    })
  })

  it('compares a path after decoding it once, exactly, and without the query', async ({
    server,
  }) => {
    await holds(server, {
      send: 'GET /%67reet?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, stranger!' },
      why: '%67 is another way to write "g" (RFC 3986 §6.2.2.2)',
    })
    await holds(server, {
      send: 'GET /greet/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 404 },
      why: '/greet/ has one segment more than /greet, an empty one',
    })
  })

  it('reads the query as a form', async ({ server }) => {
    await holds(server, {
      send: 'GET /greet?x=1&name=Grace+Hopper%21&name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, Grace Hopper!!' },
      why: 'a "+" is a space, escapes are decoded, the first name wins',
    })
  })

  it('greets whoever has a bad escape in the name, and goes on', async ({ server }) => {
    await holds(server, {
      send: 'GET /greet?name=100%zz HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, 100%zz!', serves: true },
      why: 'a query is never a reason for 400: a bad escape stays as it is',
    })
  })

  it('answers GET / at least 50 ms quicker than GET /work', async ({ server }) => {
    await onlyWorkIsSlow(server)
    await worksFor100Ms(server)
  })
})
