import { RequestError } from './errors.ts'
import { parseFieldLines } from './field-lines.ts'
import { contentLength } from './framing.ts'
import { isHost } from './host.ts'
import type { Request } from './http.ts'

/** A header section, and what it says about the message. */
export interface HeaderSection {
  readonly headers: ReadonlyMap<string, string>
  /** `undefined`: the content comes in chunks. */
  readonly contentLength: number | undefined
  /** Of the request line before it: the same fields can mean something else in another version. */
  readonly version: Request['version']
}

/**
 * Parses `bytes` from `start` up to `end`, the empty line included.
 *
 * @throws {RequestError} `INVALID_FIELD_LINE`, `INVALID_HOST` and the faults of `contentLength`
 */
export function parseHeaderSection(
  bytes: Buffer,
  start: number,
  end: number,
  version: Request['version'],
): HeaderSection {
  const headers = parseFieldLines(bytes, start, end)
  // Several lines, joined by a comma and a space, are no valid Host either (RFC 9112 §3.2).
  const host = headers.get('host')
  if (host === undefined ? version === 'HTTP/1.1' : !isHost(host)) {
    throw new RequestError('INVALID_HOST')
  }
  return { headers, contentLength: contentLength(headers, version), version }
}
