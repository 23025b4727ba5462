/** Parts of a file, read while they are sent. */
import { read } from 'node:fs'
import type { ContentStream } from '../level2/http.ts'
import type { OpenFile } from './open-file.ts'
import type { ByteRange } from './ranges.ts'

/**
 * So much is read at once: the larger, the fewer ways to another thread and back, and the more memory a
 * client that does not read holds. A socket that was given as much takes nothing more before it is written.
 */
const PIECE_BYTES = 131_072

/** Something to send: bytes that are there, or a range of the file. */
export type Part = Uint8Array | ByteRange

/** Sends `parts` one after the other, and closes `file` at the end, however it comes. */
export class FileContent implements ContentStream {
  readonly length: number
  readonly #file: OpenFile
  readonly #parts: readonly Part[]

  constructor(file: OpenFile, parts: readonly Part[]) {
    this.length = parts.reduce((sum, part) => sum + lengthOf(part), 0)
    this.#file = file
    this.#parts = parts
  }

  /** All of it at once. The file stays open. */
  readNow(): Uint8Array {
    const pieces = this.#parts.map((part) =>
      part instanceof Uint8Array ? part : this.#file.readNow(part.first, lengthOf(part)),
    )
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return new PieceReader(this.#file, piecesOf(this.#parts))
  }
}

/** Content of which only the length is wanted: the answer to a HEAD. */
export function lengthOnly(length: number): ContentStream {
  return { length, async *[Symbol.asyncIterator]() {} }
}

/**
 * Reads the next piece while the one before is written. Two buffers take turns: whoever asks for a piece
 * has done with the one before.
 */
class PieceReader implements AsyncIterator<Uint8Array> {
  readonly #file: OpenFile
  readonly #pieces: Iterator<Part>
  #ahead: Promise<Uint8Array | undefined> | undefined
  #buffer: Buffer | undefined
  #otherBuffer: Buffer | undefined
  #isOver = false

  constructor(file: OpenFile, pieces: Iterator<Part>) {
    this.#file = file
    this.#pieces = pieces
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = await this.#nextPiece()
    if (piece === undefined || this.#isOver) return this.return()
    void this.#readNext()
    return { done: false, value: piece }
  }

  /** A descriptor must not be closed, and then be another file's, while something is read from it. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true
    await this.#ahead?.catch(() => {})
    this.#file.close()
    return { done: true, value: undefined }
  }

  /** Whoever gets an error never calls `return`. */
  async #nextPiece(): Promise<Uint8Array | undefined> {
    try {
      return await (this.#ahead ?? this.#readNext())
    } catch (error) {
      await this.return()
      throw error
    }
  }

  #readNext(): Promise<Uint8Array | undefined> {
    this.#ahead = this.#read(this.#pieces.next().value as Part | undefined)
    // Nobody may ever wait for it.
    this.#ahead.catch(() => {})
    return this.#ahead
  }

  async #read(part: Part | undefined): Promise<Uint8Array | undefined> {
    if (part === undefined || part instanceof Uint8Array) return part
    const buffer = this.#bufferFor(lengthOf(part))
    await readFully(this.#file.descriptor, buffer, part.first)
    return buffer
  }

  /** A socket may keep less than a full piece for later: that gets a buffer of its own. */
  #bufferFor(length: number): Buffer {
    if (length < PIECE_BYTES) return Buffer.allocUnsafeSlow(length)
    const buffer = this.#otherBuffer ?? Buffer.allocUnsafeSlow(PIECE_BYTES)
    this.#otherBuffer = this.#buffer
    this.#buffer = buffer
    return buffer
  }
}

/** Cuts the ranges among `parts` into pieces. */
function* piecesOf(parts: readonly Part[]): Generator<Part, undefined> {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part
    else yield* piecesOfRange(part)
  }
}

function* piecesOfRange({ first, last }: ByteRange): Generator<ByteRange> {
  for (let at = first; at <= last; at += PIECE_BYTES) {
    yield { first: at, last: Math.min(at + PIECE_BYTES - 1, last) }
  }
}

function lengthOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.last - part.first + 1
}

/** Rejects when the file ends before `buffer` is full. */
async function readFully(descriptor: number, buffer: Buffer, position: number): Promise<void> {
  for (let filled = 0; filled < buffer.length;) {
    const count = await readSome(descriptor, buffer, filled, position + filled)
    if (count === 0) throw new Error('The file became shorter while it was sent.')
    filled += count
  }
}

function readSome(
  descriptor: number,
  buffer: Buffer,
  offset: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, offset, buffer.length - offset, position, (error, count) => {
      if (error) reject(error)
      else resolve(count)
    })
  })
}
