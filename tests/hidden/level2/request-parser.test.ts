import { probe } from '../../../harness/probe.ts'
import { costsTheSamePerByte, costsTheSamePerRequest } from '../../kit/cost.ts'
import { cutsOf } from '../../kit/cuts.ts'
import { holds } from '../../kit/holds.ts'
import { rightMessages, wrongMessages } from '../../kit/messages.ts'
import { parserFails, parses } from '../../kit/parser.ts'
import { get, headerSection, requestLine } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

type Module = typeof import('../../../levels/level2/request-parser.ts')

const FILE = 'level2/request-parser.ts'
const PARSER = {
  file: FILE,
  className: 'RequestParser',
  limits: { maxRequestLineBytes: 2 ** 20, maxHeaderBytes: 2 ** 22, maxContentBytes: 2 ** 22 },
}
const POST = 'POST /echo HTTP/1.1\r\nHost: a\r\n'

describe('request parser (RFC 9112 §2)', () => {
  it('gives the same right requests for every cut of the bytes', async ({ build, random }) => {
    await parses(build, rightMessages, (length) => cutsOf(length, random))
  })

  it('finds the same fault for every cut of the bytes, and keeps the requests before it', async ({
    build,
    random,
  }) => {
    await parses(build, wrongMessages, (length) => cutsOf(length, random))
  })

  it('lets a request of exactly each limit pass, and not one byte more', async ({
    build,
    random,
  }) => {
    const limits = { maxRequestLineBytes: 40, maxHeaderBytes: 60, maxContentBytes: 20 }
    const why =
      'exactly the limit passes; the request line counts without its CRLF, the header section to the end of its empty line'
    const content = (bytes: number) => `${POST}Content-Length: ${bytes}\r\n\r\n${'c'.repeat(bytes)}`
    await parses(
      build,
      [
        {
          bytes: `${requestLine(40)}${headerSection(60)}`,
          limits,
          fault: null,
          gives: [{ method: 'GET' }],
          why,
        },
        { bytes: `${requestLine(41)}${headerSection(50)}`, limits, fault: 414, gives: [], why },
        { bytes: `${requestLine(30)}${headerSection(61)}`, limits, fault: 431, gives: [], why },
        { bytes: content(20), limits, fault: null, gives: [{ content: 'c'.repeat(20) }], why },
        { bytes: content(21), limits, fault: 413, gives: [], why },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('does not wait for the end of what is too long already', async ({ build, random }) => {
    const limits = { maxRequestLineBytes: 40, maxHeaderBytes: 60, maxContentBytes: 20 }
    const why =
      'what can no longer come right is refused at once: the end of an endless line never comes'
    await parses(
      build,
      [
        { bytes: `GET /${'x'.repeat(40)}`, limits, fault: 414, why },
        { bytes: `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(60)}`, limits, fault: 431, why },
        { bytes: `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(10)}`, limits, fault: 431, why },
        { bytes: `${POST}Content-Length: 21\r\n\r\n`, limits, fault: 413, why },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('reads lengths without losing a digit', async ({ build }) => {
    const huge = { maxContentBytes: Number.MAX_SAFE_INTEGER }
    const why = 'a length beyond the limit is refused, however many digits it has (RFC 9110 §8.6)'
    const length = (digits: string, limits = {}) => ({
      bytes: `${POST}Content-Length: ${digits}\r\n\r\nx`,
      limits,
      why,
    })
    await parses(build, [
      { ...length('4294967297'), fault: 413 },
      { ...length('9007199254740993', huge), fault: 413 },
      { ...length('18446744073709551617'), fault: 413 },
      { ...length('9'.repeat(400)), fault: 413 },
      { ...length(`${'0'.repeat(400)}1`), fault: null, gives: [{ content: 'x' }] },
    ])
  })

  it('finds the faults of one request in the order of the assignment', async ({
    build,
    random,
  }) => {
    const limits = { maxRequestLineBytes: 60, maxHeaderBytes: 120 }
    const why = 'the order of faults in the assignment'
    const long = 'x'.repeat(120)
    await parses(
      build,
      [
        { bytes: `GET  /${long} HTTP/3.0\r\n`, limits, fault: 414, why },
        { bytes: 'GET /  HTTP/3.0\r\n', limits, fault: 400, why },
        { bytes: `GET / HTTP/3.0\r\nX y: ${long}\r\n\r\n`, limits, fault: 505, why },
        { bytes: `GET / HTTP/1.1\r\nX y: ${long}\r\n\r\n`, limits, fault: 431, why },
        { bytes: 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n', limits, fault: 400, why },
        {
          bytes:
            'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 9999999\r\n\r\n',
          limits,
          fault: 400,
          why,
        },
        {
          bytes: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\nzzz',
          limits,
          fault: 501,
          why,
        },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('returns nothing after a fault, and keeps the first one', async ({ build }) => {
    const { counts, same } = await probe(
      build,
      FILE,
      (module: Module, { wrong, right }: { wrong: string; right: string }) => {
        const parser = new module.RequestParser({
          maxRequestLineBytes: 99,
          maxHeaderBytes: 99,
          maxContentBytes: 99,
        })
        parser.push(Buffer.from(wrong))
        const first = parser.error
        const counts = [right, wrong, ...right].map((text) => parser.push(Buffer.from(text)).length)
        parser.end()
        return { counts, same: first !== undefined && parser.error === first }
      },
      { wrong: 'NO\r\n\r\n', right: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' },
    )
    if (same && counts.every((count) => count === 0)) return
    throw parserFails(
      ['push a request line that is none', 'push a right request, then more, then call end'],
      'no more requests, and the first fault in `error`',
      same ? 'more requests' : '`error` is empty, or another one',
      'after a fault nobody knows any more where a request begins',
    )
  })

  it('knows a host when it sees one', async ({ build, random }) => {
    const why =
      'Host is a name, perhaps empty, or an IP address, with an optional port (RFC 9110 §7.2); anything else is 400 (RFC 9112 §3.2)'
    const name = random.word(6)
    const port = random.integer(1, 65_535)
    const asked = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    await parses(build, [
      ...[
        '',
        name,
        `${name}.example:${port}`,
        `${name}:`,
        '192.0.2.1',
        '[::1]',
        `[2001:db8::1]:${port}`,
      ].map((host) => ({ bytes: asked(host), fault: null, gives: [{ headers: { host } }], why })),
      ...[
        `${name} ${name}`,
        `${name}/`,
        `a@${name}`,
        `${name}:8x`,
        `${name}:80:90`,
        `http://${name}`,
        '[::1',
        `${name}[::1]`,
        `[::1]${port}`,
        '::1',
      ].map((host) => ({ bytes: asked(host), fault: 400, gives: [], why })),
    ])
  })

  it('knows in each state what the end of the bytes means', async ({ build, random }) => {
    const right = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    const why =
      'a request that the client cut off is refused with 400; between requests there is nothing to refuse (RFC 9112 §8)'
    await parses(
      build,
      [
        { bytes: '', end: true, fault: null, gives: [], why },
        { bytes: right, end: true, fault: null, gives: [{ path: '/' }], why },
        { bytes: '\r\n', end: true, fault: null, gives: [], why },
        { bytes: 'G', end: true, fault: 400, gives: [], why },
        {
          bytes: `${right}GET / HTTP/1.1\r\nHost: a\r\n`,
          end: true,
          fault: 400,
          gives: [{ path: '/' }],
          why,
        },
        { bytes: `${POST}Content-Length: 3\r\n\r\nab`, end: true, fault: 400, gives: [], why },
        {
          bytes: `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n`,
          end: true,
          fault: 400,
          gives: [],
          why,
        },
      ],
      (length) => cutsOf(length, random, 4),
    )
  })

  it('announces each header section once, before its content, with the length to come', async ({
    build,
  }) => {
    const bytes =
      'GET /a HTTP/1.1\r\nHost: a\r\n\r\n' +
      'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' +
      'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n'
    for (const size of [bytes.length, 1]) {
      const { heads, same } = await probe(
        build,
        FILE,
        (module: Module, input: { bytes: string; size: number }) => {
          const heads: string[] = []
          const announced: unknown[] = []
          const parser = new module.RequestParser(
            { maxRequestLineBytes: 99, maxHeaderBytes: 99, maxContentBytes: 99 },
            {
              onHead(request, length) {
                heads.push(`${request.path} ${request.content.length} ${String(length)}`)
                announced.push(request)
              },
            },
          )
          const requests: unknown[] = []
          for (let at = 0; at < input.bytes.length; at += input.size) {
            requests.push(...parser.push(Buffer.from(input.bytes.slice(at, at + input.size))))
          }
          return {
            heads,
            same:
              requests.length === 3 &&
              requests.every((request, index) => request === announced[index]),
          }
        },
        { bytes, size },
      )
      const right = ['/a 0 0', '/b 0 3', '/c 0 undefined']
      if (heads.join() === right.join() && same) continue
      throw parserFails(
        [
          `push three requests, ${size === 1 ? 'byte by byte' : 'in one push'}, and note each call of onHead`,
        ],
        'one call for each request (length to come 0, 3, undefined), with the request that push returns, its content still empty',
        heads.join() === right.join()
          ? 'other requests than those that push returned'
          : heads.map((call) => `(${call})`).join(' ') || 'no call',
        'the comment above `onHead`',
      )
    }
  })

  it('takes a fault that is thrown while it announces a header section for its own', async ({
    build,
  }) => {
    const seen = await probe(
      build,
      FILE,
      (module: Module, bytes: string) => {
        const limits = { maxRequestLineBytes: 99, maxHeaderBytes: 99, maxContentBytes: 5 }
        // A RequestError of the submission's own, made by its own parser.
        const maker = new module.RequestParser(limits)
        maker.push(Buffer.from('GET  / HTTP/1.1\r\n\r\n'))
        const parser = new module.RequestParser(limits, {
          onHead(request) {
            if (request.path === '/b') throw maker.error as Error
          },
        })
        const paths = parser.push(Buffer.from(bytes)).map(({ path }) => path)
        const later = parser.push(Buffer.from('GET /c HTTP/1.1\r\nHost: a\r\n\r\n')).length
        return { paths, later, same: maker.error !== undefined && parser.error === maker.error }
      },
      'GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nabc',
    )
    if (seen.paths.join() === '/a' && seen.later === 0 && seen.same) return
    throw parserFails(
      [
        'push two requests',
        'throw a RequestError when the second is announced, whose content is also too large',
        'push a third',
      ],
      'the first request, nothing after it, and the thrown error in `error`',
      `requests ${seen.paths.join(', ') || 'none'}, then ${seen.later} more; \`error\` is ${seen.same ? 'the thrown one' : 'another one'}`,
      'what the owner of the parser refuses comes before 413, and ends the parsing',
    )
  })

  it('reads content that it drops to its end, within its limit, and keeps that of the next request', async ({
    build,
  }) => {
    const seen = await probe(
      build,
      FILE,
      (module: Module, messages: readonly string[]) =>
        messages.map((message) => {
          const parser: InstanceType<Module['RequestParser']> = new module.RequestParser(
            { maxRequestLineBytes: 99, maxHeaderBytes: 99, maxContentBytes: 5 },
            {
              onHead(request) {
                if (request.path === '/drop') parser.dropContent()
              },
            },
          )
          const requests = [...message].flatMap((byte) => parser.push(Buffer.from(byte)))
          return `${requests.map(({ path, content }) => `${path} "${content.toString()}"`).join(', ')} ${parser.error?.status ?? 'none'}`
        }),
      [
        'POST /drop HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345POST /keep HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok',
        'POST /drop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\nPOST /keep HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok',
        'POST /drop HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n1\r\n6\r\n0\r\n\r\n',
        'POST /drop HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456',
      ],
    )
    const right = ['/drop "", /keep "ok" none', '/drop "", /keep "ok" none', ' 413', ' 413']
    const wrong = seen.findIndex((outcome, index) => outcome !== right[index])
    if (wrong === -1) return
    throw parserFails(
      [
        'call dropContent when the first request is announced',
        'push that request, and one after it, byte by byte',
      ],
      `requests and fault: ${right[wrong]}`,
      seen[wrong] ?? 'nothing',
      'content that nobody wants is still framed and limited, but not kept',
    )
  })

  it('returns no more requests than it is asked for, and goes on with the rest later', async ({
    build,
  }) => {
    const counts = await probe(
      build,
      FILE,
      (module: Module, bytes: string) => {
        const parser = new module.RequestParser({
          maxRequestLineBytes: 99,
          maxHeaderBytes: 99,
          maxContentBytes: 99,
        })
        const nothing = Buffer.alloc(0)
        return [
          ...parser.push(Buffer.from(bytes.repeat(4)), 1),
          ...parser.push(nothing, 1),
          ...parser.push(Buffer.from(bytes), 2),
          null,
          ...parser.push(nothing),
          ...parser.push(nothing),
        ].map((request) => request?.content.toString() ?? '|')
      },
      `${POST}Content-Length: 2\r\n\r\nok`,
    )
    if (counts.join() === 'ok,ok,ok,ok,|,ok') return
    throw parserFails(
      [
        'push four requests, asking for 1',
        'push nothing, asking for 1',
        'push a fifth, asking for 2',
        'push nothing, twice',
      ],
      '1, 1, 2, then the last one',
      counts.join(' '),
      'the comment above `push`: what comes after those asked for is kept unread',
    )
  })

  it('means by the end the end of all bytes, those that it keeps unread included', async ({
    build,
  }) => {
    const given = await probe(
      build,
      FILE,
      (module: Module, [request, part]: readonly string[]) =>
        ['', part ?? ''].map((last) => {
          const parser = new module.RequestParser({
            maxRequestLineBytes: 99,
            maxHeaderBytes: 99,
            maxContentBytes: 99,
          })
          const nothing = Buffer.alloc(0)
          const first = parser.push(Buffer.from(`${request}${request}${last}`), 1).length
          parser.end()
          const early = parser.error?.status ?? 'no fault'
          const then = parser.push(nothing, 1).length + parser.push(nothing, 1).length
          return [first, early, then, parser.error?.status ?? 'no fault'].join(', ')
        }),
      [`${POST}Content-Length: 2\r\n\r\nok`, 'GET / HT'],
    )
    if (given.join(' and ') === '1, no fault, 1, no fault and 1, no fault, 1, 400') return
    throw parserFails(
      [
        'push two requests, asking for 1; call end; look at the fault; push nothing twice, asking for 1; look again',
        'the same with "GET / HT" behind the two requests',
      ],
      '1, no fault, 1, no fault and 1, no fault, 1, 400',
      given.join(' and '),
      'a request under way ends in INCOMPLETE_REQUEST when all that was kept unread has been read (task 2.1)',
    )
  })

  it('spends the same on each byte of a long header section as on one of a short one', async ({
    build,
  }) => {
    await costsTheSamePerByte(
      build,
      { ...PARSER, says: 'a header section of many lines' },
      (bytes) =>
        `GET / HTTP/1.1\r\nHost: a\r\n${'X-Filler: yyyyyyyyyyyyyyyyyyyy\r\n'.repeat(bytes / 32)}\r\n`,
      8192,
    )
  })

  it('spends the same on each byte of a long line as on one of a short one', async ({ build }) => {
    await costsTheSamePerByte(
      build,
      { ...PARSER, says: 'a request line' },
      (bytes) => `GET /${'x'.repeat(bytes)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      8192,
    )
  })

  it('spends the same on each byte of long content as on one of short content', async ({
    build,
  }) => {
    await costsTheSamePerByte(
      build,
      { ...PARSER, says: 'content' },
      (bytes) => `${POST}Content-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`,
      16_384,
    )
  })

  it('spends the same on each of many requests in one push as on each of a few', async ({
    build,
  }) => {
    await costsTheSamePerRequest(build, PARSER, get('/', `X-Filler: ${'y'.repeat(200)}`))
  })

  it('serves and refuses over the socket what it serves and refuses in one push, however it is cut', async ({
    server,
    random,
  }) => {
    const cases = [
      {
        send: get('/greet?name=Grace', `X-Filler: ${'f'.repeat(300)}`),
        expect: { status: 200, content: 'Hello, Grace!' },
      },
      {
        send: `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n`,
        expect: { status: 200, content: '\r\n\r\n' },
      },
      {
        send: `\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`,
        expect: { status: 200, content: 'Hello, World!' },
      },
      { send: `GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n`, expect: { status: 400 } },
      { send: `GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n`, expect: { status: 400 } },
      { send: `GET / HTTP/4.0\r\nHost: a\r\n\r\n`, expect: { status: 505 } },
    ] as const
    const why = 'where a read ends means nothing (RFC 9112 §2.2)'
    for (const { send, expect } of cases) {
      const parts = random.cut(Buffer.from(send, 'latin1'), random.integer(3, 8))
      await holds(server, { send: parts, expect: { ...expect, closes: true }, why })
    }
  })
})
