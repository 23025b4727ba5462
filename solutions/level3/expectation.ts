import { RequestError } from '../level2/errors.ts'
import type { Request } from '../level2/http.ts'
import { listMembers } from '../level2/lists.ts'

const NONE: readonly string[] = []

/** Whether the client waits for a 100 before it sends its content (RFC 9110 §10.1.1). */
export function waitsForContinue(request: Request): boolean {
  return expectationsOf(request).includes('100-continue')
}

/**
 * As `waitsForContinue`, of a request that is going to be served.
 *
 * @throws {RequestError} `EXPECTATION_FAILED` for anything else that the client expects
 */
export function expectsContinue(request: Request): boolean {
  const expectations = expectationsOf(request)
  if (expectations.some((expectation) => expectation !== '100-continue')) {
    throw new RequestError('EXPECTATION_FAILED')
  }
  return expectations.length > 0
}

/** A client of HTTP/1.0 does not know what a 1xx answer is: its expectations are ignored (RFC 9110 §10.1.1). */
function expectationsOf({ version, headers }: Request): readonly string[] {
  const expectations = headers.get('expect')
  if (expectations === undefined || version === 'HTTP/1.0') return NONE
  return listMembers(expectations)
}
