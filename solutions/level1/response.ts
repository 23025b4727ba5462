import { type RequestError } from './errors.ts'

/** What a handler answers. Everything else in a response follows from it. */
export interface Response {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly content: Buffer
}

const reasonPhrases: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
}

/** A text, 200 unless something else is said. */
export function text(
  words: string,
  status = 200,
  fields: Readonly<Record<string, string>> = {},
): Response {
  return {
    status,
    fields: { ...fields, 'Content-Type': 'text/plain; charset=utf-8' },
    content: Buffer.from(words),
  }
}

/** The answer to a request that is refused. */
export function refusal(error: RequestError): Response {
  return text(error.message, error.status, error.fields)
}

/**
 * The bytes of a response (RFC 9112 §4, §5).
 *
 * The answer to HEAD has the fields of the answer to GET, Content-Length included, and no
 * content (RFC 9110 §9.3.2).
 */
export function serialize(response: Response, method: string | undefined): Buffer {
  const { status, fields, content } = response
  const lines = [
    `HTTP/1.1 ${status} ${reasonPhrases[status] ?? ''}`,
    `Date: ${new Date().toUTCString()}`,
    ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${content.length}`,
    'Connection: close',
  ]
  // One byte a character: a value that came in a request leaves as it came.
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return method === 'HEAD' ? head : Buffer.concat([head, content])
}
