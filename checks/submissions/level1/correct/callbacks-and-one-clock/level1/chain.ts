/** Bytes that are kept until there are enough of them: a linked list of blocks. */

interface Block {
  readonly bytes: Buffer
  used: number
  next: Block | undefined
}

/** From this size on a piece is kept as it is; smaller ones are copied together. */
const LARGE = 4096

export class Chain {
  length = 0
  #first: Block | undefined
  #last: Block | undefined

  append(source: Buffer, from: number, to: number): void {
    let at = from
    while (at < to) {
      const tail = this.#last
      const room = tail === undefined ? 0 : tail.bytes.length - tail.used
      if (tail !== undefined && room > 0) {
        const n = Math.min(room, to - at)
        source.copy(tail.bytes, tail.used, at, at + n)
        tail.used += n
        at += n
      } else if (to - at >= LARGE) {
        this.#link({ bytes: source.subarray(at, to), used: to - at, next: undefined })
        at = to
      } else {
        const size = Math.min(65_536, Math.max(256, this.length + at - from, to - at))
        this.#link({ bytes: Buffer.allocUnsafe(size), used: 0, next: undefined })
      }
    }
    this.length += to - from
  }

  #link(block: Block): void {
    if (this.#last === undefined) this.#first = block
    else this.#last.next = block
    this.#last = block
  }

  /** The last byte, or -1. */
  get lastByte(): number {
    const tail = this.#last
    if (tail === undefined) return -1
    return tail.bytes[tail.used - 1] ?? -1
  }

  /** All of it in one piece; the chain is empty then. */
  take(): Buffer {
    const first = this.#first
    let whole: Buffer
    if (first === undefined) whole = Buffer.alloc(0)
    else if (first.next === undefined) whole = first.bytes.subarray(0, first.used)
    else {
      whole = Buffer.allocUnsafeSlow(this.length)
      let at = 0
      for (let block: Block | undefined = first; block !== undefined; block = block.next) {
        at += block.bytes.copy(whole, at, 0, block.used)
      }
    }
    this.#first = this.#last = undefined
    this.length = 0
    return whole
  }
}
