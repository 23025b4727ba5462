/** Longer parts are not worth the memory. */
const MOST_BYTES = 2_048

/** Up to so many bytes a loop has compared before native code has been called. */
const FEW_BYTES = 64

/**
 * Remembers the last request line of a connection, or its last header section, and what it meant.
 *
 * A client says nearly the same with each request: the fields change seldom, and who polls or asks for the health of a
 * server repeats the target too. To see that the bytes are those of the last time costs a fraction of parsing them again
 * (RFC 7541 §1 builds on the same habit). Nothing is remembered from one connection to another.
 */
export class LastPart<Meaning> {
  #bytes: Buffer = NOTHING
  #length = 0
  #meaning: Meaning | undefined

  /** What the bytes at `at` mean, if they are those that are remembered. */
  recall(bytes: Buffer, at: number): Meaning | undefined {
    const length = this.#length
    if (length === 0 || at + length > bytes.length) return undefined
    return this.#isAt(bytes, at, length) ? this.#meaning : undefined
  }

  /** How long the remembered part is, in bytes. */
  get length(): number {
    return this.#length
  }

  remember(meaning: Meaning, bytes: Buffer, start: number, end: number): void {
    const length = end - start
    if (length > MOST_BYTES) return
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafe(length)
    bytes.copy(this.#bytes, 0, start, end)
    this.#length = length
    this.#meaning = meaning
  }

  #isAt(bytes: Buffer, at: number, length: number): boolean {
    const kept = this.#bytes
    if (length > FEW_BYTES) return kept.compare(bytes, at, at + length, 0, length) === 0
    for (let i = 0; i < length; i++) if (kept[i] !== bytes[at + i]) return false
    return true
  }
}

const NOTHING = Buffer.alloc(0)
