/** Writes one answer to a socket, no faster than the client reads it. */
import type { Socket } from 'node:net'
import { type Alarm, alarm } from '../level1/wheel.ts'
import { type ContentStream, reasonPhrase, type Response } from './http.ts'

/** How an answer is written. */
export interface WriteOptions {
  /** It answers a HEAD: the same fields, no content (RFC 9110 §9.3.2). */
  readonly withoutContent: boolean
  /** It is the last one on this connection: the close option is sent (RFC 9112 §9.6). */
  readonly close: boolean
  /** The socket is destroyed when the client takes nothing for so long; 0 means never. */
  readonly timeoutMs: number
}

/** Given. The client left, or took nothing for too long, before it had the whole answer. */
export class AnswerAborted extends Error {
  override readonly name = 'AnswerAborted'

  constructor() {
    super('The client was gone before it had the whole answer.')
  }
}

/** As much as one writer sends before it lets others have the event loop. */
const TURN_BYTES = 128 * 1024

/** So often a stalled answer is looked at: what the client took meanwhile starts its patience anew. */
const LOOK_MS = 250

export function writeResponse(
  socket: Socket,
  response: Response,
  options: WriteOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const content = response.content
    const isStream =
      content !== undefined && typeof content === 'object' && Symbol.asyncIterator in content
    const whole = isStream ? undefined : toBytes(content as string | Uint8Array | undefined)
    const length = isStream ? content.length : (whole as Buffer).length
    const head = Buffer.from(formatHead(response, length, options.close), 'latin1')
    const pump = new Pump(socket, options.timeoutMs, resolve, reject)
    if (!isStream) pump.sendWhole(head, options.withoutContent ? undefined : whole)
    else if (options.withoutContent) pump.sendHeadOf(content, head)
    else pump.sendStream(content, head)
  })
}

/** The status line and the header section, empty line included (RFC 9112 §4, §5). Date is among the fields. */
export function formatHead(
  response: Response,
  contentLength: number | undefined,
  close: boolean,
): string {
  let head = `HTTP/1.1 ${response.status} ${reasonPhrase(response.status).toUpperCase()}\r\n`
  if (close) head += 'CONNECTION: close\r\n'
  if (response.headers !== undefined) {
    for (const [name, value] of Object.entries(response.headers))
      head += `${name.toUpperCase()}: ${value}\r\n`
  }
  if (contentLength !== undefined) head += `CONTENT-LENGTH: ${contentLength}\r\n`
  return `${head}DATE: ${dateNow()}\r\n\r\n`
}

let dateSecond = -1
let dateText = ''

/** RFC 9110 §5.6.7; formatted once a second. */
export function dateNow(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(second * 1000).toUTCString()
  }
  return dateText
}

