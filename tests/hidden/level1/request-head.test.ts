import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { get, head, post } from '../../kit/request.ts'
import type { Random } from '../../kit/random.ts'

const home = { status: 200, content: 'Hello, World!' } as const

describe('request line and header section (RFC 9112 §2, §3, §5)', () => {
  it('gives the same answer wherever the bytes are cut', async ({ server, random }) => {
    const name = random.word()
    const request = Buffer.from(get(`/greet?name=${name}`, `X-Note: ${random.word()}`))
    const cuts = [
      ...[1, 2, 3].map((left) => [request.subarray(0, -left), request.subarray(-left)]),
      ...Array.from({ length: 12 }, () => random.cut(request, random.integer(2, 6))),
    ]
    for (const send of cuts) {
      await holds(server, {
        send,
        expect: { status: 200, content: `Hello, ${name}!` },
        why: 'TCP carries a stream of bytes: where a read ends means nothing (RFC 9112 §2.2)',
      })
    }
  })

  it('keeps a long header section together that comes in many reads', async ({
    server,
    random,
  }) => {
    const name = random.word()
    const fieldLines = Array.from({ length: 300 }, (_, index) => `X-${index}: ${random.word(24)}`)
    const request = Buffer.from(get(`/greet?name=${name}`, ...fieldLines))
    await holds(server, {
      // The first read ends within the target.
      send: [request.subarray(0, 8), ...random.cut(request.subarray(8), 24)],
      expect: { status: 200, content: `Hello, ${name}!` },
      why: 'a header section ends at its empty line, after however many reads (RFC 9112 §2.1)',
    })
  })

  it('finds every field in any letter case', async ({ server, random }) => {
    for (let round = 0; round < 6; round++) {
      const content = random.word(random.integer(1, 20))
      const type = `text/${random.word()}`
      const fields = [
        `${anyCase('host', random)}: localhost`,
        `${anyCase('content-type', random)}: ${type}`,
        `${anyCase('content-length', random)}: ${content.length}`,
      ]
      await holds(server, {
        send: `POST /echo HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${content}`,
        expect: { status: 200, fields: { 'Content-Type': type }, content },
        why: 'field names ignore letter case (RFC 9110 §5.1)',
      })
    }
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
      send: `${head('POST /echo HTTP/1.1', ...fieldLines, `Content-Length:${content.length}`)}${content}`,
      expect: { status: 200, content },
      why: 'a field that a server does not know is ignored (RFC 9110 §5.1)',
    })
  })

  it('takes SP and HTAB around a value for white space', async ({ server, random }) => {
    const content = random.word()
    const spaces = ['', ' ', '\t', '  \t \t', '\t\t  '] as const
    for (const [before, after] of spaces.flatMap((one) => spaces.map((other) => [one, other]))) {
      const fields = `Host:${after}localhost${before}\r\nContent-Length:${before}${content.length}${after}\r\n`
      await holds(server, {
        send: `POST /echo HTTP/1.1\r\n${fields}\r\n${content}`,
        expect: { status: 200, content },
        why: 'optional white space is SP and HTAB, on both sides, and may be missing (RFC 9112 §5, RFC 9110 §5.6.3)',
      })
    }
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

  it('serves every later minor version', async ({ server, random }) => {
    const minor = random.integer(3, 9)
    await holds(server, {
      send: head(`GET / HTTP/1.${minor}`),
      expect: home,
      why: 'a later minor version is served as the latest that the server speaks (RFC 9110 §2.5)',
    })
  })

  it('serves content and a query to HTTP/1.0', async ({ server, random }) => {
    const content = random.word()
    await holds(server, {
      send: `POST /echo?${content} HTTP/1.0\r\nContent-Length: ${content.length}\r\n\r\n${content}${random.word()}`,
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
      `${name}:`,
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
      const why = 'Expect is ignored until task 2.3'
      const { interim } = await holds(server, {
        send: post('/echo', content, `Expect: ${expectation}`),
        expect: { status: 200, content },
        why,
      })
      if (interim.length === 0) continue
      throw server.fails({ expected: '200 and nothing before it', received: interim.join(), why })
    }
  })

  it('ignores the bytes after a request, whatever they are', async ({ server, random }) => {
    const name = random.word()
    for (const more of followers(random)) {
      await holds(server, {
        send: get(`/greet?name=${name}`) + more,
        expect: { status: 200, content: `Hello, ${name}!`, closes: true, serves: true },
        why: 'a connection carries one request here, and what follows its end is not part of it',
      })
    }
  })

  it('ignores the bytes after a request that ends in a later read', async ({ server, random }) => {
    const name = random.word()
    const request = get(`/greet?name=${name}`)
    for (const more of followers(random)) {
      await holds(server, {
        send: [request.slice(0, -1), request.slice(-1) + more],
        expect: { status: 200, content: `Hello, ${name}!`, closes: true, serves: true },
        why: 'a connection carries one request here, and what follows its end is not part of it',
      })
    }
  })
})

/** Bytes that may follow a request, a bad one among them. */
function followers(random: Random): readonly string[] {
  return [get('/nothing'), 'GET\r\n\r\n', '\0\xff\n\r', random.bytes(100).toString('latin1')]
}

/** A name with each of its letters in either case. */
function anyCase(name: string, random: Random): string {
  return [...name]
    .map((letter) => (random.integer(0, 1) === 1 ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')
}
