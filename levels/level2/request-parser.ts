/** The bytes of one connection, split into requests. */
import type { RequestError } from './errors.ts'
import type { Request } from './http.ts'
import { NotImplementedError } from './not-implemented.ts'

/** How much of a request is taken in. Exactly the limit passes. */
export interface ParserLimits {
  /** The request line, its CRLF not counted. */
  readonly maxRequestLineBytes: number
  /** From the first field name to the end of the empty line; the same again for a trailer section. */
  readonly maxHeaderBytes: number
  /** The content, framing not counted. */
  readonly maxContentBytes: number
}

/** Lets the owner of a parser have a say before content is read. */
export interface ParserHooks {
  /**
   * Called as soon as a header section is complete and without fault, before any content is looked at.
   * `contentLength` is what is to come: 0 for nothing, `undefined` when it is not known beforehand (chunked).
   *
   * The request is the very object that `push` will return; its content is still empty.
   * A `RequestError` thrown in here ends the parsing as a fault of the request would.
   */
  onHead?(request: Request, contentLength: number | undefined): void
}

/**
 * Splits the bytes of one connection into requests.
 *
 * A read can hold part of a request, exactly one, or several. Whatever is incomplete is kept for the next call,
 * and however the bytes are cut, the same requests and the same fault come out. The work is in proportion to
 * the bytes, also when they come one by one: nothing is looked at twice.
 *
 * Faults are found in this order: 414, 400 of the request line, 505, 431, 400 of the field lines and the framing,
 * 501 of the transfer coding; then `onHead` is called; then 413 and the faults of the content.
 */
export class RequestParser {
  /** The first fault. From then on `push` returns nothing. */
  readonly error: RequestError | undefined = undefined

  /** `idle`: nothing of the next request has come; `head`: up to the end of its header section; `content`: after it. */
  readonly state: 'idle' | 'head' | 'content' = 'idle'

  constructor(_limits: ParserLimits, _hooks?: ParserHooks) {
    // TODO(2.1): Keep what push needs to know.
    throw new NotImplementedError('2.1', 'RequestParser')
  }

  /**
   * Takes the next bytes read from the socket and returns the requests they complete, in order, at most `most`.
   * Bytes that come after those are kept unread: `push(empty, most)` goes on with them.
   *
   * Never throws for bad bytes: they end in `error`, and requests completed before them are returned.
   *
   * RFC 9112 §2.2 (parsing), §3 (request line and target), §5 (field lines), §6 (framing).
   */
  push(_bytes: Buffer, _most: number = Infinity): Request[] {
    // TODO(2.1): Find the LF that ends the request line, then the empty line that ends the header section.
    throw new NotImplementedError('2.1', 'RequestParser.push')
  }

  /** Called in `onHead`: the content of this request is read to its end and within its limit, but not kept. */
  dropContent(): void {
    // TODO(2.1): Remember it until the request is complete.
    throw new NotImplementedError('2.1', 'RequestParser.dropContent')
  }

  /** The client has sent FIN: a request that is under way will never be complete (`INCOMPLETE_REQUEST`). */
  end(): void {
    // TODO(2.1): Ask what state the last byte has left.
    throw new NotImplementedError('2.1', 'RequestParser.end')
  }
}
