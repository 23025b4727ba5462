/** Bytes of one open file, and text between them, read while they are sent. */
import { close, read } from 'node:fs'
import type { ContentStream } from '../level2/http.ts'

export type Section = Buffer | { readonly first: number; readonly last: number }

/** A piece: large enough for few system calls, small enough for a thousand slow clients. */
const PIECE_BYTES = 65_536

export class FileContent implements ContentStream {
  readonly length: number
  readonly #sections: readonly Section[]
  #descriptor: number | undefined

  /** Owns the descriptor from now on; `undefined` where nothing will be read. */
  constructor(descriptor: number | undefined, sections: readonly Section[]) {
    this.#descriptor = descriptor
    this.#sections = sections
    this.length = sections.reduce((sum, section) => sum + sizeOf(section), 0)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    return new Cursor(descriptor, this.#sections)
  }
}

function sizeOf(section: Section): number {
  return Buffer.isBuffer(section) ? section.length : section.last - section.first + 1
}

/** Where the reading stands. The descriptor is closed once, and never under a read. */
class Cursor implements AsyncIterator<Uint8Array> {
  #descriptor: number | undefined
  readonly #sections: readonly Section[]
  #index = 0
  #offset = 0
  #isReading = false
  #isOver = false
  /** Used again for each piece: the next one is asked for when the kernel has this one. */
  #buffer: Buffer | undefined

  constructor(descriptor: number | undefined, sections: readonly Section[]) {
    this.#descriptor = descriptor
    this.#sections = sections
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      const section = this.#isOver ? undefined : this.#sections[this.#index]
      if (section === undefined) {
        this.#end()
        resolve({ done: true, value: undefined })
        return
      }
      if (Buffer.isBuffer(section)) {
        this.#index += 1
        resolve({ done: false, value: section })
        return
      }
      const size = sizeOf(section)
      const wanted = Math.min(PIECE_BYTES, size - this.#offset)
      if (wanted === 0) {
        this.#index += 1
        this.#offset = 0
        this.next().then(resolve, reject)
        return
      }
      const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, size)))
      const target =
        buffer.length >= wanted ? buffer : (this.#buffer = Buffer.allocUnsafeSlow(PIECE_BYTES))
      this.#isReading = true
      read(
        this.#descriptor as number,
        target,
        0,
        wanted,
        section.first + this.#offset,
        (error, count) => {
          this.#isReading = false
          if (this.#isOver) {
            this.#close()
            resolve({ done: true, value: undefined })
          } else if (error !== null || count === 0) {
            this.#end()
            reject(error ?? new Error('The file became shorter while it was sent.'))
          } else {
            this.#offset += count
            resolve({ done: false, value: target.subarray(0, count) })
          }
        },
      )
    })
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#end()
    return Promise.resolve({ done: true, value: undefined })
  }

  #end(): void {
    this.#isOver = true
    if (!this.#isReading) this.#close()
  }

  #close(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    this.#buffer = undefined
    if (descriptor !== undefined) close(descriptor, () => {})
  }
}
