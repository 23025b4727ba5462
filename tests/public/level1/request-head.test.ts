import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'

describe('request line and header section (RFC 9112 §2)', () => {
  it('answers a request that arrives in one read', async ({ server }) => {
    await holds(server, {
      send: 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, World!' },
      why: 'the route table of the assignment',
    })
  })

  it('answers a request that arrives one byte at a time', async ({ server }) => {
    await holds(server, {
      send: [...'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      expect: { status: 200, content: 'Hello, World!' },
      why: 'TCP carries a stream of bytes: a read may hold any part of a request (RFC 9112 §2.2)',
    })
  })
})
