/** The reference parser of level 2: one answer for a stream of bytes, however they are cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FaultCode } from '../../solutions/level2/errors.ts'
import type { Request } from '../../solutions/level2/http.ts'
import { RequestParser } from '../../solutions/level2/request-parser.ts'
import type { ParserLimits } from '../../solutions/level2/request-parser.ts'

const limits: ParserLimits = {
  maxRequestLineBytes: 64,
  maxHeaderBytes: 128,
  maxContentBytes: 32,
}
const HOST = 'Host: a\r\n'

/** What must not depend on the cuts. */
interface Outcome {
  readonly heads: readonly string[]
  readonly requests: readonly unknown[]
  readonly fault: FaultCode | undefined
  readonly state: string | undefined
}

interface Asking {
  /** Requests at a time [all]. */
  readonly most?: number
  /** Every piece comes in a buffer that the next one overwrites. */
  readonly overwrites?: boolean
}

function outcomeOf(pieces: readonly Buffer[], { most, overwrites = false }: Asking = {}): Outcome {
  const heads: string[] = []
  const requests: Request[] = []
  const parser = new RequestParser(limits, {
    onHead(request, contentLength) {
      heads.push(`${request.method} ${request.target} ${contentLength}`)
      if (request.path === '/drop') parser.dropContent()
    },
  })
  const take = (bytes: Buffer): number => {
    const completed = parser.push(bytes, most)
    requests.push(...completed)
    return completed.length
  }
  for (const piece of pieces) {
    const read = Buffer.from(piece)
    take(read)
    if (overwrites) {
      parser.keepUnread()
      read.fill('!')
    }
    while (most !== undefined && take(Buffer.alloc(0)) > 0);
  }
  return {
    heads,
    requests: requests.map(({ headers, content, ...rest }) => ({
      ...rest,
      headers: [...headers],
      content: content.toString('latin1'),
    })),
    fault: parser.error?.code,
    state: parser.error === undefined ? parser.state : undefined,
  }
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const get = (fields: string, line = 'GET / HTTP/1.1'): string => `${line}\r\n${fields}\r\n`
const chunked = (body: string, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${body}`

/** Streams without fault, and how many requests they complete. */
const valid: readonly (readonly [title: string, bytes: string, requests: number])[] = [
  ['nothing', '', 0],
  ['a GET', get(HOST), 1],
  ['two pipelined', get(HOST) + get(HOST, 'HEAD /b?c=%20d HTTP/1.1'), 2],
  ['empty lines before the request line', `\r\n\r\n${get(HOST)}\r\n${get(HOST)}\r\n`, 2],
  ['an empty Host', get('Host:\r\n'), 1],
  ['a Host with port and brackets', get('hOsT: [::1]:80\r\n'), 1],
  ['HTTP/1.0 without Host', get('', 'GET / HTTP/1.0'), 1],
  ['another minor version', get(HOST, 'GET / HTTP/1.7'), 1],
  ['absolute-form', get(HOST, 'GET http://b:8/c?d HTTP/1.1'), 1],
  ['absolute-form without path', get(HOST, 'GET http://b?d HTTP/1.1'), 1],
  ['asterisk-form', get(HOST, 'OPTIONS * HTTP/1.1'), 1],
  ['authority-form', get(HOST, 'CONNECT a:80 HTTP/1.1'), 1],
  ['an unknown method with any target', get(HOST, 'BREW pot HTTP/1.1'), 1],
  ['repeated fields', get(`${HOST}A: 1\r\nB:\r\na:\t2 \t\r\n`), 1],
  ['obs-text in a value', get(`${HOST}A: \xe9\xff\r\n`), 1],
  ['content', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${get(HOST)}`, 2],
  ['content with leading zeros', `POST / HTTP/1.1\r\n${HOST}Content-Length: 005\r\n\r\nhello`, 1],
  [
    'content of exactly the limit',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 32\r\n\r\n${'x'.repeat(32)}`,
    1,
  ],
  [
    'content that is dropped',
    `POST /drop HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello${get(HOST)}`,
    2,
  ],
  ['content under way', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhel`, 0],
  ['chunks', chunked(`5\r\nhello\r\n00A\r\n0123456789\r\n0\r\n\r\n${get(HOST)}`), 2],
  ['chunks that are dropped', chunked('5\r\nhello\r\n0\r\n\r\n', '/drop'), 1],
  ['no chunks', chunked('0\r\n\r\n'), 1],
  ['chunk extensions', chunked('5;a=b\r\nhello\r\n0 ;c="d;e"\r\n\r\n'), 1],
  ['a trailer section', chunked('1\r\nx\r\n0\r\nHost: b\r\nA: c\r\n\r\n'), 1],
  ['a request line of exactly the limit', get(HOST, `GET /${'a'.repeat(50)} HTTP/1.1`), 1],
  ['a header section of exactly the limit', get(`${HOST}A: ${'b'.repeat(128 - 2 - 9 - 5)}\r\n`), 1],
]