function toBytes(content: string | Uint8Array | undefined): Buffer {
  if (content === undefined) return Buffer.alloc(0)
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** Bytes that libuv still holds for the kernel: what a client took shows in here before a write is over. */
function heldBytes(socket: Socket): number {
  const handle = (socket as unknown as { _handle?: { writeQueueSize?: number } | null })._handle
  return handle?.writeQueueSize ?? socket.writableLength
}

class Pump {
  readonly #socket: Socket
  readonly #timeoutMs: number
  readonly #resolve: () => void
  readonly #reject: (reason: unknown) => void
  readonly #patience: Alarm
  readonly #onClose = () => this.#settle(new AnswerAborted())
  #held = 0
  #progressAt = 0
  #isSettled = false
  #iterator: AsyncIterator<Uint8Array> | undefined
  #left: number | undefined
  #sentInTurn = 0
  #pendingHead: Buffer | undefined

  constructor(
    socket: Socket,
    timeoutMs: number,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    this.#resolve = resolve
    this.#reject = reject
    this.#patience = alarm(() => this.#lookAgain())
    socket.once('close', this.#onClose)
  }

  sendWhole(head: Buffer, content: Buffer | undefined): void {
    if (this.#isRefused()) return
    const pieces = content === undefined || content.length === 0 ? [head] : [head, content]
    this.#write(pieces, () => this.#settle(undefined))
  }

  sendHeadOf(content: ContentStream, head: Buffer): void {
    this.#iterator = content[Symbol.asyncIterator]()
    this.sendWhole(head, undefined)
  }

  sendStream(content: ContentStream, head: Buffer): void {
    try {
      this.#iterator = content[Symbol.asyncIterator]()
    } catch (error) {
      this.#breakOff(error)
      return
    }
    if (this.#isRefused()) return
    this.#left = content.length
    this.#pendingHead = head
    this.#pull()
  }

  #isRefused(): boolean {
    if (!this.#socket.destroyed && this.#socket.writable) return false
    this.#settle(new AnswerAborted())
    return true
  }

  #pull(): void {
    if (this.#isSettled) return
    let promised: Promise<IteratorResult<Uint8Array>>
    try {
      promised = Promise.resolve((this.#iterator as AsyncIterator<Uint8Array>).next())
    } catch (error) {
      this.#breakOff(error)
      return
    }
    promised.then(
      (result) => this.#arrived(result),
      (error) => this.#breakOff(error),
    )
  }

  #arrived(result: IteratorResult<Uint8Array>): void {
    if (this.#isSettled) return
    if (result.done) {
      if (this.#left !== undefined && this.#left > 0) {
        this.#breakOff(new Error(`The content ended ${this.#left} bytes too early.`))
      } else if (this.#pendingHead !== undefined) {
        const head = this.#pendingHead
        this.#pendingHead = undefined
        this.#write([head], () => this.#settle(undefined))
      } else this.#settle(undefined)
      return
    }
    const piece = toBytes(result.value)
    if (this.#left !== undefined) {
      if (piece.length > this.#left) {
        this.#breakOff(new Error('The content is longer than it said.'))
        return
      }
      this.#left -= piece.length
    }
    if (piece.length === 0) {
      // An empty piece is no reason to hold the event loop.
      setImmediate(() => this.#pull())
      return
    }
    const pieces = this.#pendingHead === undefined ? [piece] : [this.#pendingHead, piece]
    this.#pendingHead = undefined
    this.#write(pieces, () => {
      this.#sentInTurn += piece.length
      if (this.#sentInTurn < TURN_BYTES) {
        this.#pull()
        return
      }
      this.#sentInTurn = 0
      setImmediate(() => this.#pull())
    })
  }

  /** One writev; `then` is called when the kernel has all of it. */
  #write(pieces: readonly Buffer[], then: () => void): void {
    const socket = this.#socket
    const last = pieces.length - 1
    socket.cork()
    pieces.forEach((piece, i) => {
      if (i < last) socket.write(piece)
      else {
        socket.write(piece, (error) => {
          this.#patience.clear()
          if (error) this.#settle(new AnswerAborted())
          else then()
        })
      }
    })
    socket.uncork()
    if (this.#isSettled) return
    this.#held = heldBytes(socket)
    this.#progressAt = performance.now()
    this.#patience.set(Math.min(LOOK_MS, this.#timeoutMs))
  }

  #lookAgain(): void {
    const held = heldBytes(this.#socket)
    const now = performance.now()
    if (held !== this.#held) {
      this.#held = held
      this.#progressAt = now
    }
    const left = this.#progressAt + this.#timeoutMs - now
    if (left > 0) this.#patience.set(Math.min(LOOK_MS, left))
    // A reset: content that ends with the connection must not look complete (RFC 9112 §8).
    else this.#socket.resetAndDestroy()
  }

  #breakOff(error: unknown): void {
    if (this.#isSettled) return
    this.#settle(error ?? new Error('The content failed.'))
    this.#socket.resetAndDestroy()
  }

  #settle(reason: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#patience.clear()
    this.#socket.off('close', this.#onClose)
    const iterator = this.#iterator
    this.#iterator = undefined
    this.#pendingHead = undefined
    try {
      // Also when its next is still busy: whoever made the stream frees what it holds.
      Promise.resolve(iterator?.return?.()).catch(() => {})
    } catch {
      // A stream that cannot even be ended has nothing to tell anybody.
    }
    if (reason === undefined) this.#resolve()
    else this.#reject(reason)
  }
}
