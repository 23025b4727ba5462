import { RequestError } from './errors.ts'
import type { Input } from './input.ts'
import type { RequestLine } from './request-line.ts'
import { isHost, isToken, withoutCrlf } from './syntax.ts'

const CRLF_BYTES = 2

/** Field name in lower case → values, in the order they came. */
export type Headers = ReadonlyMap<string, readonly string[]>

/**
 * Waits for the whole header section.
 *
 * @param maxBytes from the first field name to the end of the empty line
 * @throws {RequestError} 431 or 400
 */
export async function readHeaderSection(input: Input, maxBytes: number): Promise<Headers> {
  const lines: Buffer[] = []
  let left = maxBytes
  for (;;) {
    const line = await input.readLine(left - CRLF_BYTES, 'HEADER_SECTION_TOO_LARGE')
    if (isEmpty(line)) {
      withoutCrlf(line)
      return parseFieldLines(lines)
    }
    lines.push(line)
    left -= line.length
    // Not even an empty line has room.
    if (left <= 0) throw new RequestError('HEADER_SECTION_TOO_LARGE')
  }
}

/** LF alone is not a right end of a line, but whoever sends it has finished and waits. */
function isEmpty(line: Buffer): boolean {
  const text = line.toString('latin1')
  return text === '\r\n' || text === '\n'
}

/** Parses what stands between the request line and the empty line (RFC 9112 §5). */
function parseFieldLines(lines: readonly Buffer[]): Headers {
  const headers = new Map<string, string[]>()
  for (const line of lines) {
    const { name, value } = parseFieldLine(withoutCrlf(line))
    const values = headers.get(name)
    if (values === undefined) headers.set(name, [value])
    else values.push(value)
  }
  return headers
}

/**
 * Parses one field line without its CRLF.
 *
 * White space before the colon, or before the name (obs-fold), makes the name no token:
 * both hide one field from some recipients and not from others (RFC 9112 §5.1, §5.2).
 *
 * @throws {RequestError} `INVALID_FIELD_LINE`
 */
export function parseFieldLine(text: string): { name: string; value: string } {
  const colon = text.indexOf(':')
  const name = text.slice(0, colon)
  if (colon === -1 || !isToken(name)) throw new RequestError('INVALID_FIELD_LINE')

  const value = trimOws(text.slice(colon + 1))
  // No control characters but HTAB (RFC 9110 §5.5).
  if (!/^[\t -~\x80-\xff]*$/.test(value)) throw new RequestError('INVALID_FIELD_LINE')
  return { name: name.toLowerCase(), value }
}

/** Optional white space is SP and HTAB (RFC 9110 §5.6.3); `trim` would take more. */
function trimOws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isOws(text[start])) start++
  while (end > start && isOws(text[end - 1])) end--
  return text.slice(start, end)
}

function isOws(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

/**
 * Host: one line in HTTP/1.1, at most one in HTTP/1.0, and a valid one (RFC 9112 §3.2).
 *
 * @throws {RequestError} `INVALID_HOST`
 */
export function checkHost(headers: Headers, version: RequestLine['version']): void {
  const [host, ...others] = headers.get('host') ?? []
  if (host === undefined && version === 'HTTP/1.0') return
  if (host === undefined || others.length > 0 || !isHost(host)) {
    throw new RequestError('INVALID_HOST')
  }
}

/**
 * How many bytes of content follow the header section (RFC 9112 §6.2, §6.3).
 *
 * Two lengths are how one request hides inside another, so even two equal ones are refused
 * (RFC 9112 §11.2).
 *
 * @throws {RequestError} `INVALID_CONTENT_LENGTH`, `TRANSFER_CODING_NOT_IMPLEMENTED`
 */
export function contentLength(headers: Headers): number {
  const [length, ...others] = headers.get('content-length') ?? ['0']
  if (length === undefined || others.length > 0 || !/^[0-9]+$/.test(length)) {
    throw new RequestError('INVALID_CONTENT_LENGTH')
  }
  if (headers.has('transfer-encoding')) throw new RequestError('TRANSFER_CODING_NOT_IMPLEMENTED')
  return Number(length)
}
