/** One connection of a load: sends a request, waits for its answer, and says how that went. */
import { connect, type Socket } from 'node:net'
import type { ErrorKind } from './load-tester.ts'
import { InvalidAnswer, ResponseReader } from './response-reader.ts'

/** Where requests go, what they are, and what is expected of the answers. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly request: Buffer
  readonly isHead: boolean
  readonly timeoutMs: number
  readonly isExpected: (status: number) => boolean
}

/** Called when a request has ended; `endMs` is when, on the clock of `performance.now()`. */
export type RequestEnded = (
  connection: LoadConnection,
  outcome: 'success' | ErrorKind,
  startMs: number,
  endMs: number,
) => void

const READ_BYTES = 16_384

/** Carries one request at a time. It opens a socket when it needs one, and keeps it as long as the server does. */
export class LoadConnection {
  readonly #target: Target
  readonly #ended: RequestEnded
  readonly #reader: ResponseReader
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  #socket: Socket | undefined
  #isConnected = false
  /** When the request under way started; `undefined` between requests. */
  #startMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #timerDueMs = Infinity

  constructor(target: Target, ended: RequestEnded) {
    this.#target = target
    this.#ended = ended
    this.#reader = new ResponseReader(target.isHead)
  }

  /** Sends the request. Its latency, and its patience, count from `startMs`, which can lie in the past. */
  start(startMs: number): void {
    this.#startMs = startMs
    this.#reader.next()
    this.#socket ??= this.#open()
    this.#socket.write(this.#target.request)
    if (startMs + this.#target.timeoutMs < this.#timerDueMs) this.#watch()
  }

  /** Drops the connection; a request under way is forgotten. */
  close(): void {
    clearTimeout(this.#timer)
    this.#startMs = undefined
    this.#dropSocket()
  }

  #open(): Socket {
    this.#isConnected = false
    const { host, port } = this.#target
    const callback = (length: number): boolean => {
      this.#read(socket, this.#buffer.subarray(0, length))
      return true
    }
    // One buffer for all reads: what is read is counted, and seldom kept.
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: { buffer: this.#buffer, callback },
    })
    socket.once('connect', () => (this.#isConnected = true))
    socket.once('end', () => this.#readEnd(socket))
    socket.once('error', () => this.#broken(socket, this.#isConnected ? 'reset' : 'connect'))
    socket.once('close', () => this.#broken(socket, 'early-close'))
    return socket
  }

  #read(socket: Socket, bytes: Buffer): void {
    if (socket !== this.#socket) return
    // Bytes that nobody asked for: this connection has lost its thread.
    if (this.#startMs === undefined) return this.#dropSocket()
    try {
      if (this.#reader.push(bytes)) this.#complete()
    } catch (error) {
      if (!(error instanceof InvalidAnswer)) throw error
      this.#broken(socket, 'wrong-status')
    }
  }

  #readEnd(socket: Socket): void {
    if (socket !== this.#socket) return
    if (this.#startMs !== undefined && this.#reader.end()) return this.#complete()
    this.#broken(socket, 'early-close')
  }

  #complete(): void {
    if (!this.#reader.persists) this.#dropSocket()
    this.#end(this.#target.isExpected(this.#reader.status) ? 'success' : 'wrong-status')
  }

  #broken(socket: Socket, why: ErrorKind): void {
    if (socket !== this.#socket) return
    this.#dropSocket()
    if (this.#startMs !== undefined) this.#end(why)
  }

  #dropSocket(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #end(outcome: 'success' | ErrorKind): void {
    const startMs = this.#startMs ?? 0
    const endMs = performance.now()
    this.#startMs = undefined
    const isLate = endMs - startMs > this.#target.timeoutMs
    this.#ended(this, isLate ? 'timeout' : outcome, startMs, endMs)
  }

  /**
   * One timer for many requests: it is not set anew for each of them, but looks when it is due whose
   * time is really up.
   */
  #watch(): void {
    clearTimeout(this.#timer)
    this.#timerDueMs = Infinity
    if (this.#startMs === undefined) return
    const dueMs = this.#startMs + this.#target.timeoutMs
    const leftMs = dueMs - performance.now()
    if (leftMs <= 0) {
      this.#dropSocket()
      return this.#end('timeout')
    }
    this.#timerDueMs = dueMs
    this.#timer = setTimeout(() => this.#watch(), Math.ceil(leftMs))
  }
}
