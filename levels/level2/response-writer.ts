/** Writes one answer to a socket, no faster than the client reads it. */
import type { Socket } from 'node:net'
import type { Response } from './http.ts'
import { NotImplementedError } from './not-implemented.ts'

/** How an answer is written. */
export interface WriteOptions {
  /** It answers a HEAD: the same fields, no content (RFC 9110 §9.3.2). */
  readonly withoutContent: boolean
  /** It is the last one on this connection: the close option is sent (RFC 9112 §9.6). */
  readonly close: boolean
  /** The socket is destroyed when the client takes nothing for so long; 0 means never. */
  readonly timeoutMs: number
}

/** Given. The client left, or took nothing for too long, before it had the whole answer. */
export class AnswerAborted extends Error {
  override readonly name = 'AnswerAborted'

  constructor() {
    super('The client was gone before it had the whole answer.')
  }
}

/**
 * Writes `response`, and resolves when the kernel has taken its last byte.
 *
 * At most one piece of content waits in this process. However it ends, nothing is kept: no timer
 * runs, and the `return` of a stream has been called.
 *
 * Rejects with {@link AnswerAborted} when the socket closes first. Rejects with the stream's own error
 * when that fails or is not as long as it said; the socket is then reset, because an incomplete answer
 * must not look complete (RFC 9112 §8).
 */
export async function writeResponse(
  _socket: Socket,
  _response: Response,
  _options: WriteOptions,
): Promise<void> {
  // TODO(2.3): Send the head and a small content in one write. 2.7 makes it wait for slow clients.
  throw new NotImplementedError('2.3', 'writeResponse')
}

/** The status line and the header section, empty line included (RFC 9112 §4, §5). Date is among the fields. */
export function formatHead(
  _response: Response,
  _contentLength: number | undefined,
  _close: boolean,
): string {
  // TODO(2.3): You wrote this in level 1. What does it cost to make the same date for every answer?
  throw new NotImplementedError('2.3', 'formatHead')
}
