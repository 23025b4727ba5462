/** Faults as answers: one shape for every one of them. `../level2/errors.ts` is the catalogue. */
import type { RequestError } from '../level2/errors.ts'
import type { Response } from '../level2/http.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'

/** `application/json`: `{"error":{"code":"NOT_FOUND","status":404,"message":"…"}}`, and the fields of the fault. */
export function errorResponse(_error: RequestError): Response {
  // TODO(3.6): Take everything from the fault; nothing of a stack may get out.
  throw new NotImplementedError('3.6', 'errorResponse')
}

/** What was thrown, as a fault: itself, or `INTERNAL_ERROR` with what was thrown as its `cause`. */
export function toRequestError(_thrown: unknown): RequestError {
  // TODO(3.6): JavaScript throws anything, not errors alone.
  throw new NotImplementedError('3.6', 'toRequestError')
}

/** Whether the connection closes after an answer of this status. */
export function closesConnection(_status: number): boolean {
  // TODO(3.1): Ask after which faults nobody knows where the next request begins.
  throw new NotImplementedError('3.1', 'closesConnection')
}
