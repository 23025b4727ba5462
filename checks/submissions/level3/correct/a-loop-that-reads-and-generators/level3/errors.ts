import { RequestError } from '../level2/errors.ts'
import type { Response } from '../level2/http.ts'

export const errorResponse = ({ code, status, message, headers }: RequestError): Response => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  content: JSON.stringify({ error: { message, status, code } }),
})

export const toRequestError = (thrown: unknown): RequestError =>
  thrown instanceof RequestError ? thrown : new RequestError('INTERNAL_ERROR', { cause: thrown })

const CLOSING = new Set([400, 408, 413, 414, 417, 431, 501, 505])

export const closesConnection = (status: number): boolean => CLOSING.has(status)
