import { decodes, type Body } from '../../kit/chunks.ts'
import { costsTheSamePerByte } from '../../kit/cost.ts'
import { cutsOf } from '../../kit/cuts.ts'
import { holds } from '../../kit/holds.ts'
import { parses } from '../../kit/parser.ts'
import { head } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

function post(target: string, ...fieldLines: readonly string[]): string {
  return head(`POST ${target} HTTP/1.1`, ...fieldLines)
}

const ECHO = post('/echo', 'Transfer-Encoding: chunked')

describe('chunked content (RFC 9112 §7.1)', () => {
  it('gives the same content for every cut, whatever the sizes look like', async ({
    build,
    random,
  }) => {
    const why =
      'sizes are hexadecimal in any letter case, with leading zeros; extensions are ignored (RFC 9112 §7.1)'
    const body = (bytes: string, content: string, rest = ''): Body => ({
      bytes: bytes + rest,
      content,
      rest,
      fault: null,
      why,
    })
    const ten = random.word(10)
    await decodes(
      build,
      [
        body('0\r\n\r\n', ''),
        body('00000\r\n\r\n', '', 'POST /'),
        body(`A\r\n${ten}\r\n0\r\n\r\n`, ten),
        body(`a\r\n${ten}\r\n000\r\n\r\n`, ten, '\r\n'),
        body(`${'0'.repeat(60)}0a\r\n${ten}\r\n0\r\n\r\n`, ten, '0\r\n\r\n'),
        body(`0000000000000001\r\nx\r\n1\r\ny\r\n0\r\n\r\n`, 'xy'),
        body(`1c;a=b;c="d;e"\r\n${'q'.repeat(28)}\r\n0;last\r\n\r\n`, 'q'.repeat(28)),
        body('1 ; a\r\nx\r\n0\r\n\r\n', 'x'),
        body('5\r\n\r\n0\r\n\r\n0\r\n\r\n', '\r\n0\r\n'),
        body('4\r\n\0\xff\r\n\r\n0\r\n\r\n', '\0\xff\r\n'),
        body(
          '1\r\nx\r\n0\r\nContent-Length: 99\r\nHost: b\r\nTransfer-Encoding: gzip\r\nX:\r\n\r\n',
          'x',
          'G',
        ),
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('finds the same fault for every cut, whatever breaks the framing', async ({
    build,
    random,
  }) => {
    const wrong = (bytes: string, why: string): Body => ({ bytes, fault: 400, why })
    const size = 'a chunk size is hexadecimal digits and nothing else (RFC 9112 §7.1)'
    const crlf =
      'lines of the framing end with CRLF, and so does the data of a chunk (RFC 9112 §7.1)'
    const field = 'a trailer line is a field line (RFC 9112 §7.1.2)'
    await decodes(
      build,
      [
        wrong('\r\nx\r\n0\r\n\r\n', size),
        wrong(';a\r\nx\r\n0\r\n\r\n', size),
        wrong('-1\r\nx\r\n0\r\n\r\n', size),
        wrong('+1\r\nx\r\n0\r\n\r\n', size),
        wrong(' 1\r\nx\r\n0\r\n\r\n', size),
        wrong('0X1\r\nx\r\n0\r\n\r\n', size),
        wrong('1g\r\nx\r\n0\r\n\r\n', size),
        wrong('1.0\r\nx\r\n0\r\n\r\n', size),
        wrong('1_0\r\nx\r\n0\r\n\r\n', size),
        wrong('1 1\r\nx\r\n0\r\n\r\n', size),
        wrong('1, 1\r\nx\r\n0\r\n\r\n', size),
        wrong('1\nx\r\n0\r\n\r\n', crlf),
        wrong('1\r\nx\n0\r\n\r\n', crlf),
        wrong('1\r\nx\r\n0\n\r\n', crlf),
        wrong('0\r\n\nX: y\r\n\r\n', crlf),
        wrong('1;a\nx\r\n0\r\n\r\n', crlf),
        wrong('1\r\nxy\r\n0\r\n\r\n', crlf),
        wrong('3\r\nx\r\n0\r\n\r\n', crlf),
        wrong('1\r\nx0\r\n\r\n', crlf),
        wrong('0\r\nX-A: b\nX-B: c\r\n\r\n', crlf),
        wrong('0\r\nno field\r\n\r\n', field),
        wrong('0\r\n: x\r\n\r\n', field),
        wrong('0\r\nX : y\r\n\r\n', field),
        wrong('0\r\nX: y\r\n z\r\n\r\n', field),
        wrong('0\r\nX: a\rb\r\n\r\n', field),
        wrong('0\r\nX: a\0b\r\n\r\n', field),
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('adds sizes up without losing a digit', async ({ build, random }) => {
    const why = 'a size of 2^53 and more is no reason to be wrong about it (RFC 9112 §7.1)'
    const large = (bytes: string): Body => ({ bytes, fault: 413, why })
    const wrong = (bytes: string): Body => ({
      bytes,
      fault: 400,
      why: 'a size has 16 digits after its leading zeros at most',
    })
    await decodes(
      build,
      [
        large('100000001\r\nx\r\n0\r\n\r\n'),
        large('80000001\r\nx\r\n0\r\n\r\n'),
        large('20000000000001\r\n'),
        { ...large('20000000000001\r\n'), maxContentBytes: Number.MAX_SAFE_INTEGER },
        {
          bytes: '1fffffffffffff\r\nabc',
          maxContentBytes: Number.MAX_SAFE_INTEGER,
          fault: null,
          content: 'abc',
          why,
        },
        { ...large('1\r\nx\r\n1fffffffffffff\r\n'), maxContentBytes: Number.MAX_SAFE_INTEGER },
        large('ffffffffffffffff\r\n'),
        large('2\r\nab\r\nffffffffffffffff\r\n'),
        large('8000000000000000\r\n'),
        large(`${'0'.repeat(80)}ffffffffffffffff\r\n`),
        wrong('10000000000000000\r\n'),
        wrong('10000000000000001\r\nx\r\n0\r\n\r\n'),
        wrong(`${'0'.repeat(20)}12345678901234567\r\n`),
      ],
      (length) => cutsOf(length, random, 4),
    )
  })

  it('refuses content when the sizes add up to more than the limit, before it reads the chunk that goes too far', async ({
    build,
    random,
  }) => {
    const why =
      '413 as soon as the declared sizes add up to more than the limit (RFC 9110 §15.5.14)'
    const maxContentBytes = 20
    await decodes(
      build,
      [
        {
          bytes: `14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`,
          maxContentBytes,
          content: 'x'.repeat(20),
          rest: '',
          fault: null,
          why,
        },
        {
          bytes: `${'1\r\nx\r\n'.repeat(20)}0\r\n\r\n`,
          maxContentBytes,
          content: 'x'.repeat(20),
          rest: '',
          fault: null,
          why,
        },
        { bytes: '15\r\n', maxContentBytes, fault: 413, why },
        { bytes: `${'1\r\nx\r\n'.repeat(20)}1\r\n`, maxContentBytes, fault: 413, why },
        { bytes: '0\r\n\r\n', maxContentBytes: 0, content: '', rest: '', fault: null, why },
        { bytes: '1\r\n', maxContentBytes: 0, fault: 413, why },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('holds chunk lines and the trailer section to their limits, exactly', async ({
    build,
    random,
  }) => {
    const line = (bytes: number) => `1;${'e'.repeat(bytes - 2)}`
    const trailers = (bytes: number) => `X: ${'t'.repeat(bytes - 'X: \r\n\r\n'.length)}\r\n\r\n`
    const lines =
      'a chunk line longer than 4096 bytes is refused: extensions cost the server, and carry nothing (RFC 9112 §7.1.1)'
    const section = 'a trailer section has the limit of a header section (RFC 6585 §5)'
    const maxHeaderBytes = 100
    await decodes(
      build,
      [
        {
          bytes: `${line(4096)}\r\nx\r\n0\r\n\r\n`,
          content: 'x',
          rest: '',
          fault: null,
          why: lines,
        },
        { bytes: `${line(4097)}\r\nx\r\n0\r\n\r\n`, fault: 400, why: lines },
        { bytes: `0;${'e'.repeat(5000)}`, fault: 400, why: lines },
        { bytes: '0'.repeat(5000), fault: 400, why: lines },
        {
          bytes: `1\r\nx\r\n0\r\n${trailers(100)}`,
          maxHeaderBytes,
          content: 'x',
          rest: '',
          fault: null,
          why: section,
        },
        { bytes: `1\r\nx\r\n0\r\n${trailers(101)}`, maxHeaderBytes, fault: 431, why: section },
        { bytes: `0\r\nX: ${'t'.repeat(100)}`, maxHeaderBytes, fault: 431, why: section },
        { bytes: `0\r\n${'X: y\r\n'.repeat(30)}`, maxHeaderBytes, fault: 431, why: section },
      ],
      (length) => cutsOf(length, random, 6),
    )
  })

  it('knows which lists of codings it can read', async ({ build }) => {
    const why =
      'every coding but one `chunked`, as the last, is unknown here or leaves the end unknown (RFC 9112 §6.1)'
    const fields = (...lines: readonly string[]) =>
      `POST /echo HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n1\r\nx\r\n0\r\n\r\n`
    const te = (value: string) => fields(`Transfer-Encoding: ${value}`)
    const right = (bytes: string) => ({ bytes, fault: null, gives: [{ content: 'x' }], why })
    const wrong = (fault: number | readonly number[], bytes: string) => ({
      bytes,
      fault,
      gives: [],
      why,
    })
    await parses(build, [
      right(te('chunked')),
      right(te('CHUNKED')),
      right(fields('transfer-encoding:\t chunked \t')),
      wrong(501, te('gzip, chunked')),
      wrong(501, te('identity, chunked')),
      // Nobody knows where this content ends, so 400 is right too (RFC 9112 §6.3).
      wrong([400, 501], te('gzip')),
      wrong([400, 501], te('identity')),
      wrong([400, 501], te('xchunked')),
      wrong(501, fields('Transfer-Encoding: gzip', 'Transfer-Encoding: chunked')),
      wrong(400, te('chunked, gzip')),
      wrong(400, te('chunked, chunked')),
      wrong(400, te('chunked, Chunked')),
      wrong(400, fields('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')),
      wrong(400, te('')),
      wrong(400, fields('Transfer-Encoding: chunked', 'Content-Length: 11')),
      wrong(400, fields('Content-Length: 11', 'Transfer-Encoding: chunked')),
      wrong(400, fields('Content-Length: 0', 'Transfer-Encoding: gzip')),
      wrong(400, te('chunked').replace('HTTP/1.1', 'HTTP/1.0')),
      wrong(400, te('gzip').replace('HTTP/1.1', 'HTTP/1.0')),
    ])
  })

  it('keeps trailer fields out of the request', async ({ server }) => {
    const body = '2\r\nok\r\n0\r\nContent-Type: text/html\r\nHost: b\r\nContent-Length: 7\r\n\r\n'
    await holds(server, {
      send: post('/echo', 'Transfer-Encoding: chunked', 'Content-Type: text/css') + body,
      expect: {
        status: 200,
        fields: { 'Content-Type': 'text/css', 'Content-Length': '2' },
        content: 'ok',
        closes: true,
      },
      why: 'trailer fields are never merged into the header section (RFC 9110 §6.5.1)',
    })
  })

  it('gives back bytes of every value, in chunks of every size', async ({ server, random }) => {
    const content = random.bytes(random.integer(3000, 6000))
    const chunks = random
      .cut(content, 12)
      .map((bytes) => [`${bytes.length.toString(16)}\r\n`, bytes, '\r\n'])
    const body = Buffer.concat(
      [...chunks.flat(), '0\r\n\r\n'].map((part) => Buffer.from(part as string, 'latin1')),
    )
    await holds(server, {
      send: [ECHO, ...random.cut(body, 6)],
      expect: { status: 200, content: content.toString('latin1'), closes: true },
      why: 'the content is what the chunks hold (RFC 9112 §7.1)',
    })
  })

  it('holds content that no handler wants to its framing and its limit', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10' })
    const get = head('GET / HTTP/1.1', 'Transfer-Encoding: chunked')
    const why = 'content is read to its end also where nobody looks at it (RFC 9110 §9.3.1)'
    await holds(server, {
      send: `${get}2\r\nok\r\n0\r\n\r\n`,
      expect: { status: 200, content: 'Hello, World!' },
      why,
    })
    await holds(server, {
      send: `${get}2\r\nok\n0\r\n\r\n`,
      expect: { status: 400, closes: true },
      why,
    })
    await holds(server, {
      send: `${get}9\r\n123456789\r\n2\r\n`,
      expect: { status: 413, closes: true, serves: true },
      why,
    })
  })

  it('refuses over the socket what the decoder refuses', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10', MAX_HEADER_BYTES: '200' })
    const why =
      'a broken chunk, too much content, and too large a trailer section are refused with 400, 413, 431'
    await holds(server, {
      send: `${ECHO}4\nWiki\r\n0\r\n\r\n`,
      expect: { status: 400, closes: true },
      why,
    })
    await holds(server, { send: `${ECHO}b\r\n`, expect: { status: 413, closes: true }, why })
    await holds(server, {
      send: `${ECHO}0\r\nX: ${'y'.repeat(200)}`,
      expect: { status: 431, closes: true },
      why,
    })
    await holds(server, {
      send: `${ECHO}4\r\nWi`,
      end: true,
      expect: { status: 400, closes: true, serves: true },
      why,
    })
  })

  it('spends the same on each byte of long content as on one of short content', async ({
    build,
  }) => {
    await costsTheSamePerByte(
      build,
      {
        file: 'level2/chunked.ts',
        className: 'ChunkedDecoder',
        says: 'chunks of 20 bytes',
        limits: { maxContentBytes: 2 ** 22, maxHeaderBytes: 2 ** 22 },
      },
      (bytes) => `${'14\r\n01234567890123456789\r\n'.repeat(Math.ceil(bytes / 26))}0\r\n\r\n`,
      16_384,
    )
  })

  it('spends the same on each byte of a long trailer section as on one of a short one', async ({
    build,
  }) => {
    await costsTheSamePerByte(
      build,
      {
        file: 'level2/chunked.ts',
        className: 'ChunkedDecoder',
        says: 'a trailer section of many lines',
        limits: { maxContentBytes: 2 ** 22, maxHeaderBytes: 2 ** 22 },
      },
      (bytes) => `0\r\n${'X-Filler: yyyyyyyyyyyyyyyyyyyy\r\n'.repeat(bytes / 32)}\r\n`,
      8192,
    )
  })
})
