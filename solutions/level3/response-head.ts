import { reasonPhrase } from '../level2/http.ts'
import { httpDate } from './http-date.ts'

/** What ends the header section of an answer: how long the content is, and what becomes of the connection. */
export interface Framing {
  /** In bytes; `chunked`; `undefined`: nothing is said, because there is no content or it ends with the connection. */
  readonly length: number | 'chunked' | undefined
  /** `close` or `keep-alive`; `undefined`: what the version of the client takes for granted. */
  readonly connection: 'close' | 'keep-alive' | undefined
}

/**
 * The status line and the header section, empty line included (RFC 9112 §4, §5).
 *
 * @throws {TypeError} when a field would end its line, or is not one byte a character
 */
export function formatHead(
  status: number,
  fields: readonly (Readonly<Record<string, string>> | undefined)[],
  { length, connection }: Framing,
): string {
  let head = `${statusLine(status)}Date: ${httpDate()}\r\n`
  for (const record of fields) {
    for (const name in record) head += fieldLine(name, record[name] as string)
  }
  if (length === 'chunked') head += 'Transfer-Encoding: chunked\r\n'
  else if (length !== undefined) head += `Content-Length: ${length}\r\n`
  if (connection !== undefined) head += `Connection: ${connection}\r\n`
  return `${head}\r\n`
}

const statusLines: string[] = []

function statusLine(status: number): string {
  return (statusLines[status] ??= `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`)
}

/** A value with a line end in it would write fields of its own, or a whole answer (RFC 9110 §5.5). */
function fieldLine(name: string, value: string): string {
  if (!/^[\t -~\x80-\xff]*$/.test(value))
    throw new TypeError(`The value of ${name} is no field value.`)
  return `${name}: ${value}\r\n`
}
