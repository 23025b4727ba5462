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

const VERSION_BYTES = 'HTTP/1.1'.length

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
  const lineEnd = targetEnd + 1 + VERSION_BYTES
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
  // One call into native code for the whole line; cutting a string costs next to nothing.
  const line = bytes.toString('latin1', start, lineEnd)
  const method = nameOf(line.slice(0, methodEnd - start))
  const target = parseTarget(method, line.slice(methodEnd + 1 - start, targetEnd - start))
  return { method, target, version: parseVersion(line) }
}

/** The index of the first byte from `at` on that is not of the class. */
function endOf(isOfClass: Uint8Array, bytes: Buffer, at: number): number {
  let end = at
  while (end < bytes.length && isOfClass[bytes[end] as number] === 1) end++
  return end
}

/** Of the most frequent method always the same string: it is looked up in sets, and its hash is known. */
function nameOf(method: string): string {
  return method === 'GET' ? 'GET' : method
}

/** A minor version that we have not heard of speaks 1.1 with us (RFC 9110 §2.5). */
function parseVersion(line: string): Request['version'] {
  if (line.endsWith('HTTP/1.1')) return 'HTTP/1.1'
  const [, major, minor] = /HTTP\/([0-9])\.([0-9])$/.exec(line.slice(-VERSION_BYTES)) ?? []
  if (major === undefined) throw new RequestError('INVALID_REQUEST_LINE')
  if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')
  return minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1'
}
