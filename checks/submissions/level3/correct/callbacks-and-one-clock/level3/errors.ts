/** Faults as answers: one shape for every one of them. `../level2/errors.ts` is the catalogue. */
import { faults, RequestError } from '../level2/errors.ts'
import type { Response } from '../level2/http.ts'

/** `application/json`: `{"error":{"code":"NOT_FOUND","status":404,"message":"…"}}`, and the fields of the fault. */
export function errorResponse(error: RequestError): Response {
  const { code } = error
  const { status, message } = faults[code]
  return {
    status,
    headers: { ...error.headers, 'Content-Type': 'application/json' },
    // JSON objects have no order, and white space in them means nothing.
    content: `${JSON.stringify({ error: { message: `${message}.`, status, code } }, undefined, 1)}\n`,
  }
}

/** What was thrown, as a fault: itself, or `INTERNAL_ERROR` with what was thrown as its `cause`. */
export function toRequestError(thrown: unknown): RequestError {
  return thrown instanceof RequestError
    ? thrown
    : new RequestError('INTERNAL_ERROR', { cause: thrown })
}

/** After these nobody knows where the next request begins, or there will be none. */
const closing: ReadonlySet<number> = new Set([400, 408, 413, 414, 417, 431, 501, 505])

/** Whether the connection closes after an answer of this status. */
export function closesConnection(status: number): boolean {
  return closing.has(status)
}
