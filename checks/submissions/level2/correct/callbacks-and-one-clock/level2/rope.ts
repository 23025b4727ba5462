/** Bytes that were read and not looked at yet: a linked list, first in, first out. */
interface Node {
  readonly bytes: Buffer
  next: Node | undefined
}

export class Rope {
  length = 0
  #head: Node | undefined
  #tail: Node | undefined
  #offset = 0

  get isEmpty(): boolean {
    return this.#head === undefined
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return
    const node: Node = { bytes, next: undefined }
    if (this.#tail === undefined) this.#head = node
    else this.#tail.next = node
    this.#tail = node
    this.length += bytes.length
  }

  get front(): Buffer | undefined {
    return this.#head?.bytes
  }

  /** Where the unread part of `front` begins. */
  get offset(): number {
    return this.#offset
  }

  /** Everything of `front` before `index` has been read. */
  readTo(index: number): void {
    const head = this.#head
    if (head === undefined) return
    this.length -= index - this.#offset
    this.#offset = index
    if (index < head.bytes.length) return
    this.#offset = 0
    this.#head = head.next
    if (this.#head === undefined) this.#tail = undefined
  }

  clear(): void {
    this.#head = this.#tail = undefined
    this.#offset = 0
    this.length = 0
  }
}
