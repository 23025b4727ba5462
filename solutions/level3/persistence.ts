import type { Request } from '../level2/http.ts'
import { listMembers } from '../level2/lists.ts'

/** Whether the client wants the connection to stay open (RFC 9112 §9.3). */
export function wantsPersistence({ version, headers }: Request): boolean {
  const options = headers.get('connection')
  if (options === undefined) return version === 'HTTP/1.1'

  const members = listMembers(options)
  if (members.includes('close')) return false
  return version === 'HTTP/1.1' || members.includes('keep-alive')
}
