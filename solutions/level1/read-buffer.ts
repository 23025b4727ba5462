const SMALLEST_BYTES = 1024

/**
 * Bytes that came and were not used yet.
 *
 * Grows by doubling, so a request costs time linear in its bytes, even if they come one by one.
 */
export class ReadBuffer {
  #store: Buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  get length(): number {
    return this.#end - this.#start
  }

  append(bytes: Buffer): void {
    if (this.length === 0) {
      // The usual case: nothing is left over, so there is nothing to copy.
      this.#store = bytes
      this.#start = 0
      this.#end = bytes.length
      return
    }
    if (this.#end + bytes.length > this.#store.length) this.#grow(bytes.length)
    bytes.copy(this.#store, this.#end)
    this.#end += bytes.length
  }

  /** Where `byte` is, counted from the first unused byte; -1 if it has not come. Looks no earlier than `from`. */
  indexOf(byte: number, from: number): number {
    return this.#store.subarray(this.#start, this.#end).indexOf(byte, from)
  }

  /** The unused byte at this place, counted from the first; `undefined` when there is none. */
  at(index: number): number | undefined {
    return index >= 0 && index < this.length ? this.#store[this.#start + index] : undefined
  }

  /** Uses the first `count` bytes. */
  take(count: number): Buffer {
    const bytes = this.#store.subarray(this.#start, this.#start + count)
    this.#start += count
    return bytes
  }

  #grow(extraBytes: number): void {
    const store = Buffer.allocUnsafe(Math.max(SMALLEST_BYTES, 2 * (this.length + extraBytes)))
    this.#end = this.#store.copy(store, 0, this.#start, this.#end)
    this.#start = 0
    this.#store = store
  }
}
