/**
 * A raw TCP client: sends exactly the bytes it is given, and keeps the whole conversation.
 *
 * Nothing here is lenient, and nothing waits for ever. What does not come as expected becomes an
 * `Expectation` that holds the transcript.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Expectation, type Failure } from '../expectation.ts'
import { crowding, patience, patienceEnds } from '../patience.ts'
import { unreadBytes } from '../proc.ts'
import { toBuffer, type Bytes } from './bytes.ts'
import {
  MalformedResponse,
  pointAt,
  readResponse,
  type ReadOptions,
  type Response,
} from './response.ts'
import { ReceivedBytes } from './received.ts'
import type { Transcript } from './transcript.ts'

/** Where a server listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How a connection ended, as seen from the client. */
export type Ending = 'FIN' | 'reset' | 'still open'

/** How long we wait for a server that says nothing. Generous: a busy machine is not a wrong server. */
export const PATIENCE_MS = 8_000 * crowding()

/** So many reads may each take all of the patience. */
const SLOW_READS = 8

/** A response has so long in all: one that comes a byte now and then for ever is not waited for. */
const LONGEST_RESPONSE_MS = 2.5 * PATIENCE_MS

/** What a wire may ask about the server behind it, when a conversation goes wrong. */
export interface Peer {
  /** Waits a moment for the server's process to end, if it is about to, and tells how it ended. */
  fate(): Promise<string | undefined>
  /** The last lines that it printed. */
  lastLines(): string
  /** Bytes that it has read so far, if the system tells. */
  bytesRead?(): number | undefined
}

/** How long somebody waits for a response, and what for. */
interface Waiting {
  /** For its next byte. */
  readonly patienceMs?: number
  /** For all of it. */
  readonly longestMs?: number
  /** Why the client may expect it: said when none comes. */
  readonly why?: string | undefined
}

const MAX_KEPT_BYTES = 80 * 1024 * 1024

export class Wire {
  readonly #socket: Socket
  readonly #transcript: Transcript
  readonly #client: number
  readonly #peer: Peer | undefined
  readonly #received = new ReceivedBytes()
  #count = 0
  #discarding = false
  #ending: Ending = 'still open'
  #error: NodeJS.ErrnoException | undefined

