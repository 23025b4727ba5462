import { RequestError } from './errors.ts'
import { isHost } from './host.ts'
import { knownMethods } from './http.ts'

/** A request target, taken apart but not decoded (RFC 9112 §3.2). */
export interface Target {
  /** As it was received. */
  readonly target: string
  /** `*` for the asterisk-form. */
  readonly path: string
  readonly query: string
  /** Of an absolute-form: it stands above the Host field (RFC 9112 §3.2.2). */
  readonly authority: string | undefined
}

/**
 * Finds path and query in a target of visible ASCII without `#`.
 *
 * @throws {RequestError} `INVALID_TARGET`
 */
export function parseTarget(method: string, target: string): Target {
  if (target.startsWith('/')) return split(target, target, undefined)
  // The asterisk-form is for OPTIONS alone (RFC 9112 §3.2.4).
  if (target === '*' && method === 'OPTIONS')
    return { target, path: '*', query: '', authority: undefined }

  // The authority-form of CONNECT, or whatever a method means by it: the method will be refused.
  if (!knownMethods.has(method)) return { target, path: target, query: '', authority: undefined }

  // Every server must take the absolute-form (RFC 9112 §3.2.2). Whatever it names, there is one site here.
  const { authority, rest } =
    /^[a-z][a-z0-9+.-]*:\/\/(?<authority>[^/?]+)(?<rest>.*)$/i.exec(target)?.groups ?? {}
  // A server refuses an http URI without a host (RFC 9110 §4.2.1).
  const hasHost = authority !== undefined && !authority.startsWith(':') && isHost(authority)
  if (!hasHost || rest === undefined) {
    throw new RequestError('INVALID_TARGET')
  }
  // An empty path is as good as `/` (RFC 9110 §4.2.3).
  return split(target, rest.startsWith('/') ? rest : `/${rest}`, authority)
}

function split(target: string, pathAndQuery: string, authority: string | undefined): Target {
  const mark = pathAndQuery.indexOf('?')
  return mark === -1
    ? { target, path: pathAndQuery, query: '', authority }
    : { target, path: pathAndQuery.slice(0, mark), query: pathAndQuery.slice(mark + 1), authority }
}
