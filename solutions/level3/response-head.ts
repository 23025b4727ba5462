import { flat } from './flat.ts'
import { reasonPhrase } from '../level2/http.ts'
import { httpDate } from './http-date.ts'

export type Fields = Readonly<Record<string, string>>

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
 * `moreLines` are field lines as they are sent, each with its line end.
 *
 * @throws {TypeError} when a value would end its line, or is not one byte a character; names are taken as they are
 */
export function formatHead(
  status: number,
  fields: Fields,
  moreLines: string,
  { length, connection }: Framing,
): string {
  let head = beginning(status, fields) + moreLines
  if (connection !== undefined) head += `Connection: ${connection}\r\n`
  if (length === 'chunked') return `${head}Transfer-Encoding: chunked\r\n\r\n`
  return length === undefined ? `${head}\r\n` : head + lengthAndEnd(length)
}

/** Most beginnings that are kept. */
const MOST_BEGINNINGS = 256

/** Frozen fields → the beginning of a 200 with them, of this second. */
const beginnings = new Map<Fields, string>()
let beginningsDate = ''

/**
 * Everything that answers with the same status and the same fields have in common during one second.
 *
 * Nearly all of them are a 200 whose fields are one frozen object, which can never say anything else: for those it is
 * made once.
 */
function beginning(status: number, fields: Fields): string {
  if (status !== 200) return makeBeginning(status, fields)

  const date = httpDate()
  if (date !== beginningsDate || beginnings.size > MOST_BEGINNINGS) {
    beginnings.clear()
    beginningsDate = date
  }
  return beginnings.get(fields) ?? keepBeginning(status, fields)
}

function keepBeginning(status: number, fields: Fields): string {
  const head = makeBeginning(status, fields)
  if (!Object.isFrozen(fields)) return head

  const kept = flat(head)
  beginnings.set(fields, kept)
  return kept
}

function makeBeginning(status: number, fields: Fields): string {
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${httpDate()}\r\n${fieldLines(fields)}`
}

function fieldLines(fields: Fields): string {
  let lines = ''
  for (const name in fields) lines += fieldLine(name, fields[name] as string)
  return lines
}

/** A value with a line end in it would write fields of its own, or a whole answer (RFC 9110 §5.5). */
function fieldLine(name: string, value: string): string {
  if (!/^[\t -~\x80-\xff]*$/.test(value)) {
    throw new TypeError(`The value of ${name} is no field value.`)
  }
  return `${name}: ${value}\r\n`
}

/** Longer contents are seldom of the same length. */
const SHORT_BYTES = 1_024

/** The ends of heads of short contents, by their length: each is made when it is first needed. */
const ends: (string | undefined)[] = Array.from({ length: SHORT_BYTES })

function lengthAndEnd(length: number): string {
  if (length >= SHORT_BYTES) return makeEnd(length)
  return (ends[length] ??= flat(makeEnd(length)))
}

function makeEnd(length: number): string {
  return `Content-Length: ${length}\r\n\r\n`
}
