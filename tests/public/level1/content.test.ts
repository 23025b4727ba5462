import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'

const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')

describe('content (RFC 9112 §6.2)', () => {
  it('gives back bytes of every value, with their type', async ({ server }) => {
    await holds(server, {
      send: `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 256\r\n\r\n${everyByte}`,
      expect: {
        status: 200,
        fields: { 'Content-Type': 'image/png' },
        content: everyByte,
      },
      why: 'content is bytes; most of them are no UTF-8 (RFC 9110 §6.4)',
    })
  })

  it('names content that came without a type application/octet-stream', async ({ server }) => {
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n\r\n\r\n\0\xff\r\n',
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/octet-stream' },
        content: '\r\n\r\n\0\xff\r\n',
      },
      why: 'the route table of the assignment: /echo gives back the bytes as they came',
    })
  })

  it('waits for content that comes in later reads', async ({ server }) => {
    await holds(server, {
      send: [
        'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
        'one',
        'two',
        'six',
      ],
      expect: { status: 200, content: 'onetwosix' },
      why: 'the content ends after Content-Length bytes, not with a read (RFC 9112 §6.3)',
    })
  })

  it('takes as many bytes as Content-Length says, and no more', async ({ server }) => {
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcdef',
      expect: { status: 200, content: 'abc' },
      why: 'bytes after the end of the content are not part of the request (RFC 9112 §6.3)',
    })
  })

  it('takes a request without Content-Length for one without content', async ({ server }) => {
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\n\r\nabc',
      expect: { status: 200, content: '' },
      why: 'a request that tells no length has no content (RFC 9112 §6.3)',
    })
  })
})
