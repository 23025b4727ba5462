import { COLON, CR, HTAB, isFieldByte, isTokenByte, LF, SP } from './bytes.ts'
import { RequestError } from './errors.ts'

const CRLF_BYTES = 2

/**
 * Parses the field lines in `bytes` from `start` up to `end`, the empty line at the end included (RFC 9112 §5).
 *
 * Names come out in lower case; the values of several lines of one name are joined by `, ` (RFC 9110 §5.3).
 *
 * @throws {RequestError} `INVALID_FIELD_LINE`. White space before the colon, or before the name (obs-fold), leaves no
 *   token for a name: both hide a field from some recipients and not from others (RFC 9112 §5.1, §5.2, §11.2).
 */
export function parseFieldLines(bytes: Buffer, start: number, end: number): Map<string, string> {
  const headers = new Map<string, string>()
  const text = bytes.toString('latin1', start, end)
  let at = start
  while (end - at > CRLF_BYTES) {
    let nameEnd = at
    while (isTokenByte[bytes[nameEnd] as number] === 1) nameEnd++
    if (nameEnd === at || bytes[nameEnd] !== COLON) throw new RequestError('INVALID_FIELD_LINE')

    let valueStart = nameEnd + 1
    while (isOws(bytes[valueStart])) valueStart++
    let lineEnd = valueStart
    while (isFieldByte[bytes[lineEnd] as number] === 1) lineEnd++
    if (!isCrlf(bytes, lineEnd)) throw new RequestError('INVALID_FIELD_LINE')
    let valueEnd = lineEnd
    while (valueEnd > valueStart && isOws(bytes[valueEnd - 1])) valueEnd--

    const name = text.slice(at - start, nameEnd - start).toLowerCase()
    const value = text.slice(valueStart - start, valueEnd - start)
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
    at = lineEnd + CRLF_BYTES
  }
  if (end - at !== CRLF_BYTES || !isCrlf(bytes, at)) throw new RequestError('INVALID_FIELD_LINE')
  return headers
}

/** Optional white space (RFC 9110 §5.6.3). */
function isOws(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB
}

/** Nothing else ends a line: a bare CR or LF does so for some recipients and not for others (RFC 9112 §2.2). */
function isCrlf(bytes: Buffer, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF
}
