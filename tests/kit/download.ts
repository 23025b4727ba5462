/** A client that reads a long answer when it is told to, and keeps nothing of its content. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Server } from '../../harness/server.ts'
import { patience, whenSilent } from '../../harness/patience.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'
import type { KnownBytes } from './known-bytes.ts'
import { get } from './request.ts'

interface Received {
  /** Bytes of content, in all. */
  readonly bytes: number
  readonly ending: 'complete' | 'FIN' | 'reset' | 'silence'
}

/** How an answer ended. */
export interface Rest extends Received {
  /** Bytes of content that are other than the one that was expected. */
  readonly others: number
}

/** How an answer ended that is part of a file of known bytes. */
export interface Comparison extends Received {
  /** The first place of the file whose byte came as another one. */
  readonly otherAt: number | undefined
}

/** An answer whose head has come; nothing more is read until `rest`. */
export class Download {
  /** The status line and the header section. */
  readonly head: string
  readonly status: number
  /** What Content-Length says. */
  readonly length: number
  readonly #socket: Socket
  readonly #server: Server
  readonly #beginning: Buffer

  private constructor(server: Server, socket: Socket, head: string, beginning: Buffer) {
    this.head = head
    this.status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
    this.length = Number(/^content-length:[ \t]*(\d+)/im.exec(head)?.[1])
    this.#server = server
    this.#socket = socket
    this.#beginning = beginning
  }

  /**
   * Asks for a target on a connection of its own, and stops reading at the head of the answer.
   *
   * @throws {Expectation} when no head comes
   */
  static async begin(
    server: Server,
    target: string,
    ...fieldLines: readonly string[]
  ): Promise<Download> {
    server.transcript.note(0, `ask for ${target}, and stop reading as soon as the answer begins`)
    const socket = connect({ ...server.address, allowHalfOpen: true })
    // A server that goes resets us: `rest` sees it.
    socket.on('error', () => {})
    socket.write(get(target, ...fieldLines))
    let received = Buffer.alloc(0)
    const { signal, stop } = patience(PATIENCE_MS)
    while (received.indexOf('\r\n\r\n') === -1) {
      const bytes = await nextRead(socket, signal)
      if (bytes === undefined) {
        const wasSilent = signal.aborted
        stop()
        socket.destroy()
        throw server.fails({
          expected: `the head of an answer to GET ${target}`,
          received:
            (await server.fate()) ??
            (wasSilent ? `nothing for ${PATIENCE_MS / 1000} s` : 'the end of the connection'),
        })
      }
      received = Buffer.concat([received, bytes])
    }
    stop()
    const end = received.indexOf('\r\n\r\n') + 4
    return new Download(server, socket, received.toString('latin1', 0, end), received.subarray(end))
  }

  /** Sends another request behind the one whose answer is coming. */
  askAlso(target: string): void {
    this.#server.transcript.note(0, `ask for ${target} behind it`)
    this.#socket.write(get(target))
  }

  /**
   * Reads the rest, up to the announced length or the end of the connection.
   *
   * @param expectedByte - the one byte that the content is made of; `undefined`: whatever it is
   */
  async rest(expectedByte: number | undefined): Promise<Rest> {
    let others = 0
    const received = await this.#receive((bytes) => {
      if (expectedByte !== undefined) others += othersThan(expectedByte, bytes)
    })
    return { ...received, others }
  }

  /** Reads the rest, as `rest` does, and compares it with what `file` has from place `first` on. */
  async compare(file: KnownBytes, first: number): Promise<Comparison> {
    let otherAt: number | undefined
    const received = await this.#receive((bytes, at) => {
      otherAt ??= file.firstOther(bytes, first + at)
    })
    return { ...received, otherAt }
  }

  /** Leaves in the middle of the answer. */
  reset(): void {
    this.#server.transcript.note(0, 'reset the connection in the middle of the answer')
    this.#socket.resetAndDestroy()
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy()
  }

  /** `take` gets the bytes of content as they come, and how many came before them. */
  async #receive(take: (bytes: Buffer, at: number) => void): Promise<Received> {
    this.#server.transcript.note(0, 'read the rest of the answer')
    let bytes = 0
    const count = (read: Buffer) => {
      take(read, bytes)
      bytes += read.length
    }
    count(this.#beginning)
    const ending = await this.#read(count, () => bytes >= this.length)
    return { bytes, ending }
  }

  #read(take: (bytes: Buffer) => void, isComplete: () => boolean): Promise<Rest['ending']> {
    const socket = this.#socket
    return new Promise((resolve) => {
      if (isComplete()) return resolve('complete')
      if (socket.destroyed) return resolve('reset')
      socket.on('data', (bytes: Buffer) => {
        take(bytes)
        if (isComplete()) resolve('complete')
      })
      socket.once('end', () => resolve('FIN'))
      socket.once('error', () => resolve('reset'))
      socket.once('close', () => resolve('reset'))
      whenSilent(socket, PATIENCE_MS, () => resolve('silence'))
      socket.resume()
    })
  }
}

/** The bytes of one read; `undefined` when the connection ends or nothing comes. */
async function nextRead(socket: Socket, patience: AbortSignal): Promise<Buffer | undefined> {
  // Of the two that are waited for, one comes: nobody waits for the other any more.
  const waited = new AbortController()
  const signal = AbortSignal.any([patience, waited.signal])
  try {
    for (;;) {
      const bytes = socket.read() as Buffer | null
      if (bytes !== null) return bytes
      if (socket.readableEnded || socket.destroyed) return undefined
      await Promise.race([once(socket, 'readable', { signal }), once(socket, 'close', { signal })])
    }
  } catch {
    return undefined
  } finally {
    waited.abort()
  }
}

function othersThan(byte: number, bytes: Buffer): number {
  // Nearly always none: then it is a matter of microseconds.
  if (bytes[0] === byte && bytes.subarray(1).equals(bytes.subarray(0, -1))) return 0
  let others = 0
  for (const other of bytes) if (other !== byte) others++
  return others
}
