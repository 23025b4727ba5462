/** The size a buffer starts with: most heads that come in pieces fit. */
const FIRST_BYTES = 512

/** Bytes that come in pieces, kept as one. Its room doubles, so that each byte is copied twice at most on average. */
export class ByteBuffer {
  #bytes: Buffer | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Copies `bytes` from `start` up to `end`. */
  append(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    const room = this.#bytes
    if (room === undefined || room.length < length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, FIRST_BYTES, 2 * (room?.length ?? 0)))
      room?.copy(this.#bytes, 0, 0, this.#length)
    }
    bytes.copy(this.#bytes as Buffer, this.#length, start, end)
    this.#length = length
  }

  /** The last byte; `undefined` when there is none. */
  last(): number | undefined {
    return this.#bytes?.[this.#length - 1]
  }

  /** Hands out what was kept, and forgets it. */
  take(): Buffer {
    const bytes = this.#bytes?.subarray(0, this.#length) ?? NOTHING
    this.#bytes = undefined
    this.#length = 0
    return bytes
  }
}

const NOTHING = Buffer.alloc(0)
