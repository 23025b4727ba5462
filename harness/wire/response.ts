/**
 * Reads responses as RFC 9112 defines them, strictly: what a lenient client forgives is what a test is about.
 *
 * The server is a stranger's, so everything is bounded: it may answer with an endless header
 * section, or with a hundred interim responses.
 */
import { toBuffer } from './bytes.ts'

export interface Response {
  readonly status: number
  readonly reason: string
  readonly version: string
  /** Field lines in the order of arrival, names as received. */
  readonly fieldLines: readonly (readonly [name: string, value: string])[]
  readonly content: Buffer
  /** Trailer fields of a chunked response. */
  readonly trailers: readonly (readonly [name: string, value: string])[]
  /** Interim responses (1xx) that came before, by status code. */
  readonly interim: readonly number[]
  /** How its end was found (RFC 9112 §6.3). */
  readonly framing: 'no content' | 'Content-Length' | 'chunked' | 'close'
}

/** The value of a field; several lines of one name are joined by `, ` (RFC 9110 §5.3). */
export function field(response: Response, name: string): string | undefined {
  const values = response.fieldLines
    .filter(([other]) => other.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The bytes are no response; `offset` is the first byte that cannot be. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

export interface ReadOptions {
  /** The method of the request: HEAD is answered without content (RFC 9110 §9.3.2). */
  readonly method?: string
  /** [64 MiB] */
  readonly maxContentBytes?: number
}

const MAX_HEADER_BYTES = 64 * 1024
const MAX_INTERIM = 20

/**
 * Reads the response at the beginning of `bytes`.
 *
 * @param ended - the server sent FIN: nothing follows
 * @returns the response and the bytes it takes; `undefined` when more bytes are needed
 * @throws {MalformedResponse}
 */
export function readResponse(
  bytes: Buffer,
  ended: boolean,
  { method = 'GET', maxContentBytes = 64 * 1024 * 1024 }: ReadOptions = {},
): { readonly response: Response; readonly length: number } | undefined {
  const interim: number[] = []
  let at = 0
  for (;;) {
    const head = readHead(bytes, at)
    if (head === undefined) return undefined
    at = head.end
    if (head.status >= 200) {
      const body = readBody(bytes, at, head, method, ended, maxContentBytes)
      if (body === undefined) return undefined
      const { status, reason, version, fieldLines } = head
      const { content, trailers, framing, end } = body
      return {
        response: { status, reason, version, fieldLines, content, trailers, interim, framing },
        length: end,
      }
    }
    interim.push(head.status)
    if (interim.length > MAX_INTERIM) {
      throw new MalformedResponse(`more than ${MAX_INTERIM} interim responses came`, at)
    }
  }
}

interface Head {
  readonly status: number
  readonly reason: string
  readonly version: string
  readonly fieldLines: (readonly [string, string])[]
  readonly end: number
}

function readHead(bytes: Buffer, from: number): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1')
  const searched = end === -1 ? bytes.length - from : end - from
  if (searched > MAX_HEADER_BYTES) {
    throw new MalformedResponse(
      `the header section has no end within ${MAX_HEADER_BYTES} bytes`,
      from + MAX_HEADER_BYTES,
    )
  }
  if (end === -1) {
    // A client that waits for the end of the header section must not wait for ever when the first line is wrong already.
    const line = bytes.indexOf('\n', from, 'latin1')
    if (line !== -1) readStatusLine(lineAt(bytes, from, line), from)
    return undefined
  }
  const lines = bytes.toString('latin1', from, end).split('\r\n')
  let at = from
  const statusLine = lines[0] ?? ''
  const { version, status, reason } = readStatusLine(statusLine, at)
  at += statusLine.length + 2
  const fieldLines: (readonly [string, string])[] = []
  for (const line of lines.slice(1)) {
    fieldLines.push(readFieldLine(line, at))
    at += line.length + 2
  }
  return { version, status, reason, fieldLines, end: end + 4 }
}

function lineAt(bytes: Buffer, from: number, newline: number): string {
  if (bytes[newline - 1] !== 0x0d)
    throw new MalformedResponse('the line ends with a bare LF, not with CRLF', newline)
  return bytes.toString('latin1', from, newline - 1)
}

function readStatusLine(
  line: string,
  at: number,
): { version: string; status: number; reason: string } {
  // The space after the status code stands also before an empty reason phrase (RFC 9112 §4).
  const match = /^(HTTP\/1\.[01]) ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)$/.exec(line)
  if (match === null) {
    throw new MalformedResponse(
      'this is no status line ("HTTP/1.1 200 OK")',
      at + firstWrongByte(line),
    )
  }
  const [, version = '', status = '', reason = ''] = match
  return { version, status: Number(status), reason }
}

/** What may stand at each place of a status line; the reason phrase goes on to its end. */
const STATUS_LINE = [...'HTTP/1.']
  .map((letter) => new RegExp(letter.replace(/\W/, '\\$&')))
  .concat([/[01]/, / /, /[1-5]/, /\d/, /\d/, / /])
