/** Writes one answer to a socket, no faster than the client reads it. */
import type { Socket } from 'node:net'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { checkContent, checkPiece, freeContent } from './content.ts'
import { type ContentStream, reasonPhrase, type Response } from './http.ts'

/** How an answer is written. */
export interface WriteOptions {
  /** It answers a HEAD: the same fields, no content (RFC 9110 §9.3.2). */
  readonly withoutContent: boolean
  /** It is the last one on this connection: the close option is sent (RFC 9112 §9.6). */
  readonly close: boolean
  /** The socket is destroyed when the client takes nothing for so long; 0 means never. */
  readonly timeoutMs: number
}

/** The client left, or took nothing for too long, before it had the whole answer. */
export class AnswerAborted extends Error {
  override readonly name = 'AnswerAborted'

  constructor() {
    super('The client was gone before it had the whole answer.')
  }
}

/** Content is handed over in pieces of at most this size: a piece that was taken is progress. */
const PIECE_BYTES = 65_536

/** After so many bytes, other connections get their turn, however fast this client reads. */
const TURN_BYTES = 1_048_576

/**
 * Writes `response`, and resolves when the kernel has taken its last byte.
 *
 * At most one piece of content waits in this process. However it ends, nothing is kept: no timer
 * runs, and a stream that was begun has ended, or its `return` has been called. It is not begun for
 * HEAD, 204 and 304, nor when the socket closes before it has taken the head.
 *
 * Rejects with {@link AnswerAborted} when the socket closes first. Rejects with the stream's own error
 * when that fails or is not as long as it said; the socket is then reset, because an incomplete answer
 * must not look complete (RFC 9112 §8).
 */
export async function writeResponse(
  socket: Socket,
  response: Response,
  options: WriteOptions,
): Promise<void> {
  const content = contentOf(response)
  const head = Buffer.from(formatHead(response, content.length, options.close), 'latin1')

  if (options.withoutContent || !hasContent(response.status)) {
    return await send(socket, head, options)
  }
  if (content instanceof Uint8Array && content.length <= PIECE_BYTES) {
    return await send(socket, Buffer.concat([head, content]), options)
  }
  await send(socket, head, options)
  await sendStream(socket, content instanceof Uint8Array ? pieces(content) : content, options)
}

/** The status line and the header section, empty line included (RFC 9112 §4, §5). */
export function formatHead(
  { status, headers = {} }: Response,
  contentLength: number | undefined,
  close: boolean,
): string {
  let head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\nDate: ${httpDate()}\r\n`
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${oneLine(value)}\r\n`
  // Without one, content ends with the connection (RFC 9112 §6.3). A 204 must not have one, a 304 need not (RFC 9110 §8.6).
  if (contentLength !== undefined && hasContent(status)) {
    head += `Content-Length: ${contentLength}\r\n`
  }
  return head + (close ? 'Connection: close\r\n\r\n' : '\r\n')
}

/** 204 and 304 end with their header section (RFC 9110 §15.3.5, §15.4.5). */
function hasContent(status: number): boolean {
  return status !== 204 && status !== 304
}

/** A value with a line end in it would write fields of its own, or a whole answer; so would a character of more than one byte, cut to one (RFC 9110 §5.5). */
function oneLine(value: string): string {
  if (!/^[\t -~\x80-\xff]*$/.test(value)) throw new TypeError('This is no field value.')
  return value
}

let dateText = ''
let dateSecond = -1

/** Now, as `Date` wants it (RFC 9110 §5.6.7): made once a second, not once an answer. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(second * 1000).toUTCString()
  }
  return dateText
}

function contentOf({ content = '' }: Response): Uint8Array | ContentStream {
  checkContent(content)
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content
}

function pieces(content: Uint8Array): ContentStream {
  return {
    length: content.length,
    async *[Symbol.asyncIterator]() {
      for (let start = 0; start < content.length; start += PIECE_BYTES) {
        yield content.subarray(start, start + PIECE_BYTES)
      }
    },
  }
}

async function sendStream(
  socket: Socket,
  content: ContentStream,
  options: WriteOptions,
): Promise<void> {
  let iterator: AsyncIterator<Uint8Array> | undefined
  // A client can leave while the next piece is being made: whatever makes it is told at once.
  const stop = () => void freeContent(() => iterator)
  socket.once('close', stop)
  try {
    const begun = (iterator = content[Symbol.asyncIterator]())
    await sendPieces(socket, { [Symbol.asyncIterator]: () => begun }, content.length, options)
  } catch (error) {
    socket.resetAndDestroy()
    throw error
  } finally {
    socket.off('close', stop)
  }
}

async function sendPieces(
  socket: Socket,
  content: AsyncIterable<Uint8Array>,
  length: number | undefined,
  options: WriteOptions,
): Promise<void> {
  let sent = 0
  let turnAt = TURN_BYTES
  for await (const piece of content) {
    checkPiece(piece)
    sent += piece.length
    if (length !== undefined && sent > length)
      throw new Error('The content is longer than it said.')
    await send(socket, piece, options)
    if (sent < turnAt) continue
    turnAt = sent + TURN_BYTES
    await turnOfTheLoop()
  }
  if (socket.destroyed) throw new AnswerAborted()
  if (length !== undefined && sent < length) throw new Error('The content is shorter than it said.')
}

/** Resolves when the kernel has taken `bytes`. */
async function send(socket: Socket, bytes: Uint8Array, { timeoutMs }: WriteOptions): Promise<void> {
  if (!socket.writable) throw new AnswerAborted()
  // A reset also frees what the kernel still holds for this client.
  const giveUp = () => socket.resetAndDestroy()
  const patience = timeoutMs > 0 ? setTimeout(giveUp, timeoutMs) : undefined
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.write(bytes, () => resolve())
  await promise
  clearTimeout(patience)
  if (socket.destroyed) throw new AnswerAborted()
}
