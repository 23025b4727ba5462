/** Content that comes in chunks, each with its size before it (RFC 9112 §7.1). */
import { NotImplementedError } from './not-implemented.ts'

/** A chunk line (size and extensions) longer than this, CRLF not counted, is refused. */
export const MAX_CHUNK_LINE_BYTES = 4096

export interface ChunkedLimits {
  /** The sum of all chunk sizes. */
  readonly maxContentBytes: number
  /** The trailer section, counted as a header section is. */
  readonly maxHeaderBytes: number
}

/**
 * Takes the framing off one chunked message body.
 *
 * Chunk extensions are ignored; the trailer section is read and dropped. However the bytes are cut, the same
 * content and the same fault come out.
 */
export class ChunkedDecoder {
  /** The last chunk and the trailer section have been read. */
  readonly done: boolean = false

  /** `onContent` gets the content piece by piece: parts of the bytes that were pushed, not copies. */
  constructor(_limits: ChunkedLimits, _onContent: (bytes: Buffer) => void) {
    // TODO(2.2): Keep what push needs to know.
    throw new NotImplementedError('2.2', 'ChunkedDecoder')
  }

  /**
   * Takes the next bytes from `start` on and returns the index of the first that is no longer part of this
   * message body: `bytes.length` as long as it is not done.
   *
   * @throws {RequestError} `INVALID_CHUNK`: a size that is no hexadecimal number, or has more than 16 digits after its
   *   leading zeros; a chunk line over `MAX_CHUNK_LINE_BYTES`; a line end that is not CRLF ·
   *   `CONTENT_TOO_LARGE`: as soon as the declared sizes add up to more than the limit, before the chunk is read ·
   *   `FIELD_SECTION_TOO_LARGE`, `INVALID_FIELD_LINE`: of the trailer section
   */
  push(_bytes: Buffer, _start: number = 0): number {
    // TODO(2.2): Read the chunk line; what follows it depends on whether the size is 0.
    throw new NotImplementedError('2.2', 'ChunkedDecoder.push')
  }
}
