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
  if (target === '*' && method === 'OPTIONS')
    return { target, path: '*', query: '', authority: undefined }

  // The authority-form of CONNECT, or whatever a method means by it: the method will be refused.
  if (!knownMethods.has(method)) return { target, path: target, query: '', authority: undefined }

  const { authority, rest } =
    /^[a-z][a-z0-9+.-]*:\/\/(?<authority>[^/?]+)(?<rest>.*)$/i.exec(target)?.groups ?? {}
  if (authority === undefined || rest === undefined || !isHost(authority)) {
    throw new RequestError('INVALID_TARGET')
  }
  return split(target, rest.startsWith('/') ? rest : `/${rest}`, authority)
}

function split(target: string, pathAndQuery: string, authority: string | undefined): Target {
  const mark = pathAndQuery.indexOf('?')
  return mark === -1
    ? { target, path: pathAndQuery, query: '', authority }
    : { target, path: pathAndQuery.slice(0, mark), query: pathAndQuery.slice(mark + 1), authority }
}
