import { CR, isTargetByte, isTokenByte, LF, SP } from './bytes.ts'
import { RequestError } from './errors.ts'
import type { Request } from './http.ts'
import { parseTarget } from './request-target.ts'
import type { Target } from './request-target.ts'

/** The first line of a request, taken apart (RFC 9112 §3). */
export interface RequestLine {
  readonly method: string
  readonly target: Target
  readonly version: Request['version']
}

const GET = Buffer.from('GET')
const HTTP_1_1 = Buffer.from('HTTP/1.1')

/**
 * Takes apart `bytes` from `start` up to `end`, the LF of the line included.
 *
 * One space between the parts and CRLF at the end. RFC 9112 §3 lets a recipient be more lenient,
 * but then two recipients can read one line in two ways.
 *
 * @throws {RequestError} `INVALID_REQUEST_LINE`, `INVALID_TARGET`, `UNSUPPORTED_VERSION`
 */
export function parseRequestLine(bytes: Buffer, start: number, end: number): RequestLine {
  const methodEnd = endOf(isTokenByte, bytes, start)
  const targetEnd = endOf(isTargetByte, bytes, methodEnd + 1)
  const lineEnd = targetEnd + 1 + HTTP_1_1.length
  if (
    methodEnd === start ||
    bytes[methodEnd] !== SP ||
    targetEnd === methodEnd + 1 ||
    bytes[targetEnd] !== SP ||
    lineEnd + 2 !== end ||
    bytes[lineEnd] !== CR ||
    bytes[lineEnd + 1] !== LF
  ) {
    throw new RequestError('INVALID_REQUEST_LINE')
  }
  // Each string that is cut out is a call into native code: what nearly every line says is recognised by its bytes.
  const method = holds(bytes, start, methodEnd, GET) ? 'GET' : text(bytes, start, methodEnd)
  const target = parseTarget(method, text(bytes, methodEnd + 1, targetEnd))
  return { method, target, version: parseVersion(bytes, targetEnd + 1, lineEnd) }
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end)
}

/** Whether `bytes` from `start` up to `end` are exactly those. */
function holds(bytes: Buffer, start: number, end: number, those: Buffer): boolean {
  if (end - start !== those.length) return false
  for (let i = 0; i < those.length; i++) if (bytes[start + i] !== those[i]) return false
  return true
}

/** The index of the first byte from `at` on that is not of the class. */
function endOf(isOfClass: Uint8Array, bytes: Buffer, at: number): number {
  let end = at
  while (end < bytes.length && isOfClass[bytes[end] as number] === 1) end++
  return end
}

/** Capitals, and one digit on each side of the dot (RFC 9112 §2.3). A minor version that we have not heard of speaks 1.1 with us (RFC 9110 §2.5). */
function parseVersion(bytes: Buffer, start: number, end: number): Request['version'] {
  if (holds(bytes, start, end, HTTP_1_1)) return 'HTTP/1.1'
  const [, major, minor] = /^HTTP\/([0-9])\.([0-9])$/.exec(text(bytes, start, end)) ?? []
  if (major === undefined) throw new RequestError('INVALID_REQUEST_LINE')
  if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')
  return minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1'
}
