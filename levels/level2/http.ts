/** Given. What passes between the parts of the server: requests, responses, handlers. */

/** A request, as a handler gets it. */
export interface Request {
  readonly method: string
  /** The request target as it was received: visible ASCII without `#`, nothing decoded. */
  readonly target: string
  /** The target's path, still percent-encoded: `/a%20b`; `/` when an absolute-form has none; `*` for asterisk-form. */
  readonly path: string
  /** What stands between `?` and the end of the target, still encoded; empty when there is none. */
  readonly query: string
  /** HTTP/1.x with x > 1 is treated as 1.1. */
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
  /** Lower-case names. Several lines of one name are joined by `, ` (RFC 9110 §5.3). */
  readonly headers: ReadonlyMap<string, string>
  /** Complete by the time a handler is called. */
  readonly content: Buffer
}

/** An answer, as a handler gives it. Date, Content-Length and Connection are not a handler's business. */
export interface Response {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** A string is sent as UTF-8. */
  readonly content?: string | Uint8Array | ContentStream
}

/** Content that is made while it is sent: the next piece is asked for when the client has room for it. */
export interface ContentStream {
  /** In bytes; `undefined` when it is not known beforehand (level 3 then sends it chunked). */
  readonly length: number | undefined
  /** The iterator's `return` is called when the client leaves: it frees everything. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}

/** Who sent the request. */
export interface Client {
  /** `undefined` once the connection is gone. */
  readonly remoteAddress: string | undefined
  /** Aborted when the client can no longer be answered: work that has not begun need not begin. */
  readonly gone: AbortSignal
}

/** Values of a route's parameters, percent-decoded. */
export type Params = Readonly<Record<string, string>>

/** Answers one request. What it throws is answered by its status (a `RequestError`), or by 500. */
export type Handler = (
  request: Request,
  params: Params,
  client: Client,
) => Response | Promise<Response>

/** The methods this server has heard of (RFC 9110 §9.3, RFC 5789). CONNECT is for proxies. */
export const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
])

/** The reason phrase of a status line (RFC 9112 §4): for people, no client acts on it. */
export function reasonPhrase(status: number): string {
  return reasonPhrases[status] ?? ''
}

const reasonPhrases: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  204: 'No Content',
  206: 'Partial Content',
  304: 'Not Modified',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
}
