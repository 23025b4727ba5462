/** The content of files of which every byte is known by its place, so that no test holds such a file. */
import type { Random } from './random.ts'

/** A prime: pieces of whatever usual size begin each at another place of it, and no two are the same. */
const PERIOD = 65_521

/** Random bytes, over and over. No four of them are UTF-8. */
export class KnownBytes {
  readonly #period: Buffer

  constructor(random: Random) {
    this.#period = random.bytes(PERIOD)
    // 0xFF stands in no UTF-8.
    for (let at = 3; at < PERIOD; at += 4) this.#period[at] = 0xff
  }

  /** `length` of them, from place `first` on. */
  from(first: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    for (let filled = 0; filled < length;) {
      filled += this.#period.copy(bytes, filled, (first + filled) % PERIOD)
    }
    return bytes
  }

  /** The first place where `bytes`, which were read from place `first` on, are other ones. */
  firstOther(bytes: Buffer, first: number): number | undefined {
    const right = this.from(first, bytes.length)
    if (bytes.equals(right)) return undefined
    return first + bytes.findIndex((byte, at) => byte !== right[at])
  }
}
