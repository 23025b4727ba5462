import { describe, it } from '../../kit/test.ts'
import { countsBytes } from '../../kit/counts-bytes.ts'
import { holds } from '../../kit/holds.ts'
import { get, head, post } from '../../kit/request.ts'

describe('content (RFC 9112 §6.2)', () => {
  it('gives back content of any size, however it is cut', async ({ server, random }) => {
    await countsBytes(server)
    const sizes = [
      1,
      2,
      random.integer(3, 300),
      random.integer(60_000, 70_000),
      random.integer(200_000, 400_000),
    ]
    for (const size of sizes) {
      const content = random.bytes(size)
      await holds(server, {
        send: random.cut(post('/echo', content), 6),
        expect: {
          status: 200,
          fields: { 'Content-Type': 'application/octet-stream' },
          content: content.toString('latin1'),
        },
        why: 'the content is exactly the bytes that Content-Length counts (RFC 9112 §6.3)',
      })
    }
  })

  it('puts content together from many reads', async ({ server, random }) => {
    await countsBytes(server)
    const content = random.bytes(20_000)
    await holds(server, {
      send: random.cut(post('/echo', content), 40),
      expect: { status: 200, content: content.toString('latin1') },
      why: 'content may come in any number of reads (RFC 9112 §6.2)',
    })
  })

  it('finds the beginning of content wherever it is cut from the head', async ({
    server,
    random,
  }) => {
    const content = `${random.word()}\r\n\r\n${random.word()}`
    const request = post('/echo', content)
    const end = request.indexOf('\r\n\r\n')
    for (let at = end; at <= end + 4; at++) {
      await holds(server, {
        send: [request.subarray(0, at), request.subarray(at)],
        expect: { status: 200, content },
        why: 'content begins after the first empty line, wherever a read ends (RFC 9112 §2.1)',
      })
    }
  })

  it('puts content together of which every byte comes alone', async ({ server, random }) => {
    const content = random.word(random.integer(5, 15))
    await holds(server, {
      send: Array.from(post('/echo', content), (byte) => Buffer.from([byte])),
      expect: { status: 200, content },
      why: 'a read may hold one byte (RFC 9112 §2.2)',
    })
  })

  it('serves content of exactly the limit when nobody sets one', async ({ server, random }) => {
    await countsBytes(server)
    const content = random.bytes(1_048_576)
    await holds(server, {
      send: post('/echo', content),
      expect: { status: 200, content: content.toString('latin1') },
      why: 'MAX_CONTENT_BYTES is 1048576 if nobody says otherwise, and exactly the limit passes',
    })
  })

  it('takes content that looks like a request for content', async ({ server, random }) => {
    const content = `\r\n\r\n${get(`/greet?name=${random.word()}`)}\r\n0\r\n\r\n`
    await holds(server, {
      send: post('/echo', content),
      expect: { status: 200, content, serves: true },
      why: 'inside of the content nothing has a meaning (RFC 9112 §6.3)',
    })
  })

  it('stops at Content-Length, also when more follows in later reads', async ({
    server,
    random,
  }) => {
    const content = random.word(random.integer(5, 50))
    const request = post('/echo', content)
    const last = request.length - 2
    await holds(server, {
      send: [
        request.subarray(0, last),
        Buffer.concat([request.subarray(last), random.bytes(30)]),
        random.bytes(30),
      ],
      expect: { status: 200, content, closes: true, serves: true },
      why: 'bytes after the end of the content are not part of the request (RFC 9112 §6.3)',
    })
  })

  it('answers at once when there is no content to wait for', async ({ server, random }) => {
    const type = `text/${random.word()}`
    for (const fieldLines of [[], ['Content-Length: 0'], ['Content-Length: 0000']]) {
      await holds(server, {
        send: head('POST /echo HTTP/1.1', `Content-Type: ${type}`, ...fieldLines) + random.word(),
        expect: {
          status: 200,
          fields: { 'Content-Type': type },
          content: '',
        },
        why: 'no Content-Length, and one of 0, both mean no content (RFC 9112 §6.3)',
      })
    }
  })

  it('reads a Content-Length with leading zeros as a decimal number', async ({
    server,
    random,
  }) => {
    const content = random.word(random.integer(10, 70))
    const length = `${'0'.repeat(random.integer(1, 8))}${content.length}`
    await holds(server, {
      send: head('POST /echo HTTP/1.1', `Content-Length: ${length}`) + content + random.word(),
      expect: { status: 200, content },
      why: 'Content-Length is decimal digits, the first of which may be 0 (RFC 9110 §8.6)',
    })
  })

  it('answers GET and HEAD with content as it does without', async ({ server, random }) => {
    const content = random.word(random.integer(1, 500))
    const name = random.word()
    const length = `Content-Length: ${content.length}`
    const why = 'content of a GET has no meaning, and is still content (RFC 9110 §9.3.1)'
    await holds(server, {
      send: get(`/greet?name=${name}`, length) + content,
      expect: { status: 200, content: `Hello, ${name}!`, closes: true },
      why,
    })
    await holds(server, {
      send: head('HEAD / HTTP/1.1', length) + content,
      expect: { status: 200, serves: true },
      why,
    })
  })

  it('gives a GET its whole answer when its content comes in a later read', async ({
    server,
    random,
  }) => {
    const content = random.word(random.integer(1, 500))
    const name = random.word()
    await holds(server, {
      send: [get(`/greet?name=${name}`, `Content-Length: ${content.length}`), content],
      expect: { status: 200, content: `Hello, ${name}!`, closes: true },
      why: 'content of a GET has no meaning, and is still content (RFC 9110 §9.3.1)',
    })
  })

  it('gives Content-Type back as it was', async ({ server, random }) => {
    const word = random.word()
    const content = `${random.word()}\xff`
    const types = [
      `text/${word}`,
      `TEXT/${word}; Charset=UTF-8`,
      `multipart/${word}; boundary="a:b, c"`,
      `a/b; c="${word}\xc3\xa9"`,
      // No UTF-8 at all: it comes back only where bytes stay bytes.
      `a/b; c="${word}\xff"`,
      // A no-break space in UTF-8: `trim` takes it for white space, the grammar does not.
      `text/${word};a=\xc2\xa0`,
    ]
    for (const type of types) {
      await holds(server, {
        send: post('/echo', content, `Content-Type: ${type}`),
        expect: { status: 200, fields: { 'Content-Type': type }, content },
        why: 'the type of content belongs to the content: /echo changes neither',
      })
    }
    await holds(server, {
      send: post('/echo', content),
      expect: { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content },
      why: 'nothing of a finished request is kept, its type neither',
    })
  })
})
