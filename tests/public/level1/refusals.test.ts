import { ends } from '../../kit/ending.ts'
import { describe, it } from '../../kit/test.ts'
import { closes, holds, serves } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { headerSection, requestLine } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'

/** A request that is refused, and why. Each is a test of its own. */
interface Refusal {
  readonly title: string
  readonly send: string
  readonly end?: true
  readonly status: number
  readonly why: string
}

const requestLines: readonly Refusal[] = [
  {
    title: 'answers 400 to two spaces in the request line',
    send: 'GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    status: 400,
    why: 'the parts of a request line stand one space apart (RFC 9112 §3)',
  },
  {
    title: 'answers 400 to a request line without a version, without waiting for more',
    send: 'GET /\r\n',
    status: 400,
    why: 'a request line of one target is HTTP/0.9, and nothing follows it (RFC 9112 §3)',
  },
  {
    title: 'answers 400 to a target that has none of the forms',
    send: 'GET greet HTTP/1.1\r\nHost: localhost\r\n\r\n',
    status: 400,
    why: 'a target begins with "/" or is a whole URI (RFC 9112 §3.2)',
  },
  {
    title: 'answers 400 to a version with a digit too many',
    send: 'GET / HTTP/1.10\r\nHost: localhost\r\n\r\n',
    status: 400,
    why: 'a version is HTTP/, one digit, a dot, one digit (RFC 9112 §2.3)',
  },
  {
    title: 'answers 505 to another major version',
    send: 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n',
    status: 505,
    why: 'the server speaks no major version but 1 (RFC 9110 §15.6.6)',
  },
  {
    title: 'answers 501 to a method that it does not know',
    send: 'BREW /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n',
    status: 501,
    why: 'an unknown method is not implemented, whatever its target (RFC 9110 §15.6.2)',
  },
]

const headerSections: readonly Refusal[] = [
  {
    title: 'answers 400 to lines that end with LF alone, without waiting for more',
    send: 'GET / HTTP/1.1\r\nHost: localhost\nX-Note: b\n\n',
    status: 400,
    why: 'two recipients may see two different requests in a bare LF; refuse it (RFC 9112 §2.2)',
  },
  {
    title: 'answers 400 to a field line without a colon',
    send: 'GET / HTTP/1.1\r\nHost: localhost\r\nNote\r\n\r\n',
    status: 400,
    why: 'a field line is a name, a colon and a value (RFC 9112 §5)',
  },
  {
    title: 'answers 400 to white space before the colon',
    send: 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Note : b\r\n\r\n',
    status: 400,
    why: 'white space before the colon has hidden many a field (RFC 9112 §5.1)',
  },
  {
    title: 'answers 400 to a folded line',
    send: 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Note: a\r\n b: c\r\n\r\n',
    status: 400,
    why: 'a line that begins with white space would continue the one before; refuse it (RFC 9112 §5.2)',
  },
  {
    title: 'answers 400 to HTTP/1.1 without Host',
    send: 'GET / HTTP/1.1\r\nX-Note: b\r\n\r\n',
    status: 400,
    why: 'every request of HTTP/1.1 names its Host (RFC 9112 §3.2)',
  },
  {
    title: 'answers 400 to Host twice',
    send: 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n',
    status: 400,
    why: 'a request names one Host (RFC 9112 §3.2)',
  },
  {
    title: 'answers 400 to a Host that is none',
    send: 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n',
    status: 400,
    why: 'Host is a host with an optional port (RFC 9112 §3.2, RFC 9110 §7.2)',
  },
  {
    title: 'answers 400 to Content-Length twice, even with the same value',
    send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc',
    status: 400,
    why: 'two lengths are how one request hides inside another (RFC 9112 §6.3, §11.2)',
  },
  {
    title: 'answers 400 to a Content-Length that is no decimal number',
    send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc',
    status: 400,
    why: 'Content-Length is one or more digits, and nothing else (RFC 9110 §8.6)',
  },
  {
    title: 'answers 501 to a transfer coding',
    send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    status: 501,
    why: 'level 1 knows no transfer coding; chunked is task 2.2 (RFC 9112 §6.1)',
  },
]

const limits: readonly Refusal[] = [
  {
    title: 'answers 413 to a Content-Length above the limit, without waiting for the content',
    send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n',
    status: 413,
    why: 'MAX_CONTENT_BYTES is 1 MiB, and the length alone says that this is more (RFC 9110 §15.5.14)',
  },
  {
    title: 'answers 414 to a request line above the limit',
    send: `${requestLine(8193)}Host: localhost\r\n\r\n`,
    status: 414,
    why: 'MAX_REQUEST_LINE_BYTES is 8192, and this is one byte more (RFC 9110 §15.5.15)',
  },
  {
    title: 'answers 431 to a header section above the limit',
    send: `GET / HTTP/1.1\r\n${headerSection(16_385)}`,
    status: 431,
    why: 'MAX_HEADER_BYTES is 16384, and this is one byte more (RFC 6585 §5)',
  },
]

