import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { get, head, post } from '../../kit/request.ts'

const home = { status: 200, content: 'Hello, World!' } as const

describe('request line and header section (RFC 9112 §2, §3, §5)', () => {
  it('gives the same answer wherever the bytes are cut', async ({ server, random }) => {
    const content = `${random.word()}\r\n\r\n${random.word()}`
    const request = post('/echo', content, `Content-Type: text/${random.word()}`)
    const end = request.indexOf('\r\n\r\n')
    const cuts = [
      ...Array.from({ length: 5 }, (_, index) => [
        request.subarray(0, end + index),
        request.subarray(end + index),
      ]),
      ...Array.from({ length: 10 }, () => random.cut(request, random.integer(2, 6))),
    ]
    for (const send of cuts) {
      await holds(server, {
        send,
        expect: { status: 200, content },
        why: 'TCP carries a stream of bytes: where a read ends means nothing (RFC 9112 §2.2)',
      })
    }
  })

  it('answers a request with content of which every byte comes alone', async ({
    server,
    random,
  }) => {
    const content = random.word(random.integer(5, 15))
    await holds(server, {
      send: Array.from(post('/echo', content), (byte) => Buffer.from([byte])),
      expect: { status: 200, content },
      why: 'a read may hold one byte (RFC 9112 §2.2)',
    })
  })

  it('keeps a long header section together that comes in many reads', async ({
    server,
    random,
  }) => {
    const content = random.word()
    const fieldLines = Array.from({ length: 300 }, (_, index) => `X-${index}: ${random.word(24)}`)
    await holds(server, {
      send: random.cut(post('/echo', content, ...fieldLines), 25),
      expect: { status: 200, content },
      why: 'a header section ends at its empty line, after however many reads (RFC 9112 §2.1)',
    })
  })

  it('ignores fields that it does not know, whatever their names and values', async ({
    server,
    random,
  }) => {
    const content = random.word()
    const fieldLines = [
      'X:',
      'x: \t ',
      'X-Colons: a:b::c:',
      'constructor: a',
      '__proto__: b',
      `!#$%&'*+-.^_\`|~09: every other character of a token`,
      'X-Bytes: \xfc\xff\x80',
      `${random.word(200)}: long`,
    ]
    await holds(server, {
      send: [
        head('POST /echo HTTP/1.1', ...fieldLines, `Content-Length:${content.length}`),
        content,
      ],
      expect: { status: 200, content },
      why: 'a field that a server does not know is ignored (RFC 9110 §5.1)',
    })
  })

  it('takes SP and HTAB for white space around a value, and nothing else', async ({
    server,
    random,
  }) => {
    const content = random.word()
    const spaces = ['', ' ', '\t', '  \t \t', '\t\t  '] as const
    for (const [before, after] of spaces.flatMap((one) => spaces.map((other) => [one, other]))) {
      const fields = `Host:${after}localhost${before}\r\nContent-Length:${before}${content.length}${after}\r\n`
      await holds(server, {
        send: [`POST /echo HTTP/1.1\r\n${fields}\r\n`, content],
        expect: { status: 200, content },
        why: 'optional white space is SP and HTAB, on both sides, and may be missing (RFC 9112 §5, RFC 9110 §5.6.3)',
      })
    }
    // A no-break space in UTF-8: `trim` takes it for white space, the grammar does not.
    const odd = `text/${random.word()};a=\xc2\xa0`
    await holds(server, {
      send: head('POST /echo HTTP/1.1', `Content-Type: ${odd}`),
      expect: { status: 200, fields: { 'Content-Type': odd } },
      why: 'optional white space is SP and HTAB only (RFC 9110 §5.6.3)',
    })
  })

  it('skips any number of empty lines before the request line, also in parts', async ({
    server,
    random,
  }) => {
    const why = 'empty lines before the request line are skipped, however many (RFC 9112 §2.2)'
    await holds(server, {
      send: '\r\n'.repeat(random.integer(5000, 9000)) + get('/'),
      expect: home,
      why,
    })
    await holds(server, { send: ['\r', '\n\r', '\n', '\r\n', get('/')], expect: home, why })
  })

  it('serves an absolute-form whatever its authority', async ({ server, random }) => {
    const name = random.word()
    const targets = [
      `http://${random.word()}.example/greet?name=${name}`,
      `http://${random.word()}:${random.integer(1, 65535)}/greet?name=${name}`,
      `http://[::1]:8080/greet?name=${name}`,
      `http://localhost/%67reet?name=${name}`,
    ]
    for (const target of targets) {
      await holds(server, {
        send: get(target),
        expect: { status: 200, content: `Hello, ${name}!` },
        why: 'the authority of an absolute-form stands in place of Host, and any is served (RFC 9112 §3.2.2)',
      })
    }
  })

  it('takes an empty path in absolute-form for /', async ({ server, random }) => {
    for (const target of [
      `http://${random.word()}.example`,
      `http://${random.word()}?name=${random.word()}`,
    ]) {
      await holds(server, {
        send: get(target),
        expect: home,
        why: 'an empty path of an http URI is "/" (RFC 9110 §4.2.3)',
      })
    }
  })

  it('asks for a right Host beside an absolute-form, too', async ({ server, random }) => {
    const line = `GET http://${random.word()}/ HTTP/1.1\r\n`
    for (const fields of ['', 'Host: a\r\nHost: a\r\n', 'Host: a b\r\n']) {
      await holds(server, {
        send: `${line}${fields}\r\n`,
        expect: { status: 400 },
        why: 'Host must be right, whatever the form of the target (RFC 9112 §3.2)',
      })
    }
  })

  it('takes the asterisk-form from OPTIONS', async ({ server }) => {
    await holds(server, {
      send: head('OPTIONS * HTTP/1.1'),
      expect: { status: 404, serves: true },
      why: 'OPTIONS may ask about the server as a whole (RFC 9112 §3.2.4); until level 3 nothing is there to answer it',
    })
  })

  it('treats a later minor version as HTTP/1.1, Host included', async ({ server, random }) => {
    const minor = random.integer(3, 9)
    await holds(server, {
      send: head(`GET / HTTP/1.${minor}`),
      expect: home,
      why: 'a later minor version is served as the latest that the server speaks (RFC 9110 §2.5)',
    })
    await holds(server, {
      send: `GET / HTTP/1.${minor}\r\n\r\n`,
      expect: { status: 400 },
      why: 'what is served as HTTP/1.1 needs a Host (RFC 9112 §3.2)',
    })
  })

  it('serves content and a query to HTTP/1.0', async ({ server, random }) => {
    const content = random.word()
    await holds(server, {
      send: [
        `POST /echo?${content} HTTP/1.0\r\nContent-Length: ${content.length}\r\n\r\n`,
        content,
      ],
      expect: { status: 200, content },
      why: 'HTTP/1.0 frames content with Content-Length as well (RFC 9112 §6.3)',
    })
  })

  it('allows every Host that is a host with an optional port', async ({ server, random }) => {
    const name = random.word()
    const port = random.integer(1, 65535)
    for (const host of [
      '',
      `${name}.example`,
      `${name}:${port}`,
      '192.0.2.1:80',
      '[2001:db8::1]',
      `[::1]:${port}`,
      `a_b-${name}.c`,
    ]) {
      await holds(server, {
        send: `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
        expect: home,
        why: 'Host is a host, perhaps empty, with an optional port (RFC 9110 §7.2)',
      })
    }
  })

  it('ignores Expect', async ({ server, random }) => {
    const content = random.word()
    for (const expectation of ['100-continue', random.word()]) {
      await holds(server, {
        send: [
          head(
            'POST /echo HTTP/1.1',
            `Expect: ${expectation}`,
            `Content-Length: ${content.length}`,
          ),
          content,
        ],
        expect: { status: 200, content },
        why: 'Expect is ignored until task 2.3',
      })
    }
  })

  it('ignores the bytes after a request, whatever they are', async ({ server, random }) => {
    const name = random.word()
    const request = get(`/greet?name=${name}`)
    for (const more of [
      get('/nothing'),
      'GET\r\n\r\n',
      '\0\xff\n\r',
      random.bytes(100).toString('latin1'),
    ]) {
      for (const send of [request + more, [request.slice(0, -1), request.slice(-1) + more]]) {
        await holds(server, {
          send,
          expect: { status: 200, content: `Hello, ${name}!`, closes: true, serves: true },
          why: 'a connection carries one request here, and what follows its end is not part of it',
        })
      }
    }
  })
})
