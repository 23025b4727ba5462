/** Everything that can be wrong with a request, as data. */

/** Code → the status that answers it, and a sentence for the client. */
export const catalogue = {
  REQUEST_LINE_TOO_LONG: [414, 'The request line is too long'], // RFC 9110 §15.5.15
  INVALID_REQUEST_LINE: [400, 'The request line is not "method target version"'], // RFC 9112 §3
  INVALID_TARGET: [400, 'The request target has none of the forms that its method allows'], // RFC 9112 §3.2
  UNSUPPORTED_VERSION: [505, 'This server speaks HTTP/1.1'], // RFC 9110 §15.6.6
  HEADER_SECTION_TOO_LARGE: [431, 'The header section is too large'], // RFC 6585 §5
  INVALID_LINE_END: [400, 'A CR or LF is not part of a CRLF'], // RFC 9112 §2.2
  INVALID_FIELD_LINE: [400, 'A field line is not "name: value"'], // RFC 9112 §5
  INVALID_HOST: [400, 'Exactly one valid Host is required'], // RFC 9112 §3.2
  INVALID_CONTENT_LENGTH: [400, 'Content-Length is not one decimal number'], // RFC 9112 §6.3
  // RFC 9112 §6.1 would have us understand `chunked`; that is task 2.2.
  TRANSFER_CODING_NOT_IMPLEMENTED: [501, 'This server knows no transfer coding'],
  METHOD_NOT_IMPLEMENTED: [501, 'This server does not know the method'], // RFC 9110 §15.6.2
  NOT_FOUND: [404, 'There is nothing here'], // RFC 9110 §15.5.5
  METHOD_NOT_ALLOWED: [405, 'The method is not allowed here'], // RFC 9110 §15.5.6
  CONTENT_TOO_LARGE: [413, 'The content is too large'], // RFC 9110 §15.5.14
  INCOMPLETE_REQUEST: [400, 'The connection ended before the request did'], // RFC 9112 §8
} as const satisfies Record<string, readonly [status: number, message: string]>

export type ErrorCode = keyof typeof catalogue

/** A request that is refused. The damage is one request: answer it, then close the connection. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: ErrorCode
  readonly status: number
  /** Fields that the answer must carry, such as Allow. */
  readonly fields: Readonly<Record<string, string>>

  constructor(code: ErrorCode, fields: Readonly<Record<string, string>> = {}) {
    const [status, message] = catalogue[code]
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
  }
}
