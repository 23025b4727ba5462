/** The words of the grammar that several parts of a request share. */
import { isIPv6 } from 'node:net'
import { RequestError } from './errors.ts'

/** A method or a field name is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}

/** `uri-host [ ":" port ]`: a name, perhaps empty, or an IP address (RFC 9110 §7.2, RFC 3986 §3.2.2). */
export function isHost(text: string): boolean {
  const literal = /^\[([0-9A-Fa-f:.]+)\](?::[0-9]*)?$/.exec(text)?.[1]
  if (literal !== undefined) return isIPv6(literal)
  return /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?$/.test(text)
}

/**
 * A line of the head as text, one character a byte, without the CRLF that ends it.
 *
 * LF alone could end a line too, but then two recipients of the same bytes may see different
 * lines (RFC 9112 §11.2). A CR anywhere else is just as doubtful.
 *
 * @throws {RequestError} `INVALID_LINE_END`
 */
export function withoutCrlf(line: Buffer): string {
  const text = line.toString('latin1')
  if (!text.endsWith('\r\n') || text.indexOf('\r') !== text.length - 2) {
    throw new RequestError('INVALID_LINE_END')
  }
  return text.slice(0, -2)
}