/** Streams with a fault, and which. */
const faulty: readonly (readonly [fault: FaultCode, title: string, bytes: string])[] = [
  ['REQUEST_LINE_TOO_LONG', 'one byte too many', get(HOST, `GET /${'a'.repeat(51)} HTTP/1.1`)],
  ['REQUEST_LINE_TOO_LONG', 'no end', `GET /${'a'.repeat(80)}`],
  ['REQUEST_LINE_TOO_LONG', 'too long before it is wrong', `\0${'a'.repeat(80)}`],
  ['REQUEST_LINE_TOO_LONG', 'too long before bare CR', `${'a'.repeat(64)}\r\r\n`],
  ['INVALID_REQUEST_LINE', 'HTTP/0.9', 'GET /\r\n'],
  ['INVALID_REQUEST_LINE', 'two spaces', get(HOST, 'GET  / HTTP/1.1')],
  ['INVALID_REQUEST_LINE', 'space at the end', get(HOST, 'GET / HTTP/1.1 ')],
  ['INVALID_REQUEST_LINE', 'space at the start', get(HOST, ' GET / HTTP/1.1')],
  ['INVALID_REQUEST_LINE', 'tab', get(HOST, 'GET\t/ HTTP/1.1')],
  ['INVALID_REQUEST_LINE', 'bare LF', 'GET / HTTP/1.1\n'],
  ['INVALID_REQUEST_LINE', 'bare LF of the right length', 'GET / HTTP/1.1x\n'],
  ['INVALID_REQUEST_LINE', 'an empty line that is bare LF', `\n${get(HOST)}`],
  ['INVALID_REQUEST_LINE', 'bare CR', 'GET /\r HTTP/1.1\r\n'],
  ['INVALID_REQUEST_LINE', 'CR twice', 'GET / HTTP/1.1\r\r\n'],
  ['INVALID_REQUEST_LINE', 'NUL', 'GET /\0 HTTP/1.1\r\n'],
  ['INVALID_REQUEST_LINE', 'a method that is no token', get(HOST, 'G(T / HTTP/1.1')],
  ['INVALID_REQUEST_LINE', 'a version in small letters', get(HOST, 'GET / http/1.1')],
  ['INVALID_REQUEST_LINE', 'a version of two digits', get(HOST, 'GET / HTTP/1.10')],
  ['INVALID_REQUEST_LINE', 'a fragment', get(HOST, 'GET /#a HTTP/1.1')],
  ['INVALID_REQUEST_LINE', 'a target that is not ASCII', get(HOST, 'GET /\xe9 HTTP/1.1')],
  ['INVALID_TARGET', 'no slash', get(HOST, 'GET a HTTP/1.1')],
  ['INVALID_TARGET', 'asterisk without OPTIONS', get(HOST, 'GET * HTTP/1.1')],
  ['INVALID_TARGET', 'absolute-form without host', get(HOST, 'GET http:///a HTTP/1.1')],
  ['INVALID_TARGET', 'before the version', get(HOST, 'GET a HTTP/2.0')],
  ['UNSUPPORTED_VERSION', 'HTTP/2.0', get(HOST, 'GET / HTTP/2.0')],
  ['UNSUPPORTED_VERSION', 'before the header section', 'PRI / HTTP/2.0\r\n'],
  ['FIELD_SECTION_TOO_LARGE', 'one byte too many', get(`${HOST}A: ${'b'.repeat(113)}\r\n`)],
  ['FIELD_SECTION_TOO_LARGE', 'no end', get(`${HOST}${'b'.repeat(200)}`)],
  ['FIELD_SECTION_TOO_LARGE', 'too large before it is wrong', get(`: \0\n${'b'.repeat(200)}`)],
  ['INVALID_FIELD_LINE', 'no colon', get(`${HOST}A\r\n`)],
  ['INVALID_FIELD_LINE', 'no name', get(`${HOST}: a\r\n`)],
  ['INVALID_FIELD_LINE', 'space before the colon', get(`${HOST}A : b\r\n`)],
  ['INVALID_FIELD_LINE', 'obs-fold', get(`${HOST}A: b\r\n c\r\n`)],
  ['INVALID_FIELD_LINE', 'obs-fold at the start', get(` A: b\r\n${HOST}`)],
  ['INVALID_FIELD_LINE', 'bare LF', get(`${HOST}A: b\nC: d\r\n`)],
  ['INVALID_FIELD_LINE', 'bare CR', get(`${HOST}A: b\rC: d\r\n`)],
  ['INVALID_FIELD_LINE', 'CR twice', get(`${HOST}A: b\r\r\n`)],
  ['INVALID_FIELD_LINE', 'NUL', get(`${HOST}A: b\0\r\n`)],
  ['INVALID_FIELD_LINE', 'bare LF for the empty line', `GET / HTTP/1.1\r\n${HOST}\n`],
  ['INVALID_FIELD_LINE', 'a name that is not ASCII', get(`${HOST}\xe9: b\r\n`)],
  ['INVALID_HOST', 'missing', get('')],
  ['INVALID_HOST', 'repeated', get(HOST + HOST)],
  ['INVALID_HOST', 'repeated and empty', get('Host:\r\nHost:\r\n')],
  ['INVALID_HOST', 'repeated in HTTP/1.0', get(HOST + HOST, 'GET / HTTP/1.0')],
  ['INVALID_HOST', 'invalid', get('Host: a b\r\n')],
  ['INVALID_HOST', 'with a path', get('Host: a/b\r\n')],
  ['INVALID_HOST', 'missing with absolute-form', get('', 'GET http://a/ HTTP/1.1')],
  ['INVALID_CONTENT_LENGTH', 'signed', get(`${HOST}Content-Length: +3\r\n`)],
  ['INVALID_CONTENT_LENGTH', 'hexadecimal', get(`${HOST}Content-Length: 0x3\r\n`)],
  ['INVALID_CONTENT_LENGTH', 'empty', get(`${HOST}Content-Length:\r\n`)],
  ['INVALID_CONTENT_LENGTH', 'list', get(`${HOST}Content-Length: 3, 3\r\n`)],
  ['INVALID_CONTENT_LENGTH', 'repeated', get(`${HOST}Content-Length: 3\r\ncontent-length: 3\r\n`)],
  ['AMBIGUOUS_LENGTH', 'both', get(`${HOST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n`)],
  [
    'INVALID_TRANSFER_ENCODING',
    'chunked not last',
    get(`${HOST}Transfer-Encoding: chunked, gzip\r\n`),
  ],
  [
    'INVALID_TRANSFER_ENCODING',
    'chunked twice',
    get(`${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n`),
  ],
  [
    'INVALID_TRANSFER_ENCODING',
    'HTTP/1.0',
    get(`${HOST}Transfer-Encoding: chunked\r\n`, 'GET / HTTP/1.0'),
  ],
  ['INVALID_TRANSFER_ENCODING', 'empty', get(`${HOST}Transfer-Encoding:\r\n`)],
  ['UNKNOWN_TRANSFER_CODING', 'gzip', get(`${HOST}Transfer-Encoding: gzip\r\n`)],
  ['UNKNOWN_TRANSFER_CODING', 'gzip, chunked', get(`${HOST}Transfer-Encoding: gzip, Chunked\r\n`)],
  [
    'UNKNOWN_TRANSFER_CODING',
    'chunked with a no-break space',
    get(`${HOST}Transfer-Encoding: chunked\xa0\r\n`),
  ],
  ['CONTENT_TOO_LARGE', 'one byte too many', get(`${HOST}Content-Length: 33\r\n`)],
  ['CONTENT_TOO_LARGE', 'beyond 2^53', get(`${HOST}Content-Length: ${'9'.repeat(40)}\r\n`)],
  [
    'CONTENT_TOO_LARGE',
    'dropped, too',
    get(`${HOST}Content-Length: 33\r\n`, 'POST /drop HTTP/1.1'),
  ],
  ['CONTENT_TOO_LARGE', 'sum of chunks', chunked('10\r\n0123456789abcdef\r\n11\r\n')],
  ['CONTENT_TOO_LARGE', 'a chunk of 2^53 + 1', chunked('20000000000001\r\n')],
  ['CONTENT_TOO_LARGE', 'a chunk of 16 digits', chunked('000ffffffffffffffff\r\n')],
  ['INVALID_CHUNK', 'a chunk of 17 digits', chunked('ffffffffffffffff0\r\n')],
  ['INVALID_CHUNK', 'no size', chunked('\r\n')],
  ['INVALID_CHUNK', 'no size but an extension', chunked(';a\r\n')],
  ['INVALID_CHUNK', 'signed', chunked('+5\r\n')],
  ['INVALID_CHUNK', 'prefixed', chunked('0x5\r\n')],
  ['INVALID_CHUNK', 'white space before', chunked(' 5\r\n')],
  ['INVALID_CHUNK', 'white space after', chunked('5 \r\n')],
  ['INVALID_CHUNK', 'bare LF after the size', chunked('5\nhello\r\n')],
  ['INVALID_CHUNK', 'bare CR in an extension', chunked('5;a\rb\r\n')],
  ['INVALID_CHUNK', 'bare LF after the data', chunked('5\r\nhello\n0\r\n\r\n')],
  ['INVALID_CHUNK', 'data longer than its size', chunked('5\r\nhello!\r\n')],
  ['INVALID_CHUNK', 'data followed by CR alone', chunked('5\r\nhello\rx')],
  ['INVALID_CHUNK', 'a chunk line too long', chunked(`5;${'a'.repeat(4095)}\r\n`)],
  ['INVALID_FIELD_LINE', 'a trailer without colon', chunked('0\r\nA\r\n\r\n')],
  ['INVALID_FIELD_LINE', 'a trailer with bare LF', chunked('0\r\nA: b\n\r\n')],
  ['FIELD_SECTION_TOO_LARGE', 'a trailer section too large', chunked(`0\r\nA: ${'b'.repeat(200)}`)],
]