  private constructor(
    socket: Socket,
    transcript: Transcript,
    client: number,
    peer: Peer | undefined,
  ) {
    this.#socket = socket
    this.#transcript = transcript
    this.#client = client
    this.#peer = peer
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#end('FIN'))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.#end('reset')
    })
  }

  /**
   * Connects to a server.
   *
   * @param why - what a failure tells
   * @throws {Expectation} when the connection is refused
   */
  static async connect(
    address: Address,
    transcript: Transcript,
    peer?: Peer,
    why?: string,
  ): Promise<Wire> {
    const client = transcript.connected(`${address.host}:${address.port}`)
    const socket = connect({ ...address, allowHalfOpen: true })
    const wire = new Wire(socket, transcript, client, peer)
    const refused = await Promise.race([
      once(socket, 'connect').then(
        () => undefined,
        (error: unknown) => error as NodeJS.ErrnoException,
      ),
      patienceEnds(PATIENCE_MS).then(() => 'timeout' as const),
    ])
    if (refused === undefined) return wire
    socket.destroy()
    throw await wire.#failsWithFate({
      expected: 'the connection is accepted',
      received:
        refused === 'timeout'
          ? `nothing for ${PATIENCE_MS / 1000} s`
          : refused.code === 'ECONNREFUSED'
            ? 'connection refused (ECONNREFUSED): nothing listens there any more'
            : `the connection failed (${refused.code ?? refused.message})`,
      ...(why === undefined ? {} : { why }),
    })
  }

  /** The port of our end. */
  get port(): number {
    return this.#socket.localPort ?? 0
  }

  /** Sends bytes in one write. Returns once the system has taken them all, or the connection has ended. */
  async send(bytes: Bytes): Promise<void> {
    this.#transcript.sent(this.#client, bytes)
    await this.#write(toBuffer(bytes))
  }

  /** Sends bytes in one write, and returns whether the server reads them before patience ends. */
  async sendIsRead(bytes: Bytes, patienceMs: number): Promise<boolean> {
    const before = this.#peer?.bytesRead?.()
    await this.send(bytes)
    return await this.#untilRead(bytes.length, before, patienceMs)
  }

  /**
   * Sends each part in a write of its own, the next one only when the server has read the one before,
   * so that the server sees several reads.
   */
  async sendInReads(parts: readonly Bytes[]): Promise<void> {
    const single = parts.length > 8 && parts.every((part) => part.length === 1)
    if (single) this.#transcript.sentOneByOne(this.#client, Buffer.concat(parts.map(toBuffer)))
    let before: number | undefined
    // A server that reads no more is not waited for with each of a hundred parts.
    const deadline = Date.now() + SLOW_READS * PATIENCE_MS
    for (const [index, part] of parts.entries()) {
      if (index > 0 && Date.now() < deadline)
        await this.#untilRead(parts[index - 1]?.length ?? 0, before)
      if (this.#ending !== 'still open') return
      if (!single) this.#transcript.sent(this.#client, part)
      before = this.#peer?.bytesRead?.()
      await this.#write(toBuffer(part))
    }
  }

  /** Ends our sending direction with FIN; the answer can still come. */
  end(): void {
    this.#transcript.ended(this.#client, 'FIN')
    this.#socket.end()
  }

  /** Ends the connection at once with a reset, as a client that crashed. */
  reset(): void {
    this.#transcript.ended(this.#client, 'reset')
    this.#socket.resetAndDestroy()
  }

  /** Stops reading: the server's answer fills the buffers between us and stays there. */
  stall(): void {
    this.#transcript.note(this.#client, 'stop reading')
    this.#socket.pause()
  }

  /** Reads on after `stall`. */
  resume(): void {
    this.#transcript.note(this.#client, 'read on')
    this.#socket.resume()
  }

  /** From now on bytes are counted and not kept: for answers too large to hold. */
  discard(): void {
    this.#discarding = true
    this.#received.clear()
  }

  /** Bytes received so far, in all. */
  get bytesReceived(): number {
    return this.#count
  }

  /** Bytes received and not yet taken by `response`. */
  get pending(): Buffer {
    return this.#received.bytes
  }

  /**
   * Takes the next response.
   *
   * @throws {Expectation} when it is malformed, when the connection ends before it is complete, or when it does not come
   */
  response(options: ReadOptions & Waiting = {}): Promise<Response> {
    const response = this.#response(options)
    // A test that waits for two of them may fail by the first: then nobody asks about the second.
    response.catch(() => undefined)
    return response
  }

  async #response(options: ReadOptions & Waiting): Promise<Response> {
    const { patienceMs = PATIENCE_MS, longestMs = Math.max(patienceMs, LONGEST_RESPONSE_MS) } =
      options
    const latest = Date.now() + longestMs
    for (;;) {
      const read = this.#parse(options)
      if (read !== undefined) {
        this.#received.take(read.length)
        return read.response
      }
      if (this.#ending !== 'still open') throw await this.#cutShort(options)
      if (Date.now() > latest) throw this.#noEnd(longestMs, options.why)
      if (!(await this.#change(patienceMs))) throw this.#noAnswer(patienceMs, options.why)
    }
  }

  #parse(options: ReadOptions): { response: Response; length: number } | undefined {
    try {
      return readResponse(this.#received.bytes, this.#ending === 'FIN', options)
    } catch (error) {
      if (!(error instanceof MalformedResponse)) throw error
      throw this.fails({
        expected: 'a response of HTTP/1.1',
        received: `${error.message}:\n${pointAt(this.#received.bytes, error.offset)}`,
        why: 'a client reads a response by its syntax (RFC 9112 §2.1)',
      })
    }
  }

  #cutShort(options: ReadOptions & Waiting): Promise<Expectation> {
    const reset = this.#ending === 'reset'
    if (this.#received.length === 0) {
      return this.#failsWithFate({
        expected: 'a response',
        received: reset
          ? 'a reset (RST) and no response: usually the server crashed, or closed while bytes of ours were still unread'
          : 'FIN and no response: the server closed the connection without an answer',
        why: options.why,
      })
    }
    const head = this.#received.bytes.indexOf('\r\n\r\n', 0, 'latin1')
    const had = head === -1 ? undefined : this.#received.length - head - 4
    const lengthLine = /^content-length:[ \t]*(\d+)/im.exec(
      this.#received.bytes.toString('latin1', 0, Math.max(head, 0)),
    )
    const length = options.method === 'HEAD' ? undefined : lengthLine?.[1]
    return this.#failsWithFate({
      expected: 'a complete response',
      received:
        had === undefined
          ? `${reset ? 'a reset (RST)' : 'FIN'} inside the header section of the response`
          : length === undefined
            ? `${reset ? 'a reset (RST)' : 'FIN'} before the end of the response`
            : `${reset ? 'a reset (RST)' : 'FIN'} after ${had} bytes of content, while Content-Length says ${length}`,
      why: 'a message that ends before its length is incomplete (RFC 9112 §8)',
    })
  }

  #noAnswer(patienceMs: number, why: string | undefined): Expectation {
    const nothing = this.#received.length === 0
    return this.fails({
      expected: nothing ? 'a response' : 'the rest of the response',
      received: `nothing for ${patienceMs / 1000} s, and the connection is still open: ${
        nothing
          ? 'the server waits for something that has already come, or is busy'
          : this.#hasHead()
            ? 'Content-Length is larger than the content that was sent, or the last chunk is missing'
            : 'the empty line that ends the header section is missing (RFC 9112 §2.1)'
      }`,
      why,
    })
  }

  #noEnd(longestMs: number, why: string | undefined): Expectation {
    const part = this.#hasHead() ? 'content' : 'header section'
    return this.fails({
      expected: 'the end of the response',
      received: `more and more of its ${part} for ${longestMs / 1000} s, ${this.#received.length} bytes so far, and no end`,
      why,
    })
  }

  #hasHead(): boolean {
    return this.#received.bytes.includes('\r\n\r\n', 0, 'latin1')
  }

  /**
   * Waits until at least `count` bytes have come in all, or the connection ended.
   *
   * @returns whether they came
   */
  async received(count: number, patienceMs = PATIENCE_MS): Promise<boolean> {
    while (this.#count < count && this.#ending === 'still open') {
      if (!(await this.#change(patienceMs))) break
    }
    return this.#count >= count
  }

  /** Waits until the server ends the connection. Whatever it still sends is kept in `pending`. */
  async ending(patienceMs = PATIENCE_MS): Promise<Ending> {
    const { signal, stop } = patience(patienceMs)
    while (this.#ending === 'still open') {
      if (!(await this.#changeBefore(signal))) break
    }
    stop()
    return this.#ending
  }

  /** How the connection has ended so far. */
  get ended(): Ending {
    return this.#ending
  }

  /** The server takes nothing any more: what was sent last met a connection that it had given up. */
  get isBroken(): boolean {
    return this.#error !== undefined
  }

  /** Gives the connection up. */
  close(): void {
    this.#socket.destroy()
  }

  /** An `Expectation` with the conversation so far. */
  fails(
    what: Pick<Failure, 'expected' | 'received'> & { readonly why?: string | undefined },
  ): Expectation {
    return failureOf(this.#transcript, what, this.#peer?.lastLines())
  }

  /**
   * As `fails`, after the server's process had a moment to end: its end is the better explanation,
   * and whether FIN or a reset was the last that we saw of it is chance.
   */
  async #failsWithFate(
    what: Pick<Failure, 'expected' | 'received'> & { readonly why?: string | undefined },
  ): Promise<Expectation> {
    const fate = await this.#peer?.fate()
    return this.fails(
      fate === undefined ? what : { ...what, received: `the connection broke: ${fate}` },
    )
  }

  note(text: string): void {
    this.#transcript.note(this.#client, text)
  }

  #take(bytes: Buffer): void {
    this.#count += bytes.length
    if (!this.#discarding) {
      this.#transcript.received(this.#client, bytes)
      this.#received.append(bytes)
      if (this.#received.length > MAX_KEPT_BYTES) this.discard()
    }
    this.#socket.emit('progress')
  }

  #end(ending: Ending): void {
    if (this.#ending !== 'still open') return
    this.#ending = ending
    this.#transcript.note(this.#client, ending === 'FIN' ? 'receive FIN' : 'receive a reset (RST)')
    this.#socket.emit('progress')
  }

  /** Waits for the next bytes or the end; `false` when neither has come. */
  async #change(patienceMs: number): Promise<boolean> {
    const { signal, stop } = patience(patienceMs)
    return await this.#changeBefore(signal).finally(stop)
  }

  /** As `#change`, with a patience that may have begun before. */
  async #changeBefore(signal: AbortSignal): Promise<boolean> {
    try {
      await once(this.#socket, 'progress', { signal })
      return true
    } catch (error) {
      if (this.#error === error) return true
      if (signal.aborted) return false
      throw error
    }
  }

  /** A server may close before it has read everything (413): then the rest goes nowhere, and that is no error. */
  async #write(bytes: Buffer): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('progress', ended)
        this.#socket.off('close', done)
        resolve()
      }
      const ended = () => {
        if (this.#ending !== 'still open') done()
      }
      this.#socket.on('progress', ended)
      this.#socket.once('close', done)
      this.#socket.write(bytes, () => done())
    })
  }

  /**
   * Waits until the server has read the last `count` bytes; returns whether it has.
   *
   * @param before - what its process had read before they were written
   */
  async #untilRead(
    count: number,
    before: number | undefined,
    patienceMs = PATIENCE_MS,
  ): Promise<boolean> {
    const deadline = Date.now() + patienceMs
    for (let look = 1; Date.now() < deadline && this.#ending === 'still open'; look++) {
      const now = before === undefined ? undefined : this.#peer?.bytesRead?.()
      if (before !== undefined && now !== undefined && now - before >= count) return true
      // The table of all connections is exact everywhere, but can be megabytes long.
      if (now !== undefined && look % 100 !== 20) {
        await delay(1)
        continue
      }
      const unread = await unreadBytes(this.port, this.#socket.remotePort ?? 0)
      // The system read the bytes a moment before the program sees them.
      await delay(unread === undefined ? 20 : 1)
      if (!unread) return true
    }
    return false
  }
}

/** Makes a failure from a conversation. */
export function failureOf(
  transcript: Transcript,
  {
    expected,
    received,
    why,
  }: Pick<Failure, 'expected' | 'received'> & { readonly why?: string | undefined },
  stderr = '',
): Expectation {
  const repeat = transcript.repeatLine()
  return new Expectation({
    steps: transcript.lines(),
    expected,
    received,
    ...(why === undefined ? {} : { why }),
    ...(repeat === undefined ? {} : { repeat }),
    ...(transcript.settings === '' ? {} : { settings: transcript.settings }),
    ...(stderr === '' ? {} : { stderr }),
  })
}
