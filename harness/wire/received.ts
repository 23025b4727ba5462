/** Bytes that arrived and are not taken yet. Appending costs what is appended, however much is there. */

const FIRST_CAPACITY = 16 * 1024

export class ReceivedBytes {
  #store = Buffer.alloc(FIRST_CAPACITY)
  #from = 0
  #to = 0

  /** The bytes. What was handed out is never written over. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#from, this.#to)
  }

  get length(): number {
    return this.#to - this.#from
  }

  append(bytes: Buffer): void {
    if (this.#to + bytes.length > this.#store.length) this.#grow(bytes.length)
    bytes.copy(this.#store, this.#to)
    this.#to += bytes.length
  }

  /** Takes bytes away from the beginning. */
  take(count: number): void {
    this.#from += count
  }

  clear(): void {
    this.#store = Buffer.alloc(FIRST_CAPACITY)
    this.#from = this.#to = 0
  }

  #grow(more: number): void {
    const { bytes } = this
    this.#store = Buffer.alloc(2 * (bytes.length + more))
    bytes.copy(this.#store)
    this.#from = 0
    this.#to = bytes.length
  }
}
