import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'

describe('request line and header section (RFC 9112 §2, §3, §5)', () => {
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

  it('joins lines that are cut between reads, a CRLF cut in half among them', async ({
    server,
  }) => {
    await holds(server, {
      send: ['GE', 'T /greet?na', 'me=Ada HTTP/1.1\r\nHost:\t a \r', '\n\r\n'],
      expect: { status: 200, content: 'Hello, Ada!' },
      why: 'a head ends at its empty line, wherever the reads end (RFC 9112 §2.1)',
    })
  })

  it('finds a field in any letter case, and takes its value without SP and HTAB around', async ({
    server,
  }) => {
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nhOST:localhost\r\nCONTENT-length: \t5\t \r\ncontent-TYPE:\ta/b; c="d: e" \r\n\r\nhello',
      expect: { status: 200, fields: { 'Content-Type': 'a/b; c="d: e"' }, content: 'hello' },
      why: 'field names ignore letter case (RFC 9110 §5.1), and white space around a value is not part of it (RFC 9112 §5)',
    })
  })

  it('skips empty lines before the request line', async ({ server }) => {
    await holds(server, {
      send: '\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, World!' },
      why: 'some clients send a CRLF too many before a request (RFC 9112 §2.2)',
    })
  })

  it('serves a target in absolute-form', async ({ server }) => {
    await holds(server, {
      send: 'GET http://example.com/greet?name=Ada HTTP/1.1\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, Ada!' },
      why: 'a server accepts the absolute-form of a target (RFC 9112 §3.2.2)',
    })
  })

  it('serves HTTP/1.0 without Host, and a later minor version as HTTP/1.1', async ({ server }) => {
    await holds(server, {
      send: 'GET / HTTP/1.0\r\n\r\n',
      expect: { status: 200, content: 'Hello, World!' },
      why: 'Host came with HTTP/1.1 (RFC 9112 §3.2)',
    })
    await holds(server, {
      send: 'GET / HTTP/1.2\r\nHost: localhost\r\n\r\n',
      expect: { status: 200, content: 'Hello, World!' },
      why: 'a later minor version is served as the latest that the server speaks (RFC 9110 §2.5)',
    })
  })
})
