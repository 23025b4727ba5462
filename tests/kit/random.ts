/** Random values that can be had again: they follow from a seed and a name, whatever else runs. */
import { createHash } from 'node:crypto'

export class Random {
  readonly #key: string
  #drawn = 0

  constructor(seed: number, name: string) {
    this.#key = `${seed}:${name}`
  }

  /** A whole number from `least` to `most`, both possible. */
  integer(least: number, most: number): number {
    const drawn = this.#block().readUIntBE(0, 6)
    return least + (drawn % (most - least + 1))
  }

  /** One of these. */
  pick<T>(of: readonly [T, ...T[]]): T {
    return of[this.integer(0, of.length - 1)] ?? of[0]
  }

  /** Lower-case letters. */
  word(length = 8): string {
    return Array.from({ length }, () => String.fromCharCode(this.integer(97, 122))).join('')
  }

  /** Bytes of every value. */
  bytes(length: number): Buffer {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, () => this.#block())
    return Buffer.concat(blocks).subarray(0, length)
  }

  /** Cuts bytes into this many parts, none of them empty, at random places. */
  cut(bytes: Buffer, parts: number): Buffer[] {
    const places = new Set<number>()
    while (places.size < Math.min(parts, bytes.length) - 1)
      places.add(this.integer(1, bytes.length - 1))
    const ends = [...[...places].sort((a, b) => a - b), bytes.length]
    return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
  }

  #block(): Buffer {
    return createHash('sha256').update(`${this.#key}:${this.#drawn++}`).digest()
  }
}