const cutOff: readonly Refusal[] = [
  {
    title: 'answers 400 to a head cut off by FIN',
    send: 'GET / HTTP/1.1\r\nHost: localhost\r\n',
    end: true,
    status: 400,
    why: 'a request that ends before its empty line is incomplete (RFC 9112 §8)',
  },
  {
    title: 'answers 400 to content cut off by FIN',
    send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabc',
    end: true,
    status: 400,
    why: 'content shorter than its Content-Length is incomplete (RFC 9112 §8)',
  },
]

describe('refuse without dying (RFC 9112 §2.2, §3, §5, §9.6)', () => {
  for (const { title, send, end, status, why } of [
    ...requestLines,
    ...headerSections,
    ...limits,
    ...cutOff,
  ]) {
    it(title, async ({ server }) => {
      await holds(server, {
        send,
        ...(end ? { end } : {}),
        expect: { status, serves: true },
        why,
      })
    })
  }

  it('serves a request line and a header section of exactly the limits', async ({ launch }) => {
    const server = await launch({ MAX_REQUEST_LINE_BYTES: '100', MAX_HEADER_BYTES: '200' })
    await holds(server, {
      send: `${requestLine(100)}${headerSection(200)}`,
      expect: { status: 200 },
      why: 'a message of exactly the limit passes',
    })
    await holds(server, {
      send: `${requestLine(101)}${headerSection(200)}`,
      expect: { status: 414 },
      why: 'MAX_REQUEST_LINE_BYTES is 100 here, and this is one byte more',
    })
    await holds(server, {
      send: `${requestLine(100)}${headerSection(201)}`,
      expect: { status: 431 },
      why: 'MAX_HEADER_BYTES is 200 here, and this is one byte more',
    })
  })

  it('serves content of exactly the limit, and refuses one byte more', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10' })
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789',
      expect: { status: 200 },
      why: 'MAX_CONTENT_BYTES is 10, and a message of exactly the limit passes',
    })
    await holds(server, {
      send: 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n0123456789a',
      expect: { status: 413 },
      why: 'MAX_CONTENT_BYTES is 10, and this is one byte more (RFC 9110 §15.5.14)',
    })
  })

  it('answers the first fault of a request that has two', async ({ server }) => {
    for (const [status, send] of [
      [505, 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n'],
      [404, 'POST /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ] as const) {
      await needs('1.5', `A request with one fault is not answered with ${status} yet.`, () =>
        holds(server, { send, expect: { status }, why: 'task 1.5' }),
      )
    }
    await holds(server, {
      send: 'BREW / HTTP/2.0\r\nX-Note: no Host\r\n\r\n',
      expect: { status: 505 },
      why: 'the order of faults: 505 comes before a missing Host (400) and a method that it does not know (501)',
    })
    await holds(server, {
      send: 'POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n',
      expect: { status: 404 },
      why: 'the order of faults: 404 comes before 413',
    })
  })

  it('gives the whole refusal, then FIN, to a client that goes on sending', async ({ server }) => {
    const why =
      'closing while bytes still come makes the kernel send a reset, which destroys the answer (RFC 9112 §9.6)'
    const length = 8 * 1024 * 1024
    const head = `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`
    // That the status is 413 is another test.
    await refusesWhoSendsOn(server, head, 8, why)
  })

  it('closes silently when a client ends without a byte', async ({ server }) => {
    const wire = await server.connect()
    wire.end()
    await closes(wire, 'a connection without a byte is no request, and no answer is due')
    await serves(server, 'the next client finds the server as it was')
  })

  it('goes on serving after a client has reset its connection half-way', async ({ server }) => {
    const wire = await server.connect()
    await wire.send('POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc')
    wire.reset()
    // By the time the second one is answered, the server has seen the reset.
    await serves(server, 'a connection that breaks is the loss of one client')
    await serves(server, 'a connection that breaks is the loss of one client')
  })

  it('goes on serving while another client stays half-way through a request', async ({
    server,
  }) => {
    const wire = await server.connect()
    await wire.send('GE')
    await serves(server, 'a client that waits holds nobody but itself')
  })

  it('prints nothing but its line on stdout, whatever it is asked', async ({ server }) => {
    await needs('1.5', 'The server does not survive a malformed request yet.', () =>
      holds(server, { send: 'GET\r\n\r\n', expect: { serves: true }, why: 'task 1.5' }),
    )
    await ends(
      server,
      'SIGTERM',
      'a server that was asked to end, and does, has done nothing wrong',
    )
    const line = `listening on http://${server.address.host}:${server.address.port}\n`
    if (server.stdout.text !== line) {
      throw server.fails({
        expected: `${JSON.stringify(line)} on stdout, and nothing else`,
        received: JSON.stringify(server.stdout.text.slice(0, 400)),
        why: 'stdout is for the programs that start the server; log lines go to stderr',
      })
    }
  })
})
