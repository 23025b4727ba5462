/** Faults as answers: one shape for every one of them. */
import { RequestError } from '../level2/errors.ts'
import type { Response } from '../level2/http.ts'

/** After these the connection closes: the client and we may disagree about where the next request begins (RFC 9112 §6.3, §9.3). */
const closingStatuses: ReadonlySet<number> = new Set([400, 408, 413, 414, 417, 431, 501, 505])

/** `{"error":{"code":"NOT_FOUND","status":404,"message":"…"}}` */
export function errorResponse({ code, status, message, headers }: RequestError): Response {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    content: JSON.stringify({ error: { code, status, message } }),
  }
}

/** What was thrown, as a fault. Whatever it says stays with us, as `cause`. */
export function toRequestError(thrown: unknown): RequestError {
  return thrown instanceof RequestError
    ? thrown
    : new RequestError('INTERNAL_ERROR', { cause: thrown })
}

/** Whether the connection closes after an answer of this status. */
export function closesConnection(status: number): boolean {
  return closingStatuses.has(status)
}
