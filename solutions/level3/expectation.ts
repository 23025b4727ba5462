import { RequestError } from '../level2/errors.ts'
import type { Request } from '../level2/http.ts'
import { listMembers } from '../level2/lists.ts'

/**
 * Whether the client waits for a 100 before it sends its content (RFC 9110 §10.1.1).
 *
 * @throws {RequestError} `EXPECTATION_FAILED` for anything else that it expects
 */
export function expectsContinue({ version, headers }: Request): boolean {
  const expectations = headers.get('expect')
  // A client of HTTP/1.0 does not know what a 1xx answer is.
  if (expectations === undefined || version === 'HTTP/1.0') return false
  if (listMembers(expectations).some((expectation) => expectation !== '100-continue')) {
    throw new RequestError('EXPECTATION_FAILED')
  }
  return true
}