describe('request parser (RFC 9112)', () => {
  it.each(valid)('takes in %s', (_, bytes, requests) => {
    const outcome = outcomeOf([latin1(bytes)])
    expect(outcome.fault).toBeUndefined()
    expect(outcome.requests).toHaveLength(requests)
  })

  it.each(faulty)('finds %s: %s', (fault, _, bytes) => {
    expect(outcomeOf([latin1(bytes)]).fault).toBe(fault)
  })

  it('takes a request line apart', () => {
    const [request] = new RequestParser(limits).push(
      latin1(get(`${HOST}A: 1\r\nB:\r\na:\t2 \t\r\n`, 'GET http://b:8/c%20?d=1?2 HTTP/1.7')),
    )
    expect(request).toEqual({
      method: 'GET',
      target: 'http://b:8/c%20?d=1?2',
      path: '/c%20',
      query: 'd=1?2',
      version: 'HTTP/1.1',
      headers: new Map([
        ['host', 'b:8'],
        ['a', '1, 2'],
        ['b', ''],
      ]),
      content: Buffer.alloc(0),
    })
  })

  it('returns the requests completed before a fault', () => {
    const outcome = outcomeOf([latin1(`${get(HOST)}${get(HOST)}\0\r\n`)])
    expect(outcome.requests).toHaveLength(2)
    expect(outcome.fault).toBe('INVALID_REQUEST_LINE')
  })

  it('keeps what lies beyond the number of requests asked for', () => {
    const parser = new RequestParser(limits)
    expect(parser.push(latin1(get(HOST).repeat(5)), 2)).toHaveLength(2)
    expect(parser.state).toBe('head')
    expect(parser.push(Buffer.alloc(0), 0)).toHaveLength(0)
    parser.end()
    expect(parser.push(Buffer.alloc(0), 9)).toHaveLength(3)
    expect(parser.state).toBe('idle')
    expect(parser.error).toBeUndefined()
  })

  it('is idle between requests, also in the middle of an empty line', () => {
    const parser = new RequestParser(limits)
    for (const bytes of ['\r', '\n', '\r\n\r', '\n']) {
      parser.push(latin1(bytes))
      expect(parser.state).toBe('idle')
    }
    parser.push(latin1('G'))
    expect(parser.state).toBe('head')
  })

  it.each([
    ['in the request line', 'GET'],
    ['in the header section', 'GET / HTTP/1.1\r\nHo'],
    ['in the content', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhell`],
    ['in a chunk', chunked('5\r\nhello\r\n')],
  ])('knows that a request cut off %s is incomplete', (_, bytes) => {
    const parser = new RequestParser(limits)
    parser.push(latin1(bytes))
    expect(parser.error).toBeUndefined()
    parser.end()
    expect(parser.error?.code).toBe('INCOMPLETE_REQUEST')
  })

  it('finds nothing incomplete between two requests', () => {
    const parser = new RequestParser(limits)
    parser.push(latin1(get(HOST)))
    parser.end()
    expect(parser.error).toBeUndefined()
  })
})

describe('the cuts of the bytes', () => {
  const corpus = [...valid.map(([, bytes]) => bytes), ...faulty.map(([, , bytes]) => bytes)]

  it('make no difference: two pieces, at every offset', () => {
    for (const text of corpus) {
      const bytes = latin1(text)
      const whole = outcomeOf([bytes])
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(outcomeOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole)
      }
    }
  })

  it('make no difference: every byte alone', () => {
    for (const text of corpus) {
      const bytes = latin1(text)
      const single = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))
      expect(outcomeOf(single)).toEqual(outcomeOf([bytes]))
    }
  })

  it('make no difference: any cuts of any sequence, asked for one by one or all at once', () => {
    const sequence = fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 4 })
    const cuts = fc.array(fc.nat(600), { maxLength: 12 })
    fc.assert(
      fc.property(sequence, cuts, fc.option(fc.integer({ min: 1, max: 3 })), (texts, at, most) => {
        const bytes = latin1(texts.join(''))
        const pieces = cut(bytes, at)
        const asking = most === null ? {} : { most }
        const whole = outcomeOf([bytes])
        expect(outcomeOf(pieces, asking)).toEqual(whole)
        expect(outcomeOf(pieces, { ...asking, overwrites: true })).toEqual(whole)
      }),
      { numRuns: 2_000 },
    )
  })

  it('make no difference: bytes of which nobody knows what they are', () => {
    const noise = fc.array(
      fc.oneof(
        fc.constantFrom(
          '\r',
          '\n',
          '\r\n',
          '\0',
          ' ',
          ':',
          'GET ',
          '/',
          ' HTTP/1.1\r\n',
          HOST,
          '0',
          '5\r\nhello',
        ),
        fc.constantFrom(
          'Content-Length: 3\r\n',
          'Transfer-Encoding: chunked\r\n',
          '\r\n\r\n',
          'POST / HTTP/1.1\r\n',
        ),
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(noise, fc.array(fc.nat(200), { maxLength: 12 }), (texts, at) => {
        const bytes = latin1(texts.join(''))
        expect(outcomeOf(cut(bytes, at))).toEqual(outcomeOf([bytes]))
      }),
      { numRuns: 5_000 },
    )
  })
})

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const offsets = [0, ...[...at].sort((a, b) => a - b), bytes.length]
  return offsets.slice(1).map((offset, index) => bytes.subarray(offsets[index], offset))
}
