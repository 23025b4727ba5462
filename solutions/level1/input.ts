import type { Socket } from 'node:net'
import { RequestError } from './errors.ts'
import type { ErrorCode } from './errors.ts'
import { ReadBuffer } from './read-buffer.ts'

const CR = 0x0d
const LF = 0x0a

/**
 * What a client sends, taken by the line or by the byte.
 *
 * TCP keeps the order of bytes and nothing else: a read may hold half a line, or three requests.
 * Whoever reads here waits for what it asked for, and never sees where a read ended.
 */
export class Input {
  readonly #reads: AsyncIterator<Buffer>
  readonly #buffer = new ReadBuffer()

  constructor(socket: Socket) {
    this.#reads = socket.iterator({ destroyOnReturn: false })
  }

  /** Waits for one more byte. `false`: the client has ended its direction instead. */
  async hasMore(): Promise<boolean> {
    return this.#buffer.length > 0 || (await this.#read())
  }

  /**
   * The next line, together with the LF that ends it.
   *
   * @param maxBytes the longest line that is right, counted without its CRLF
   * @throws {RequestError} `tooLong` as soon as that is certain; `INCOMPLETE_REQUEST`
   */
  async readLine(maxBytes: number, tooLong: ErrorCode): Promise<Buffer> {
    let scanned = 0
    for (;;) {
      const lf = this.#buffer.indexOf(LF, scanned)
      const end = lf === -1 ? this.#buffer.length : lf
      // Without a CR before its LF, a line as long as this has one byte more.
      const length = this.#buffer.at(end - 1) === CR ? end - 1 : end
      if (length > Math.max(maxBytes, 0) || end > maxBytes + 1) throw new RequestError(tooLong)
      if (lf !== -1) return this.#buffer.take(lf + 1)

      scanned = end
      await this.#readMore()
    }
  }

  /**
   * The next `count` bytes, whatever they are.
   *
   * @throws {RequestError} `INCOMPLETE_REQUEST`
   */
  async readBytes(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#readMore()
    return this.#buffer.take(count)
  }

  /** Hands the socket back: from now on somebody else listens to it. */
  async release(): Promise<void> {
    await this.#reads.return?.()
  }

  async #readMore(): Promise<void> {
    if (!(await this.#read())) throw new RequestError('INCOMPLETE_REQUEST')
  }

  async #read(): Promise<boolean> {
    const read = await this.#reads.next()
    if (read.done === true) return false
    this.#buffer.append(read.value)
    return true
  }
}
