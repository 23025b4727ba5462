import { ByteBuffer } from './byte-buffer.ts'
import { CR, LF } from './bytes.ts'
import { RequestError } from './errors.ts'
import type { FaultCode } from './errors.ts'

/**
 * Reads what ends with a line end: a request line, a chunk line, a header section, a trailer section.
 *
 * What the bytes at hand hold whole is left where it is. What they hold in part is copied and its
 * bytes are never looked at again. Which line ends are right is not asked here, only where a part
 * ends: with LF (RFC 9112 §2.2), so that a client that forgot the CR gets its answer and does not wait for one.
 */
export class HeadReader {
  /** Where the part that was read last lies: `source` from `start` up to `end`, its line end included. */
  source: Buffer = NOTHING
  start = 0
  end = 0

  readonly #kept = new ByteBuffer()
  /** In a section: how many of the kept bytes belong to lines that are complete. */
  #lineStart = 0

  /** Nothing is kept: a part has been read to its end, and nothing of the next one has come. */
  get isEmpty(): boolean {
    return this.#kept.length === 0
  }

  /** Nothing is kept, or this byte alone. */
  hasOnly(byte: number): boolean {
    return this.isEmpty || (this.#kept.length === 1 && this.#kept.last() === byte)
  }

  /**
   * Reads on in a line. Returns the index after its LF, or -1 when the bytes end before.
   *
   * @throws {RequestError} `tooLong` as soon as it is certain that the line without its CRLF is longer than `maxBytes`
   */
  readLine(bytes: Buffer, at: number, maxBytes: number, tooLong: FaultCode): number {
    const kept = this.#kept.length
    const stop = Math.min(bytes.length, at + maxBytes + 2 - kept)
    for (let index = at; index < stop; index++) {
      if (bytes[index] !== LF) continue
      const length = kept + index - at
      if (length > maxBytes && this.#before(bytes, at, index) !== CR) break
      return this.#complete(bytes, at, index + 1)
    }
    const length = kept + stop - at
    const unfinished = this.#before(bytes, at, stop) === CR ? length - 1 : length
    if (unfinished > maxBytes || length > maxBytes + 1) throw new RequestError(tooLong)

    this.#kept.append(bytes, at, stop)
    return -1
  }

  /**
   * Reads on in lines that end with an empty one. Returns the index after its LF, or -1 when the bytes end before.
   *
   * @throws {RequestError} 431 as soon as it is certain that all of it is longer than `maxBytes`
   */
  readSection(bytes: Buffer, at: number, maxBytes: number): number {
    const kept = this.#kept.length
    const stop = Math.min(bytes.length, at + maxBytes - kept)
    // Offsets count from the start of the section, indexes in the bytes at hand.
    const shift = kept - at
    let lineStart = this.#lineStart
    for (let index = at; index < stop; index++) {
      if (bytes[index] !== LF) continue
      const length = index + shift - lineStart
      if (length === 0 || (length === 1 && this.#before(bytes, at, index) === CR)) {
        this.#lineStart = 0
        return this.#complete(bytes, at, index + 1)
      }
      lineStart = index + shift + 1
    }
    if (stop + shift >= maxBytes) throw new RequestError('FIELD_SECTION_TOO_LARGE')

    this.#lineStart = lineStart
    this.#kept.append(bytes, at, stop)
    return -1
  }

  #before(bytes: Buffer, at: number, index: number): number | undefined {
    return index > at ? bytes[index - 1] : this.#kept.last()
  }

  #complete(bytes: Buffer, at: number, end: number): number {
    if (this.#kept.length === 0) {
      this.source = bytes
      this.start = at
      this.end = end
    } else {
      this.#kept.append(bytes, at, end)
      this.source = this.#kept.take()
      this.start = 0
      this.end = this.source.length
    }
    return end
  }
}

const NOTHING = Buffer.alloc(0)
