/** Content that comes in chunks, each with its size before it (RFC 9112 §7.1). */
import { RequestError } from './errors.ts'
import { parseFieldLines } from './field-lines.ts'
import { HeadReader } from './head-reader.ts'

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
  readonly #limits: ChunkedLimits
  readonly #onContent: (bytes: Buffer) => void
  readonly #reader = new HeadReader()
  /** What the next byte belongs to. */
  #part: 'chunk line' | 'data' | 'end of data' | 'trailer section' | 'nothing' = 'chunk line'
  /** Bytes of the chunk that are still to come. */
  #left = 0
  /** The sizes of all chunks so far. */
  #total = 0

  /** `onContent` gets the content piece by piece: parts of the bytes that were pushed, not copies. */
  constructor(limits: ChunkedLimits, onContent: (bytes: Buffer) => void) {
    this.#limits = limits
    this.#onContent = onContent
  }

  /** The last chunk and the trailer section have been read. */
  get done(): boolean {
    return this.#part === 'nothing'
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
  push(bytes: Buffer, start: number = 0): number {
    let at = start
    while (at < bytes.length && !this.done) at = this.#read(bytes, at)
    return at
  }

  #read(bytes: Buffer, at: number): number {
    switch (this.#part) {
      case 'chunk line':
        return this.#readChunkLine(bytes, at)
      case 'data':
        return this.#readData(bytes, at)
      case 'end of data':
        return this.#readEndOfData(bytes, at)
      default:
        return this.#readTrailerSection(bytes, at)
    }
  }

  #readChunkLine(bytes: Buffer, at: number): number {
    const reader = this.#reader
    const next = reader.readLine(bytes, at, MAX_CHUNK_LINE_BYTES, 'INVALID_CHUNK')
    if (next === -1) return bytes.length

    this.#left = chunkSize(reader.source.toString('latin1', reader.start, reader.end))
    this.#total += this.#left
    if (this.#total > this.#limits.maxContentBytes) throw new RequestError('CONTENT_TOO_LARGE')
    this.#part = this.#left === 0 ? 'trailer section' : 'data'
    return next
  }

  #readData(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#onContent(bytes.subarray(at, end))
    this.#left -= end - at
    if (this.#left === 0) this.#part = 'end of data'
    return end
  }

  /** An empty line. */
  #readEndOfData(bytes: Buffer, at: number): number {
    const next = this.#reader.readLine(bytes, at, 0, 'INVALID_CHUNK')
    if (next === -1) return bytes.length

    const { start, end } = this.#reader
    if (end - start !== '\r\n'.length) throw new RequestError('INVALID_CHUNK')
    this.#part = 'chunk line'
    return next
  }

  /** Its fields must not get among those of the header section, and nobody here wants them (RFC 9112 §7.1.2). */
  #readTrailerSection(bytes: Buffer, at: number): number {
    const reader = this.#reader
    const next = reader.readSection(bytes, at, this.#limits.maxHeaderBytes)
    if (next === -1) return bytes.length

    parseFieldLines(reader.source, reader.start, reader.end)
    this.#part = 'nothing'
    return next
  }
}

/**
 * The size in `chunk-size [ chunk-ext ] CRLF`. We know no extension, so all are ignored (RFC 9112 §7.1.1).
 *
 * Up to 64 bits are read. A number is exact only up to 2^53; what lies above is as good as infinite, no limit lets it pass.
 */
function chunkSize(line: string): number {
  const [, digits] = /^0*([0-9A-Fa-f]{1,16})(?:[\t ]*;[\t -~\x80-\xff]*)?\r\n$/.exec(line) ?? []
  if (digits === undefined) throw new RequestError('INVALID_CHUNK')
  const size = Number.parseInt(digits, 16)
  return Number.isSafeInteger(size) ? size : Infinity
}
