/** Given. Every reason this server has for refusing a request, as data. */

/** Code → the status it is answered with, and a sentence for whoever reads the answer. */
export const faults = {
  // The request line, in the order in which its faults are looked for.
  REQUEST_LINE_TOO_LONG: { status: 414, message: 'The request line is too long' }, // RFC 9110 §15.5.15
  INVALID_REQUEST_LINE: {
    status: 400,
    message: 'The request line is not "method target HTTP/1.1"',
  }, // RFC 9112 §3
  INVALID_TARGET: { status: 400, message: 'The request target has none of the allowed forms' }, // RFC 9112 §3.2
  UNSUPPORTED_VERSION: { status: 505, message: 'Only HTTP/1.x is spoken here' }, // RFC 9110 §15.6.6

  // The header section.
  FIELD_SECTION_TOO_LARGE: { status: 431, message: 'The header section is too large' }, // RFC 6585 §5
  INVALID_FIELD_LINE: { status: 400, message: 'A field line is not "name: value"' }, // RFC 9112 §5
  INVALID_HOST: { status: 400, message: 'Host is missing, repeated or invalid' }, // RFC 9112 §3.2
  INVALID_CONTENT_LENGTH: { status: 400, message: 'Content-Length is not one decimal number' }, // RFC 9112 §6.3
  AMBIGUOUS_LENGTH: {
    status: 400,
    message: 'Both Transfer-Encoding and Content-Length are present',
  }, // RFC 9112 §6.3
  INVALID_TRANSFER_ENCODING: {
    status: 400,
    message: 'In Transfer-Encoding, "chunked" is missing, repeated, not last, or not allowed',
  }, // RFC 9112 §6.1
  UNKNOWN_TRANSFER_CODING: {
    status: 501,
    message: 'Only the transfer coding "chunked" is known here',
  }, // RFC 9112 §6.1

  // The request as a whole, also in this order.
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests from this address' }, // RFC 6585 §4 (level 3)
  UNKNOWN_METHOD: { status: 501, message: 'This method is not known here' }, // RFC 9110 §9.1
  INVALID_PATH: { status: 400, message: 'The path is not percent-encoded UTF-8' }, // RFC 3986 §2.1
  NOT_FOUND: { status: 404, message: 'Nothing is found at this path' }, // RFC 9110 §15.5.5
  METHOD_NOT_ALLOWED: { status: 405, message: 'This path does not serve this method' }, // RFC 9110 §15.5.6
  INVALID_PARAMETER: { status: 400, message: 'A parameter in the path is out of range' }, // RFC 9110 §15.5.1
  EXPECTATION_FAILED: { status: 417, message: 'The only expectation met here is "100-continue"' }, // RFC 9110 §15.5.18
  PRECONDITION_FAILED: {
    status: 412,
    message: 'The file is not the one that the request is about',
  }, // RFC 9110 §15.5.13 (level 3)
  RANGE_NOT_SATISFIABLE: { status: 416, message: 'No part of the file lies in the range' }, // RFC 9110 §15.5.17 (level 3)

  // The content.
  CONTENT_TOO_LARGE: { status: 413, message: 'The content is too large' }, // RFC 9110 §15.5.14
  INVALID_CHUNK: { status: 400, message: 'The chunked framing is broken' }, // RFC 9112 §7.1

  // Whatever else can happen.
  INCOMPLETE_REQUEST: {
    status: 400,
    message: 'The connection was closed in the middle of the request',
  }, // RFC 9112 §8
  REQUEST_TIMEOUT: { status: 408, message: 'The request did not arrive in time' }, // RFC 9110 §15.5.9
  INTERNAL_ERROR: { status: 500, message: 'Something went wrong on our side' }, // RFC 9110 §15.6.1
  TOO_BUSY: { status: 503, message: 'Too much work is waiting already' }, // RFC 9110 §15.6.4
  TOO_MANY_CONNECTIONS: { status: 503, message: 'Too many connections are open already' }, // RFC 9110 §15.6.4 (level 3)
} as const satisfies Record<string, { status: number; message: string }>

/** The name of a fault: for programs and tests; `message` is for people. */
export type FaultCode = keyof typeof faults

/** A request that cannot be served. `new RequestError('METHOD_NOT_ALLOWED', { headers: { Allow: 'GET' } })` */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: FaultCode
  readonly status: number
  /** Fields the answer carries besides its own: Allow, Retry-After. */
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(
    code: FaultCode,
    options: { headers?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(faults[code].message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.status = faults[code].status
    this.headers = options.headers
  }
}