const REASON = /[\t\x20-\x7e\x80-\xff]/

function firstWrongByte(line: string): number {
  const wrong = [...line].findIndex(
    (character, index) => !(STATUS_LINE[index] ?? REASON).test(character),
  )
  return wrong === -1 ? line.length : wrong
}

function readFieldLine(line: string, at: number): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line)
  if (match === null) {
    const good = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/.exec(line)?.[0].length ?? 0
    throw new MalformedResponse('this is no field line ("Name: value")', at + good)
  }
  return [match[1] ?? '', match[2] ?? '']
}

interface Body {
  readonly content: Buffer
  readonly trailers: readonly (readonly [string, string])[]
  readonly framing: Response['framing']
  readonly end: number
}

/** Where the content ends: the order is that of RFC 9112 §6.3. */
function readBody(
  bytes: Buffer,
  from: number,
  head: Head,
  method: string,
  ended: boolean,
  maxContentBytes: number,
): Body | undefined {
  const valuesOf = (name: string) =>
    head.fieldLines.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value)
  const lengths = valuesOf('content-length')
  const codings = valuesOf('transfer-encoding')
  if (lengths.length > 1)
    throw new MalformedResponse('Content-Length stands there more than once', from)
  if (lengths[0] !== undefined && !/^\d{1,15}$/.test(lengths[0])) {
    throw new MalformedResponse(
      `Content-Length is "${lengths[0]}", which is no number of bytes`,
      from,
    )
  }
  if (lengths.length > 0 && codings.length > 0) {
    throw new MalformedResponse('both Content-Length and Transfer-Encoding are there', from)
  }
  if (method === 'HEAD' || head.status === 204 || head.status === 304) {
    return { content: Buffer.alloc(0), trailers: [], framing: 'no content', end: from }
  }
  if (codings.length > 0) {
    if (codings.join(',').trim().toLowerCase() !== 'chunked') {
      throw new MalformedResponse(
        `Transfer-Encoding is "${codings.join(', ')}", which nobody asked for`,
        from,
      )
    }
    return readChunked(bytes, from, maxContentBytes)
  }
  const length = lengths[0] === undefined ? undefined : Number(lengths[0])
  if ((length ?? bytes.length - from) > maxContentBytes) {
    throw new MalformedResponse(
      `the content is longer than the ${maxContentBytes} bytes that we read`,
      from,
    )
  }
  if (length !== undefined) {
    if (bytes.length - from < length) return undefined
    return {
      content: bytes.subarray(from, from + length),
      trailers: [],
      framing: 'Content-Length',
      end: from + length,
    }
  }
  if (!ended) return undefined
  return { content: bytes.subarray(from), trailers: [], framing: 'close', end: bytes.length }
}

function readChunked(bytes: Buffer, from: number, maxContentBytes: number): Body | undefined {
  const parts: Buffer[] = []
  let total = 0
  let at = from
  for (;;) {
    const newline = bytes.indexOf('\n', at, 'latin1')
    if (newline === -1) return undefined
    const line = lineAt(bytes, at, newline)
    const match = /^([0-9A-Fa-f]{1,8})(?:[ \t]*;.*)?$/.exec(line)
    if (match === null) throw new MalformedResponse('this is no chunk size', at)
    const size = parseInt(match[1] ?? '', 16)
    at = newline + 1
    if (size === 0) break
    total += size
    if (total > maxContentBytes) {
      throw new MalformedResponse(
        `the content is longer than the ${maxContentBytes} bytes that we read`,
        at,
      )
    }
    if (bytes.length < at + size + 2) return undefined
    parts.push(bytes.subarray(at, at + size))
    at += size
    if (bytes[at] !== 0x0d || bytes[at + 1] !== 0x0a) {
      throw new MalformedResponse('the chunk is not followed by CRLF', at)
    }
    at += 2
  }
  const trailers: (readonly [string, string])[] = []
  for (;;) {
    const newline = bytes.indexOf('\n', at, 'latin1')
    if (newline === -1) return undefined
    const line = lineAt(bytes, at, newline)
    if (line === '')
      return { content: Buffer.concat(parts), trailers, framing: 'chunked', end: newline + 1 }
    trailers.push(readFieldLine(line, at))
    at = newline + 1
  }
}

/** The line of `bytes` that holds `offset`, with a caret below the byte. */
export function pointAt(bytes: Uint8Array, offset: number): string {
  const text = toBuffer(bytes).toString('latin1')
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const newline = text.indexOf('\n', offset)
  const end = newline === -1 ? text.length : newline
  const from = Math.max(start, offset - 60)
  const show = (part: string) =>
    part
      .replace(/\r/g, '\\r')
      .replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  const before = show(text.slice(from, offset))
  return `${before}${show(text.slice(offset, Math.min(end, offset + 40)))}\n${' '.repeat(before.length)}^`
}
