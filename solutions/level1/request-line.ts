import { RequestError } from './errors.ts'
import type { Input } from './input.ts'
import { isHost, isToken, withoutCrlf } from './syntax.ts'

/** The first line of a request, understood (RFC 9112 §3). */
export interface RequestLine {
  readonly method: string
  /** As it came. */
  readonly target: string
  /** Not decoded; `*` for the asterisk-form. */
  readonly path: string
  /** What follows the first `?`, not decoded. */
  readonly query: string
  /** A later minor version than 1 is spoken to as 1.1 (RFC 9110 §2.5). */
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
}

/**
 * Waits for the request line. `undefined`: the client left without asking anything.
 *
 * @throws {RequestError} 414, 400 or 505
 */
export async function readRequestLine(
  input: Input,
  maxBytes: number,
): Promise<RequestLine | undefined> {
  while (await input.hasMore()) {
    const line = await input.readLine(maxBytes, 'REQUEST_LINE_TOO_LONG')
    const text = withoutCrlf(line)
    // Some clients end the request before with one CRLF too many (RFC 9112 §2.2).
    if (text !== '') return parseRequestLine(text)
  }
  return undefined
}

/**
 * Parses a request line without its CRLF.
 *
 * @throws {RequestError} `INVALID_REQUEST_LINE`, `INVALID_TARGET`, `UNSUPPORTED_VERSION`
 */
export function parseRequestLine(text: string): RequestLine {
  const [method, target, version, ...rest] = text.split(' ')
  if (method === undefined || target === undefined || version === undefined || rest.length > 0) {
    throw new RequestError('INVALID_REQUEST_LINE')
  }
  if (!isToken(method)) throw new RequestError('INVALID_REQUEST_LINE')

  const { path, query } = parseTarget(method, target)
  return { method, target, path, query, version: parseVersion(version) }
}

/** Finds path and query in any of the four forms of a target (RFC 9112 §3.2). */
function parseTarget(method: string, target: string): { path: string; query: string } {
  // Visible ASCII; a fragment stays with the client (RFC 9110 §7.1).
  if (!/^[!-~]+$/.test(target) || target.includes('#')) throw new RequestError('INVALID_TARGET')

  // authority-form. The method will be refused, whatever the target.
  if (method === 'CONNECT') return { path: target, query: '' }

  if (target === '*' && method === 'OPTIONS') return { path: '*', query: '' }
  if (target.startsWith('/')) return splitQuery(target)

  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(?<authority>[^/?]+)(?<rest>.*)$/i.exec(target)?.groups
  const { authority = '', rest = '' } = absolute ?? {}
  // A server refuses an http URI without a host (RFC 9110 §4.2.1).
  if (authority === '' || authority.startsWith(':') || !isHost(authority)) {
    throw new RequestError('INVALID_TARGET')
  }
  // We serve every authority alike, so all that matters here is what follows it.
  const { path, query } = splitQuery(rest)
  return { path: path === '' ? '/' : path, query }
}

function splitQuery(target: string): { path: string; query: string } {
  const mark = target.indexOf('?')
  if (mark === -1) return { path: target, query: '' }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

function parseVersion(version: string): RequestLine['version'] {
  // HTTP-version = "HTTP" "/" DIGIT "." DIGIT, in capitals (RFC 9112 §2.3).
  const [, major, minor] = /^HTTP\/([0-9])\.([0-9])$/.exec(version) ?? []
  if (major === undefined) throw new RequestError('INVALID_REQUEST_LINE')
  if (major !== '1') throw new RequestError('UNSUPPORTED_VERSION')
  return minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1'
}
