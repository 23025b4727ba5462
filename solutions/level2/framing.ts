import { RequestError } from './errors.ts'
import type { Request } from './http.ts'
import { listMembers } from './lists.ts'

/**
 * How many bytes of content follow a header section; `undefined`: as many as the chunks say (RFC 9112 §6.3).
 *
 * A number too large to be exact is as good as infinite: no limit lets it pass.
 *
 * @throws {RequestError} `AMBIGUOUS_LENGTH`, `INVALID_CONTENT_LENGTH`, `INVALID_TRANSFER_ENCODING`, `UNKNOWN_TRANSFER_CODING`
 */
export function contentLength(
  headers: ReadonlyMap<string, string>,
  version: Request['version'],
): number | undefined {
  const length = headers.get('content-length')
  const codings = headers.get('transfer-encoding')
  if (codings !== undefined) {
    // Two lengths are how one request hides inside another (RFC 9112 §11.2).
    // We refuse; RFC 9112 §6.3 would also let us go by Transfer-Encoding alone.
    if (length !== undefined) throw new RequestError('AMBIGUOUS_LENGTH')
    checkCodings(codings, version)
    return undefined
  }
  if (length === undefined) return 0

  // Several lines, joined by a comma, fail here too, even equal ones.
  if (!/^[0-9]+$/.test(length)) throw new RequestError('INVALID_CONTENT_LENGTH')
  const bytes = Number(length)
  return Number.isSafeInteger(bytes) ? bytes : Infinity
}

/** The one coding we take off is `chunked`, and it says where the content ends: it comes once, and last (RFC 9112 §6.1, §6.3). */
function checkCodings(list: string, version: Request['version']): void {
  // An HTTP/1.0 recipient on the way may have passed the field on without knowing it (RFC 9112 §6.1).
  if (version === 'HTTP/1.0') throw new RequestError('INVALID_TRANSFER_ENCODING')

  const codings = listMembers(list)
  const chunked = codings.indexOf('chunked')
  if (codings.length === 0 || (chunked !== -1 && chunked !== codings.length - 1)) {
    throw new RequestError('INVALID_TRANSFER_ENCODING')
  }
  // 501 (RFC 9112 §6.1); where `chunked` is missing, 400 would be right as well (§6.3).
  if (codings.length > 1 || chunked === -1) throw new RequestError('UNKNOWN_TRANSFER_CODING')
}
