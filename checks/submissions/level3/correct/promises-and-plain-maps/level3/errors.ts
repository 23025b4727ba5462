/** Faults as answers: one shape for every one of them. `../level2/errors.ts` is the catalogue. */
import { RequestError } from '../level2/errors.ts'
import type { Response } from '../level2/http.ts'

export function errorResponse({ code, status, message, headers }: RequestError): Response {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    content: JSON.stringify({ error: { code, status, message } }),
  }
}

export function toRequestError(thrown: unknown): RequestError {
  return thrown instanceof RequestError
    ? thrown
    : new RequestError('INTERNAL_ERROR', { cause: thrown })
}

const CLOSING = [400, 408, 413, 414, 417, 431, 501, 505]

export function closesConnection(status: number): boolean {
  return CLOSING.includes(status)
}
