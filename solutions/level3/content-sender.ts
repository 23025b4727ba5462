import type { Hash } from 'node:crypto'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { checkPiece, freeContent } from '../level2/content.ts'
import type { ContentStream } from '../level2/http.ts'

/** After so many bytes other connections get their turn, however fast this client reads. */
const TURN_BYTES = 1_048_576

/** Where content goes. What is added leaves by itself soon. */
export interface ContentSink {
  /** No more content is wanted: the client has gone. */
  readonly isGone: boolean
  addLatin1(text: string): void
  addBytes(bytes: Uint8Array): void
  /** So much waits that it should be written. */
  readonly isFull: boolean
  /** Writes what waits; resolves when there is room for more, or the client has gone. */
  drain(): Promise<void>
}

/** How the end of the content is told. */
export type ContentFraming = 'length' | 'chunked' | 'chunked with digest' | 'until close'

/** Sends content while it is made: the next piece is asked for when the client has taken those before. */
export class ContentSender {
  readonly #content: ContentStream
  #iterator: AsyncIterator<Uint8Array> | undefined
  readonly #framing: ContentFraming
  readonly #sink: ContentSink
  readonly #hash: Hash | undefined
  #bytes = 0

  constructor(content: ContentStream, framing: ContentFraming, sink: ContentSink) {
    this.#content = content
    this.#framing = framing
    this.#sink = sink
    this.#hash = framing === 'chunked with digest' ? sha256() : undefined
  }

  /** Bytes of content that were handed on. */
  get bytes(): number {
    return this.#bytes
  }

  /** Resolves after the last piece. Rejects when the content fails or is not as long as it said. */
  async send(): Promise<void> {
    const sink = this.#sink
    const iterator = (this.#iterator = this.#content[Symbol.asyncIterator]())
    let turnAt = TURN_BYTES
    for await (const piece of { [Symbol.asyncIterator]: () => iterator }) {
      if (sink.isGone) return
      this.#add(piece)
      if (sink.isFull) await sink.drain()
      if (this.#bytes < turnAt) continue
      turnAt = this.#bytes + TURN_BYTES
      await turnOfTheLoop()
    }
    this.#end()
  }

  /** Frees whatever makes the content: nobody wants the rest. */
  abandon(): void {
    void freeContent(() => this.#iterator)
  }

  #add(piece: Uint8Array): void {
    checkPiece(piece)
    // An empty chunk would be the last one.
    if (piece.length === 0) return
    this.#bytes += piece.length
    if (this.#bytes > (this.#content.length ?? Infinity))
      throw new Error('The content is longer than it said.')
    this.#hash?.update(piece)
    if (!this.#isChunked) return this.#sink.addBytes(piece)

    // RFC 9112 §7.1
    this.#sink.addLatin1(`${piece.length.toString(16)}\r\n`)
    this.#sink.addBytes(piece)
    this.#sink.addLatin1('\r\n')
  }

  #end(): void {
    if (this.#sink.isGone) return
    if (this.#bytes < (this.#content.length ?? 0))
      throw new Error('The content is shorter than it said.')
    if (this.#isChunked) this.#sink.addLatin1(`0\r\n${trailerSection(this.#hash)}\r\n`)
  }

  get #isChunked(): boolean {
    return this.#framing === 'chunked' || this.#framing === 'chunked with digest'
  }
}

/** Loads `node:crypto` when the first client asks for a digest: it takes 1.5 MB. */
function sha256(): Hash {
  return process.getBuiltinModule('node:crypto').createHash('sha256')
}

/** Frees content that nobody will ask for. */
export function dropContent(content: ContentStream): void {
  void freeContent(() => content[Symbol.asyncIterator]())
}

/** The digest is known when the last byte is: too late for the header section (RFC 9110 §6.5, RFC 9530 §2). */
function trailerSection(hash: Hash | undefined): string {
  return hash === undefined ? '' : `Content-Digest: sha-256=:${hash.digest('base64')}:\r\n`
}
