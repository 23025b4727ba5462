import { withoutWarnings, refusesToStart } from '../../kit/starting.ts'
import { ends } from '../../kit/ending.ts'
import { describe, it } from '../../kit/test.ts'
import { answers, closes, holds, serves } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { get, head, headerSection, post, requestLine } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'
import type { Server } from '../../../harness/server.ts'

const MEGABYTE = 1024 * 1024
const home = { status: 200, content: 'Hello, World!' } as const

describe('refuse without dying (RFC 9112 §2.2, §3, §5, §9.6)', () => {
  it('refuses a request line that is not three parts one space apart', async ({
    server,
    random,
  }) => {
    const word = random.word()
    const lines = [
      'GET',
      'GET ',
      ' GET / HTTP/1.1',
      'GET /  HTTP/1.1',
      'GET / HTTP/1.1 ',
      'GET\t/ HTTP/1.1',
      'GET /\tHTTP/1.1',
      `GET / ${word} HTTP/1.1`,
      'GET HTTP/1.1',
      `GET /${word}`,
      word,
      `GET  /${word} HTTP/1.1`,
    ]
    await refusesLines(
      server,
      lines,
      400,
      'a request line is method SP target SP version, and nothing else (RFC 9112 §3)',
    )
    for (const line of ['GET  / HTTP/1.1', 'GET foo HTTP/1.1', 'GET / HTTP/1.10']) {
      await refuses(
        server,
        `${line}\r\n`,
        400,
        'a bad request line is answered when it has ended: nothing that follows can make it right',
      )
    }
  })

  it('refuses a method that is no token', async ({ server }) => {
    const lines = [
      'G(T / HTTP/1.1',
      'GET, / HTTP/1.1',
      '"GET" / HTTP/1.1',
      'G@T / HTTP/1.1',
      'G\xcbT / HTTP/1.1',
      'GET: / HTTP/1.1',
    ]
    await refusesLines(server, lines, 400, 'a method is a token (RFC 9110 §9.1, §5.6.2)')
  })

  it('refuses a target in none of the forms', async ({ server, random }) => {
    const word = random.word()
    const targets = [
      word,
      `?name=${word}`,
      `./${word}`,
      `\\${word}`,
      '127.0.0.1:80',
      '/#top',
      `/${word}#${word}`,
      `http://${word}/#top`,
      '*',
      '#',
      '%2F',
    ]
    const lines = targets.map((target) => `GET ${target} HTTP/1.1`)
    await refusesLines(
      server,
      [...lines, 'PUT * HTTP/1.1', 'POST * HTTP/1.1'],
      400,
      'a target begins with "/", is a whole URI, or is "*" for OPTIONS; it has no fragment (RFC 9112 §3.2)',
    )
  })

  it('refuses a version that is misspelt', async ({ server, random }) => {
    const versions = [
      'HTTP/1.1x',
      `HTTP/1.1${random.integer(0, 9)}`,
      `HTTP/1${random.integer(0, 9)}.1`,
      'http/1.1',
      'Http/1.1',
      'HTTP/1',
      'HTTP/1.',
      'HTTP/.1',
      'HTTP/',
      'HTTP1.1',
      'HTTP/1,1',
      'HTTP/-1.1',
      'HTTPS/1.1',
      'HTTP/x.y',
      'xHTTP/1.1',
    ]
    const lines = versions.map((version) => `GET / ${version}`)
    await refusesLines(
      server,
      lines,
      400,
      'a version is HTTP/, one digit, a dot, one digit, in capitals (RFC 9112 §2.3)',
    )
  })

  it('answers 505 to every other major version', async ({ server, random }) => {
    const why = 'the server speaks no major version but 1 (RFC 9110 §15.6.6)'
    for (const major of [2, 3, random.integer(4, 9)]) {
      await refuses(server, head(`GET / HTTP/${major}.${random.integer(0, 9)}`), 505, why)
    }
    await refuses(
      server,
      head('GET / HTTP/0.9'),
      [400, 505],
      'HTTP/0.9 has no version in its request line, so either answer is right',
    )
  })

  it('answers 501 to every method it does not know, on any path', async ({ server, random }) => {
    const methods = [
      'get',
      'Get',
      'GETS',
      'G',
      'PROPFIND',
      'M-SEARCH',
      'A.B',
      'X!',
      'constructor',
      '__proto__',
      'toString',
      random.word(12).toUpperCase(),
    ]
    for (const method of methods) {
      for (const path of ['/', '/echo', `/${random.word()}`]) {
        await refuses(
          server,
          head(`${method} ${path} HTTP/1.1`),
          501,
          'methods are case-sensitive, and an unknown one is not implemented (RFC 9110 §9.1, §15.6.2)',
        )
      }
    }
    for (const target of [`${random.word()}.example:443`, '127.0.0.1:80', '/']) {
      await refuses(
        server,
        head(`CONNECT ${target} HTTP/1.1`),
        501,
        'CONNECT is not implemented, whatever its target (RFC 9110 §9.3.6)',
      )
    }
  })

  it('refuses LF without CR anywhere in the head, and never waits for another end', async ({
    server,
  }) => {
    const heads = [
      'GET / HTTP/1.1\nHost: a\n\n',
      'GET / HTTP/1.1\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\n\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\n\n',
    ]
    for (const send of heads)
      await refuses(server, send, 400, 'a line ends with CRLF; LF alone is refused (RFC 9112 §2.2)')
  })

  it('refuses CR without LF anywhere in the head', async ({ server }) => {
    const heads = [
      'GET /\r HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\rHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX\r: b\r\n\r\n',
    ]
    for (const send of heads)
      await refuses(server, send, 400, 'CR stands before LF or nowhere (RFC 9112 §2.2)')
    await refuses(
      server,
      ['GET / HTTP/1.1\r\nHost: a\r\nX: b\r', 'c\r\n\r\n'],
      400,
      'CR stands before LF or nowhere, also at the end of a read (RFC 9112 §2.2)',
    )
  })

  it('refuses NUL anywhere in the head', async ({ server, random }) => {
    const heads = [
      'G\0T / HTTP/1.1\r\nHost: a\r\n\r\n',
      `GET /greet?name=${random.word()}\0 HTTP/1.1\r\nHost: a\r\n\r\n`,
      'GET / HTTP/1.1\0\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\0\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${random.word()}\0${random.word()}\r\n\r\n`,
    ]
    for (const send of heads)
      await refuses(server, send, 400, 'NUL is no character of a head (RFC 9110 §5.5)')
  })

  it('refuses every line that is no field line', async ({ server, random }) => {
    const word = random.word()
    const lines = [
      word,
      ': a',
      ':',
      `${word} : a`,
      `${word}\t: a`,
      `${word} ${word}: a`,
      ` ${word}: a`,
      `\t${word}: a`,
      `"${word}": a`,
      `${word}(: a`,
      `${word}/a: a`,
      `@${word}: a`,
      `${word}\xe9: a`,
      `{}: a`,
    ]
    for (const line of lines) {
      for (const fields of [[line], ['X: a', line, 'Y: b']]) {
        await refuses(
          server,
          head('GET / HTTP/1.1', ...fields),
          400,
          'a field line is a token, a colon and a value, and begins with the token (RFC 9112 §5)',
        )
      }
    }
    await refuses(
      server,
      `GET / HTTP/1.1\r\n ${word}: a\r\nHost: a\r\n\r\n`,
      400,
      'no line begins with white space, the first one neither (RFC 9112 §2.2, §5.2)',
    )
  })

  it('refuses a Host that is missing, repeated or none', async ({ server, random }) => {
    const word = random.word()
    const sections = [
      '',
      `X-Host: ${word}\r\n`,
      `Host: ${word}\r\nX: a\r\nHost: ${word}\r\n`,
      `Host: ${word}\r\nHost: ${random.word(5)}\r\n`,
      'Host:\r\nHost:\r\n',
      ...[
        `${word} ${word}`,
        `${word}/`,
        `a@${word}`,
        `${word}:8x`,
        `${word}:80:90`,
        `http://${word}`,
        `${word}?`,
        `${word}#a`,
        '[::1',
        `<${word}>`,
        `"${word}"`,
      ].map((host) => `Host: ${host}\r\n`),
    ]
    for (const section of sections) {
      await refuses(
        server,
        `GET / HTTP/1.1\r\n${section}\r\n`,
        400,
        'HTTP/1.1 has one Host: a host with an optional port (RFC 9112 §3.2)',
      )
    }
    await refuses(
      server,
      `GET / HTTP/1.0\r\nHost: ${word}\r\nHost: ${word}\r\n\r\n`,
      400,
      'HTTP/1.0 may be without Host, not with two (RFC 9112 §3.2)',
    )
  })

  it('asks for a right Host beside an absolute-form, too', async ({ server, random }) => {
    const line = `GET http://${random.word()}/ HTTP/1.1\r\n`
    for (const fields of ['', 'Host: a\r\nHost: a\r\n', 'Host: a b\r\n']) {
      await refuses(
        server,
        `${line}${fields}\r\n`,
        400,
        'Host must be right, whatever the form of the target (RFC 9112 §3.2)',
      )
    }
  })

  it('asks for a Host from every later minor version, too', async ({ server, random }) => {
    await refuses(
      server,
      `GET / HTTP/1.${random.integer(2, 9)}\r\n\r\n`,
      400,
      'what is served as HTTP/1.1 needs a Host (RFC 9112 §3.2)',
    )
  })

  it('refuses Host and Content-Length twice, each in a letter case of its own', async ({
    server,
  }) => {
    for (const fields of [
      'Host: a\r\nhost: a\r\n',
      'hOST: a\r\nHost: a\r\n',
      'Host: a\r\nContent-Length: 1\r\nCONTENT-LENGTH: 1\r\n',
      'Host: a\r\ncontent-length: 1\r\nContent-Length: 1\r\n',
    ]) {
      await refuses(
        server,
        `POST /echo HTTP/1.1\r\n${fields}\r\n1`,
        400,
        'a name is the same in any letter case (RFC 9110 §5.1), and these come once (RFC 9112 §3.2, §6.3)',
      )
    }
  })

  it('refuses a length that is no decimal number', async ({ server, random }) => {
    const n = random.integer(1, 9)
    const values = [
      '',
      `+${n}`,
      `-${n}`,
      '-0',
      `0x${n}`,
      `${n}.0`,
      `${n} ${n}`,
      `${n}, ${n}`,
      `${n},${n}`,
      `${n},`,
      `1e${n}`,
      `${n};`,
      'three',
      `${n}_0`,
      `"${n}"`,
      '0b1',
      'NaN',
      'Infinity',
      `${n}n`,
      '\xb2',
    ]
    for (const value of values) {
      await refuses(
        server,
        `${head('POST /echo HTTP/1.1', `Content-Length: ${value}`)}${'a'.repeat(9)}`,
        400,
        'Content-Length is one or more decimal digits, once (RFC 9110 §8.6)',
      )
    }
    await refuses(
      server,
      head('GET / HTTP/1.1', 'Content-Length: x'),
      400,
      'a wrong length is wrong on every method (RFC 9112 §6.3)',
    )
  })

  it('refuses a length that comes twice, whatever the values', async ({ server, random }) => {
    const n = random.integer(1, 9)
    for (const [first, second] of [
      [`${n}`, `${n}`],
      [`${n}`, `0${n}`],
      ['0', `${n}`],
      [`${n}`, ''],
      ['0', '0'],
    ]) {
      const send = `${head('POST /echo HTTP/1.1', `Content-Length: ${first}`, 'X: a', `Content-Length: ${second}`)}${'a'.repeat(9)}`
      await refuses(
        server,
        send,
        400,
        'two lengths are how one request hides inside another (RFC 9112 §6.3, §11.2)',
      )
    }
  })

  it('answers 501 to every transfer coding', async ({ server, random }) => {
    for (const [coding, status] of [
      ['chunked', 501],
      ['Chunked', 501],
      ['gzip, chunked', 501],
      // Nobody knows where this content ends, so 400 is right too (RFC 9112 §6.3).
      ['gzip', [400, 501]],
      ['identity', [400, 501]],
      [random.word(), [400, 501]],
      ['', [400, 501]],
    ] as const) {
      for (const line of ['POST /echo HTTP/1.1', 'GET / HTTP/1.1']) {
        await refuses(
          server,
          `${head(line, `Transfer-Encoding: ${coding}`)}3\r\nabc\r\n0\r\n\r\n`,
          status,
          'level 1 knows no transfer coding (RFC 9112 §6.1)',
        )
      }
    }
    for (const fields of [
      ['Content-Length: 3', 'Transfer-Encoding: chunked'],
      ['tRANSFER-eNCODING: chunked', 'Content-Length: 3'],
    ]) {
      await refuses(
        server,
        `${head('POST /echo HTTP/1.1', ...fields)}abc`,
        501,
        'every Transfer-Encoding, also beside a right Content-Length: the two tell two lengths (RFC 9112 §6.3)',
      )
    }
  })

  it('keeps to the limits that it is given, to the byte', async ({ launch, random }) => {
    const line = random.integer(60, 3000)
    const section = random.integer(60, 3000)
    const content = random.integer(1, 5000)
    const server = await launch({
      MAX_REQUEST_LINE_BYTES: `${line}`,
      MAX_HEADER_BYTES: `${section}`,
      MAX_CONTENT_BYTES: `${content}`,
    })
    await needs('1.1', 'A head that comes in two reads is not answered yet.', () =>
      holds(server, {
        send: ['GET / HTTP/1.1\r', '\nHost: a\r\n\r\n'],
        expect: home,
        why: 'task 1.1',
      }),
    )
    const right = requestLine(line) + headerSection(section)
    const why = 'a message of exactly the limits passes'
    await holds(server, { send: right, expect: { status: 200 }, why })
    for (const at of [line, line + 1, line + 2, right.length - 2, right.length - 1]) {
      await holds(server, {
        send: [right.slice(0, at), right.slice(at)],
        expect: { status: 200 },
        why,
      })
    }
    await refuses(
      server,
      requestLine(line + 1) + headerSection(section),
      414,
      'the request line is one byte above its limit (RFC 9110 §15.5.15)',
    )
    await refuses(
      server,
      requestLine(line) + headerSection(section + 1),
      431,
      'the header section is one byte above its limit (RFC 6585 §5)',
    )
    const letters = 'c'.repeat(content)
    await holds(server, { send: post('/echo', letters), expect: { status: 200 }, why })
    await refuses(
      server,
      post('/echo', `${letters}c`).toString('latin1'),
      413,
      'the content is one byte above its limit (RFC 9110 §15.5.14)',
    )
  })

  it('lets only empty content pass when its limit is 0', async ({ launch, random }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '0' })
    await holds(server, {
      send: head('POST /echo HTTP/1.1', 'Content-Length: 0'),
      expect: { status: 200 },
      why: 'no content is not more than 0 bytes',
    })
    await holds(server, {
      send: post('/echo', random.word(1)),
      expect: { status: 413 },
      why: 'one byte is more than 0',
    })
  })

  it('counts every byte of a header section of many lines', async ({ launch, random }) => {
    const lines = Array.from(
      { length: random.integer(5, 30) },
      () => `x:${random.word(random.integer(0, 20))}`,
    )
    // One letter of UTF-8, two bytes.
    lines.push(`x:${'\xc3\xa9'.repeat(random.integer(5, 30))}`)
    const request = get('/', ...lines)
    const section = request.length - 'GET / HTTP/1.1\r\n'.length
    const exact = await launch({ MAX_HEADER_BYTES: `${section}` })
    await holds(exact, {
      send: request,
      expect: { status: 200 },
      why: 'the header section is exactly MAX_HEADER_BYTES long',
    })
    const less = await launch({ MAX_HEADER_BYTES: `${section - 1}` })
    await refuses(
      less,
      request,
      431,
      'the header section counts from the first field name to the end of the empty line',
    )
  })

  it('has the limits of the assignment when nobody sets them', async ({ server }) => {
    await holds(server, {
      send: requestLine(8192) + headerSection(16_384),
      expect: { status: 200 },
      why: 'MAX_REQUEST_LINE_BYTES is 8192 and MAX_HEADER_BYTES is 16384, and exactly the limit passes',
    })
    await refuses(
      server,
      requestLine(8193) + headerSection(100),
      414,
      'MAX_REQUEST_LINE_BYTES is 8192',
    )
    await refuses(
      server,
      requestLine(100) + headerSection(16_385),
      431,
      'MAX_HEADER_BYTES is 16384',
    )
  })

  it('lets no request pass when a limit of the head is 0', async ({ launch }) => {
    const limits = [
      ['MAX_REQUEST_LINE_BYTES', 414],
      ['MAX_HEADER_BYTES', 431],
    ] as const
    for (const [name, status] of limits) {
      const server = await launch({ [name]: '0' })
      await holds(server, {
        send: get('/'),
        expect: { status },
        why: `${name} is 0, so no request fits`,
      })
    }
  })

  it('answers a head that never ends as soon as it is too long', async ({ server, random }) => {
    const word = random.word(20)
    const endless = 'a'.repeat(20_000)
    await refuses(
      server,
      `GET /${endless}`,
      414,
      'a request line that is too long already needs no end (RFC 9110 §15.5.15)',
    )
    await refuses(
      server,
      endless,
      414,
      'a request line that is too long already needs no end (RFC 9110 §15.5.15)',
    )
    await refuses(
      server,
      `GET /${'a'.repeat(8193 - 'GET /'.length)}`,
      414,
      'the byte 8193 of a request line makes it too long, unless it is the CR of its end',
    )
    await refuses(
      server,
      `GET / HTTP/1.1\r\nX: ${endless}`,
      431,
      'a header section that is too long already needs no end (RFC 6585 §5)',
    )
    await refuses(
      server,
      `GET / HTTP/1.1\r\n${`${word}: a\r\n`.repeat(1000)}`,
      431,
      'a header section that is too long already needs no end (RFC 6585 §5)',
    )
  })

  it('answers 413 at once, however large the length is', async ({ server, random }) => {
    for (const length of [
      '1048577',
      String(random.integer(2_000_000, 2 ** 40)),
      String(2 ** 32 + 3),
      String(2 ** 53),
      '9'.repeat(30),
      `${random.integer(1, 9)}${'0'.repeat(400)}`,
    ]) {
      await refuses(
        server,
        head('POST /echo HTTP/1.1', `Content-Length: ${length}`),
        413,
        'the length alone says that the content is too large (RFC 9110 §15.5.14)',
      )
    }
    await refuses(
      server,
      get('/', 'Content-Length: 1048577'),
      413,
      'content of a GET has no meaning, and the same limit (RFC 9110 §9.3.1)',
    )
  })

  it('answers 404 and 405 without waiting for the content', async ({ server, random }) => {
    const length = `Content-Length: ${random.integer(1, 1000)}`
    const why = 'the content changes nothing in these answers'
    await refuses(server, head(`POST /${random.word()} HTTP/1.1`, length), 404, why)
    await refuses(server, head('PUT /echo HTTP/1.1', length), 405, why)
  })

  it('answers the first of two faults, in the order of the assignment', async ({ server }) => {
    const tooLarge = 'Content-Length: 99999999'
    const coding = 'Transfer-Encoding: chunked'
    const alone: readonly (readonly [number, string])[] = [
      [414, requestLine(9000)],
      [400, head('GET  / HTTP/1.1')],
      [505, head('GET / HTTP/2.0')],
      [431, `GET / HTTP/1.1\r\n${headerSection(17_000)}`],
      [400, head('GET / HTTP/1.1', 'No colon')],
      [501, head('POST /echo HTTP/1.1', coding)],
      [501, head('BREW / HTTP/1.1')],
      [404, get('/nothing')],
      [405, head('PUT /echo HTTP/1.1')],
    ]
    for (const [status, send] of alone) {
      await needs('1.5', `A request with one fault is not answered with ${status} yet.`, () =>
        refuses(server, send, status, 'task 1.5'),
      )
    }
    const pairs: readonly (readonly [number, string, string])[] = [
      [414, '400 of the request line', `GET  /${'a'.repeat(9000)} HTTP/1.1\r\n\r\n`],
      [400, '505', head('GET  / HTTP/2.0')],
      [400, '505', head('G(T / HTTP/3.0')],
      [400, '505', head('GET foo HTTP/2.0')],
      [400, '505', head('GET /#a HTTP/2.0')],
      [400, '505', head('PUT * HTTP/2.0')],
      [505, '431', `GET / HTTP/2.0\r\n${headerSection(17_000)}`],
      [505, '400 of the fields', 'GET / HTTP/2.0\r\nNo colon\r\n\r\n'],
      [431, '400 of the fields', `GET / HTTP/1.1\r\nNo colon\r\n${headerSection(17_000)}`],
      [400, '501 of a transfer coding', `POST /echo HTTP/1.1\r\n${coding}\r\n\r\n`],
      [400, '501 of a transfer coding', head('POST /echo HTTP/1.1', 'Content-Length: x', coding)],
      [400, '501 of a method', 'BREW / HTTP/1.1\r\n\r\n'],
      [400, '404', head('GET /nothing HTTP/1.1', 'No colon')],
      [501, '404', head('POST /nothing HTTP/1.1', coding)],
      [501, '405', head('PUT /echo HTTP/1.1', coding)],
      [501, '413', head('POST /echo HTTP/1.1', tooLarge, coding)],
      [501, '413', head('BREW /echo HTTP/1.1', tooLarge)],
      [404, '413', head('POST /nothing HTTP/1.1', tooLarge)],
      [405, '413', head('PUT /echo HTTP/1.1', tooLarge)],
    ]
    for (const [status, other, send] of pairs) {
      await refuses(
        server,
        send,
        status,
        `the order of faults in the assignment: ${status} comes before ${other}`,
      )
    }
  })

  it('refuses a head that is cut off anywhere', async ({ server, random }) => {
    const request = get(`/greet?name=${random.word()}`, `X: ${random.word()}`)
    const places = [1, 3, request.indexOf('\n'), request.length - 3, request.length - 1]
    for (const at of [
      ...places,
      random.integer(4, request.length - 4),
      random.integer(4, request.length - 4),
    ]) {
      await cutsOff(server, request.slice(0, at))
    }
  })

  it('refuses content that is cut off anywhere', async ({ server, random }) => {
    const content = random.bytes(random.integer(10, 200))
    const request = post('/echo', content)
    const start = request.length - content.length
    for (const at of [
      start,
      start + 1,
      random.integer(start + 1, request.length - 2),
      request.length - 1,
    ]) {
      await cutsOff(server, request.subarray(0, at))
    }
    await cutsOff(server, `${get('/', 'Content-Length: 5')}ab`)
  })

  it('gives the whole refusal, then FIN, to clients that go on sending', async ({
    server,
    random,
  }) => {
    const megabytes = random.integer(6, 10)
    const length = `Content-Length: ${megabytes * MEGABYTE}`
    const beginnings = [
      head('POST /echo HTTP/1.1', length),
      head(`POST /${random.word()} HTTP/1.1`, length),
      head('PUT /greet HTTP/1.1', length),
      head('POST  /echo HTTP/1.1', length),
      head('POST /echo HTTP/1.1', length, 'No colon'),
      head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked'),
      head('POST /echo HTTP/2.0', length),
      'POST /',
      'POST /echo HTTP/1.1\r\nX: ',
    ]
    for (const beginning of beginnings) {
      const why =
        'end your own direction, read and drop what still comes, then close (RFC 9112 §9.6)'
      // That each status is the right one is another test.
      await refusesWhoSendsOn(server, beginning, megabytes, why)
    }
    await serves(server, 'a client that was refused harms nobody else')
  })

  it('sends one answer and no more after a bad request', async ({ server, random }) => {
    const good = get(`/greet?name=${random.word()}`)
    for (const bad of [
      'GET\r\n\r\n',
      head('GET / HTTP/1.1', 'No colon'),
      head('BREW / HTTP/1.1'),
      get('/nothing'),
    ]) {
      await holds(server, {
        send: bad + good,
        expect: { closes: true, serves: true },
        why: 'after a refusal the connection carries nothing more',
      })
    }
  })

  it('goes on serving while many clients wait half-way, and serves them when they go on', async ({
    server,
    random,
  }) => {
    const name = random.word()
    const request = Buffer.from(get(`/greet?name=${name}`))
    const silent = await Promise.all(Array.from({ length: 10 }, () => server.connect()))
    const halfWay = []
    for (let client = 0; client < 10; client++) {
      const at = random.integer(1, request.length - 1)
      const wire = await server.connect()
      await wire.send(request.subarray(0, at))
      halfWay.push({ wire, rest: request.subarray(at) })
    }
    await serves(server, 'a client that waits holds nobody but itself')
    for (const { wire, rest } of halfWay) {
      await wire.send(rest)
      const why = 'a request may take its time, and other requests come in between'
      answers(wire, await wire.response({ why }), { status: 200, content: `Hello, ${name}!` }, why)
    }
    for (const wire of silent) {
      wire.end()
      await closes(wire, 'a client that says nothing gets nothing')
    }
    await serves(server, 'a client that waits holds nobody but itself')
  })

  it('goes on serving after resets at any moment', async ({ server, random }) => {
    const echo = post('/echo', random.bytes(100_000))
    const moments = [
      '',
      'G',
      'GET / HTTP/1.1\r\nHos',
      get('/'),
      // The answer is written to a client that has gone.
      get('/work'),
      echo.subarray(0, random.integer(100, 50_000)),
      echo,
      head('BREW / HTTP/1.1'),
      Buffer.concat([
        Buffer.from(head('POST /echo HTTP/1.1', 'Content-Length: 99999999')),
        random.bytes(100_000),
      ]),
    ]
    for (const bytes of moments) await survivesReset(server, bytes)
  })

  it('ends with exit code 0 when it is asked to, whatever clients are doing', async ({
    launch,
    random,
  }) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await launch()
      await server.connect()
      const halfWay = await server.connect()
      await halfWay.send('GET /gre')
      const refused = await server.connect()
      await refused.send(head('BREW / HTTP/1.1') + random.word(100))
      await refused.response()
      await ends(
        server,
        signal,
        'SIGTERM and SIGINT ask a server to end, and level 1 may cut what runs',
      )
    }
  })

  it('logs to stderr if it is told to, and never to stdout', async ({ launch }) => {
    for (const LOG of ['on', 'off']) {
      const server = await launch({ LOG })
      for (const send of ['GET\r\n\r\n', head('BREW / HTTP/1.1')]) {
        await needs('1.5', 'The server does not survive a bad request yet.', () =>
          holds(server, { send, expect: { serves: true }, why: 'task 1.5' }),
        )
      }
      for (const send of ['GET / HT', get('/work')]) {
        await needs('1.5', 'The server does not survive a reset yet.', () =>
          survivesReset(server, send),
        )
      }
      await ends(
        server,
        'SIGTERM',
        'a server that was asked to end, and does, has done nothing wrong',
      )
      const stdout = server.stdout.text.trimEnd().split('\n')
      const stderr = withoutWarnings(server.stderr.text)
      if (stdout.length > 1) {
        throw server.fails({
          expected: 'one line on stdout',
          received: `${stdout.length} lines`,
          why: 'stdout carries the line "listening on …" and nothing else',
        })
      }
      if (LOG === 'off' && stderr.length > 0) {
        throw server.fails({
          expected: 'nothing on stderr',
          received: `${stderr.length} lines`,
          why: 'settings.LOG is false, so nothing is logged',
        })
      }
    }
  })

  it('says in one sentence why it cannot use a setting', async ({ build, random }) => {
    const why =
      'a value that is not a whole number of 0 or more is one sentence on stderr and exit code 1'
    const n = random.integer(1, 9)
    const bad = [
      ['MAX_CONTENT_BYTES', random.word()],
      ['MAX_HEADER_BYTES', `-${n}`],
      ['MAX_REQUEST_LINE_BYTES', `${n}.5`],
      ['PORT', ''],
    ] as const
    await Promise.all(bad.map(([name, value]) => refusesToStart(build, { [name]: value }, why)))
  })

  it('says in one line which port is in use', async ({ server, build }) => {
    const why = 'a port in use is one line that names it, and exit code 1'
    const { port } = server.address
    const line = await refusesToStart(build, { PORT: String(port) }, why)
    if (!line.includes(String(port)))
      throw server.fails({
        expected: `a line that names port ${port}`,
        received: JSON.stringify(line),
        why,
      })
    await serves(server, 'the server that has the port goes on')
  })
})

/** A refusal is a whole answer and harms nobody else. What else every answer has is task 1.2. */
async function refuses(
  server: Server,
  send: string | readonly (string | Buffer)[],
  status: number | readonly number[],
  why: string,
): Promise<void> {
  await holds(server, { send, expect: { status, serves: true }, why })
}

/** Request lines, each with a header section that is right. */
async function refusesLines(
  server: Server,
  lines: readonly string[],
  status: number,
  why: string,
): Promise<void> {
  for (const line of lines) await refuses(server, head(line), status, why)
}

async function survivesReset(server: Server, send: string | Buffer): Promise<void> {
  const wire = await server.connect()
  if (send.length > 0) await wire.send(send)
  wire.reset()
  const why = 'a connection that breaks is the loss of one client, at whatever moment'
  // By the time the second one is answered, the server has seen the reset.
  await serves(server, why)
  await serves(server, why)
}

async function cutsOff(server: Server, send: string | Buffer): Promise<void> {
  await holds(server, {
    send,
    end: true,
    expect: { status: 400, serves: true },
    why: 'a request that ends before its length is incomplete: answer 400, and do not handle it (RFC 9112 §8)',
  })
}
