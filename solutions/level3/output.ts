import type { Socket } from 'node:net'

/** Bytes up to this size are copied behind the text before them: one piece is cheaper to write than two. */
const SMALL_BYTES = 4_096

/** So much is gathered before it is written. */
const FULL_BYTES = 65_536

/**
 * Gathers what is to be written to a socket, so that several answers leave in one write.
 *
 * Heads and most contents are text of one byte a character; a string grows without being copied, and the
 * socket takes it as it is.
 */
export class Output {
  readonly #socket: Socket
  #text = ''
  #pieces: (string | Uint8Array)[] = []
  #pieceBytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** So much is waiting that it is better written now. */
  get isFull(): boolean {
    return this.#text.length + this.#pieceBytes >= FULL_BYTES
  }

  /** Adds text of which each character is one byte. */
  addLatin1(text: string): void {
    this.#text += text
  }

  addBytes(bytes: Uint8Array): void {
    if (bytes.length <= SMALL_BYTES) {
      this.#text += asBuffer(bytes).toString('latin1')
      return
    }
    this.#closeText()
    this.#addPiece(bytes)
  }

  /** Writes everything that was gathered. */
  flush(): void {
    if (this.#pieces.length > 0) this.#flushPieces()
    else if (this.#text !== '') {
      const text = this.#text
      this.#text = ''
      if (this.#socket.writable) this.#socket.write(text, 'latin1')
    }
  }

  #flushPieces(): void {
    this.#closeText()
    const pieces = this.#pieces
    this.#pieces = []
    this.#pieceBytes = 0
    if (!this.#socket.writable) return

    // Corked pieces leave in one writev.
    this.#socket.cork()
    for (const piece of pieces) {
      if (typeof piece === 'string') this.#socket.write(piece, 'latin1')
      else this.#socket.write(piece)
    }
    this.#socket.uncork()
  }

  #closeText(): void {
    if (this.#text === '') return
    this.#addPiece(this.#text)
    this.#text = ''
  }

  #addPiece(piece: string | Uint8Array): void {
    this.#pieces.push(piece)
    this.#pieceBytes += piece.length
  }
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
