/** Chunks, read by a generator: it says when it wants more bytes, and goes on in the middle of a line. */
import { RequestError } from './errors.ts'

export const MAX_CHUNK_LINE_BYTES = 4096

export interface ChunkedLimits {
  readonly maxContentBytes: number
  readonly maxHeaderBytes: number
}

export class ChunkedDecoder {
  done = false
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  readonly #reading: Generator<void, void, void>

  constructor(limits: ChunkedLimits, onContent: (bytes: Buffer) => void) {
    this.#reading = this.#read(limits, onContent)
  }

  push(bytes: Buffer, start = 0): number {
    this.#bytes = bytes
    this.#at = start
    if (!this.done) this.done = this.#reading.next().done === true
    return this.#at
  }

  *#read(limits: ChunkedLimits, onContent: (bytes: Buffer) => void): Generator<void, void, void> {
    let room = BigInt(limits.maxContentBytes)
    for (;;) {
      const line = yield* this.#line(MAX_CHUNK_LINE_BYTES + 1, 'INVALID_CHUNK')
      const [, digits] = /^0*([0-9a-f]{0,16})(?:[ \t]*;[^\r]*)?\r\n$/i.exec(line) ?? []
      if (digits === undefined || !/^[0-9a-f]/i.test(line)) throw new RequestError('INVALID_CHUNK')
      const size = BigInt(`0x0${digits}`)
      if (size === 0n) break
      if (size > room) throw new RequestError('CONTENT_TOO_LARGE')
      room -= size
      for (let left = Number(size); left > 0;) {
        const piece = this.#bytes.subarray(this.#at, this.#at + left)
        this.#at += piece.length
        left -= piece.length
        if (piece.length > 0) onContent(piece)
        if (left > 0) yield
      }
      if ((yield* this.#byte()) !== 13 || (yield* this.#byte()) !== 10)
        throw new RequestError('INVALID_CHUNK')
    }
    for (let left = limits.maxHeaderBytes; ;) {
      const line = yield* this.#line(left - 1, 'FIELD_SECTION_TOO_LARGE')
      left -= line.length
      if (line === '\r\n') return
      if (!/^[!#$%&'*+.^_`|~0-9a-z-]+:[^\r\n\0]*\r\n$/i.test(line))
        throw new RequestError('INVALID_FIELD_LINE')
    }
  }

  *#byte(): Generator<void, number, void> {
    while (this.#at === this.#bytes.length) yield
    return this.#bytes[this.#at++] ?? 0
  }

  /** A line with its LF. More than `most` bytes before the LF are too many. */
  *#line(
    most: number,
    tooLong: 'INVALID_CHUNK' | 'FIELD_SECTION_TOO_LARGE',
  ): Generator<void, string, void> {
    for (let line = ''; ;) {
      const end = this.#bytes.indexOf(10, this.#at)
      const stop = end === -1 ? this.#bytes.length : end + 1
      line += this.#bytes.toString('latin1', this.#at, stop)
      this.#at = stop
      if (line.length - (end === -1 ? 0 : 1) > most) throw new RequestError(tooLong)
      if (end !== -1) return line
      yield
    }
  }
}
