/** How an answer looks on the wire, and how it gets there no faster than the client reads. */
import { createHash, type Hash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { ContentStream, Response } from '../level2/http.ts'
import { alarm } from './wheel.ts'

/** The client left, or took nothing for too long, before it had the whole answer. */
export class ClientLeft extends Error {
  override readonly name = 'ClientLeft'
}

// ---- heads

/** RFC 9112 §4: a reason phrase is for people, and any will do. */
const phrases: readonly string[] = [
  '',
  'Hold on',
  'Here you are',
  'Look elsewhere',
  'Not like this',
  'Our fault',
]

let second = -1
let date = ''

function dateNow(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return date
}

/** `framing`: the length of the content, or the fields that stand in its place. */
export function formatHead(
  status: number,
  headers: Readonly<Record<string, string>> | undefined,
  framing: number | string,
  connection: 'Close' | 'Keep-Alive',
  more: Readonly<Record<string, string>> = {},
): string {
  let head = `HTTP/1.1 ${status} ${phrases[Math.floor(status / 100)] ?? ''}\r\nconnection: ${connection}\r\n`
  for (const fields of [headers, more]) {
    if (fields === undefined) continue
    for (const [name, value] of Object.entries(fields)) {
      // Nobody but us ends a line. What cannot be a field is a fault of the handler.
      if (forbidden.test(value) || !token.test(name))
        throw new TypeError(`"${name}" has a value that no field may have.`)
      head += `${name.toLowerCase()}: ${value}\r\n`
    }
  }
  head += typeof framing === 'number' ? `content-length: ${framing}\r\n` : framing
  return `${head}date: ${dateNow()}\r\n\r\n`
}

const forbidden = /[\0\r\n]|[^\0-\xff]/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

// ---- content

export function isStream(content: Response['content']): content is ContentStream {
  return typeof content === 'object' && Symbol.asyncIterator in content
}

export function bytesOf(content: string | Uint8Array | undefined): Buffer {
  if (content === undefined) return Buffer.alloc(0)
  if (typeof content === 'string') return Buffer.from(content)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** Nobody will read this answer: what its content holds is freed. */
export function abandon(response: Response | undefined): void {
  if (response === undefined || !isStream(response.content)) return
  let iterator: AsyncIterator<Uint8Array> | undefined
  try {
    iterator = response.content[Symbol.asyncIterator]()
  } catch {
    return
  }
  giveBack(iterator)
}

function giveBack(iterator: AsyncIterator<Uint8Array>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(() => {})
  } catch {
    // Whoever cannot even end has nothing to tell.
  }
}

// ---- the way to the kernel

type Flushed = (left: boolean) => void

/** So often a stalled client is looked at. */
const LOOK_MS = 250

/**
 * What was written and the kernel has not taken yet. All that is written in one turn of the event loop leaves in one
 * writev, unless somebody is in a hurry.
 */
export class Outbox {
  /** Bytes that wait in this process. */
  pending = 0
  readonly #socket: Socket
  readonly #timeoutMs: number
  readonly #onClear: () => void
  readonly #watch = alarm(() => this.#look())
  readonly #waiting: (() => void)[] = []
  #isCorked = false
  #held = 0
  #progressAt = 0

  constructor(socket: Socket, timeoutMs: number, onClear: () => void) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    this.#onClear = onClear
  }

  /** `flushed` is called when the kernel has the last of these bytes, or will never have it. */
  write(pieces: readonly Buffer[], flushed: Flushed, isUrgent = false): void {
    const socket = this.#socket
    if (!this.#isCorked) {
      this.#isCorked = true
      socket.cork()
      if (!isUrgent) setImmediate(() => this.flush())
    }
    let size = 0
    pieces.forEach((piece, i) => {
      size += piece.length
      if (i < pieces.length - 1) socket.write(piece)
      else {
        socket.write(piece, (error) => {
          this.pending -= size
          this.#progressAt = performance.now()
          flushed(error !== null && error !== undefined)
          if (this.pending === 0) this.#isClear()
        })
      }
    })
    if (this.pending === 0) {
      this.#progressAt = performance.now()
      this.#watch.set(Math.min(LOOK_MS, this.#timeoutMs))
    }
    this.pending += size
    if (isUrgent) this.flush()
  }

  flush(): void {
    if (!this.#isCorked) return
    this.#isCorked = false
    this.#socket.uncork()
  }

  whenClear(then: () => void): void {
    if (this.pending === 0) then()
    else this.#waiting.push(then)
  }

  close(): void {
    this.#watch.clear()
    this.#waiting.length = 0
  }

  #isClear(): void {
    this.#watch.clear()
    for (const then of this.#waiting.splice(0)) then()
    this.#onClear()
  }

  #look(): void {
    // libuv says how much it still holds: a client that takes a part of a piece is alive.
    const handle = (this.#socket as unknown as { _handle?: { writeQueueSize?: number } | null })
      ._handle
    const held = handle?.writeQueueSize ?? this.#socket.writableLength
    const now = performance.now()
    if (held !== this.#held) {
      this.#held = held
      this.#progressAt = now
    }
    const left = this.#progressAt + this.#timeoutMs - now
    if (left > 0) this.#watch.set(Math.min(LOOK_MS, left))
    // A reset: content that ends with the connection must not look complete (RFC 9112 §8).
    else this.#socket.resetAndDestroy()
  }
}

// ---- content that is made while it is sent

export interface PumpOptions {
  readonly isChunked: boolean
  /** A trailer section with the digest of the content (RFC 9530 §2). */
  readonly hasDigest: boolean
  readonly onBytes: (count: number) => void
  /** `undefined`: the kernel has all of it. */
  readonly onEnd: (reason: unknown) => void
}

/** As much as one stream sends before others have the event loop. */
const TURN_BYTES = 128 * 1024
const CRLF = Buffer.from('\r\n')

export class Pump {
  readonly #outbox: Outbox
  readonly #options: PumpOptions
  readonly #hash: Hash | undefined
  #iterator: AsyncIterator<Uint8Array> | undefined
  #left: number | undefined
  #isOver = false
  #inTurn = 0

  constructor(outbox: Outbox, options: PumpOptions) {
    this.#outbox = outbox
    this.#options = options
    this.#hash = options.hasDigest ? createHash('sha256') : undefined
  }

  start(content: ContentStream): void {
    try {
      this.#iterator = content[Symbol.asyncIterator]()
      this.#left = content.length
    } catch (error) {
      this.stop(error ?? new Error('The content has no beginning.'))
      return
    }
    this.#pull()
  }

  /** Ends, however far it got. Also while `next` is busy: the stream frees what it holds. */
  stop(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    const iterator = this.#iterator
    this.#iterator = undefined
    if (iterator !== undefined) giveBack(iterator)
    this.#options.onEnd(reason)
  }

  #pull(): void {
    const iterator = this.#iterator
    if (iterator === undefined) return
    let promised: Promise<IteratorResult<Uint8Array>>
    try {
      promised = Promise.resolve(iterator.next())
    } catch (error) {
      this.#fails(error)
      return
    }
    promised.then(
      (result) => this.#arrived(result),
      (error) => this.#fails(error),
    )
  }

  #fails(error: unknown): void {
    this.stop(error ?? new Error('The content failed.'))
  }

  #arrived(result: IteratorResult<Uint8Array>): void {
    if (this.#isOver) return
    if (result.done) {
      if (this.#left !== undefined && this.#left > 0)
        this.#fails(new Error(`The content ended ${this.#left} bytes early.`))
      else this.#finish()
      return
    }
    let piece: Buffer
    try {
      piece = bytesOf(result.value)
    } catch (error) {
      this.#fails(error)
      return
    }
    if (piece.length === 0) {
      setImmediate(() => this.#pull())
      return
    }
    if (this.#left !== undefined) {
      if (piece.length > this.#left) {
        this.#fails(new Error('The content is longer than it said.'))
        return
      }
      this.#left -= piece.length
    }
    this.#hash?.update(piece)
    const pieces = this.#options.isChunked ? [chunkLine(piece.length), piece, CRLF] : [piece]
    this.#outbox.write(
      pieces,
      (left) => {
        if (left) {
          this.stop(new ClientLeft())
          return
        }
        this.#options.onBytes(piece.length)
        this.#inTurn += piece.length
        if (this.#inTurn < TURN_BYTES) this.#pull()
        else {
          this.#inTurn = 0
          setImmediate(() => this.#pull())
        }
      },
      true,
    )
  }

  #finish(): void {
    if (!this.#options.isChunked) {
      this.#outbox.whenClear(() => this.stop(undefined))
      return
    }
    const trailer =
      this.#hash === undefined ? '' : `content-digest: sha-256=:${this.#hash.digest('base64')}:\r\n`
    // RFC 9112 §7.1: the last chunk is one zero or more of them.
    this.#outbox.write([Buffer.from(`000\r\n${trailer}\r\n`)], (left) =>
      this.stop(left ? new ClientLeft() : undefined),
    )
  }
}

/** RFC 9112 §7.1: hexadecimal in any letter case, leading zeros welcome. */
function chunkLine(size: number): Buffer {
  return Buffer.from(`${size.toString(16).toUpperCase().padStart(6, '0')}\r\n`, 'latin1')
}
