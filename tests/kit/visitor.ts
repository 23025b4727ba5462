/** A client for crowds: it knows how its connection fared, and keeps nothing else. */
import { connect, type Socket } from 'node:net'
import { whenSilent } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'

/** What became of a visit: the status of the first answer, or how the connection ended without one. */
export type Fate = number | 'refused' | 'FIN' | 'reset' | 'silence'

const STATUS = /HTTP\/1\.1 (\d{3})/g
const STATUS_BYTES = 'HTTP/1.1 200'.length

export class Visitor {
  readonly #socket: Socket
  readonly #connected: Promise<void>
  readonly #fate: Promise<Fate>
  readonly #ended: Promise<boolean>
  readonly #statuses: number[] = []

  constructor({ address }: Pick<Server, 'address'>) {
    const socket = connect({ ...address, allowHalfOpen: true })
    this.#socket = socket
    const silence = new Promise<void>((resolve) => whenSilent(socket, PATIENCE_MS, resolve))
    this.#connected = new Promise((resolve) => {
      socket.once('connect', resolve)
      socket.once('close', () => resolve())
    })
    this.#ended = new Promise((resolve) => {
      socket.once('end', () => resolve(true))
      socket.once('close', () => resolve(true))
      void silence.then(() => resolve(false))
    })
    this.#fate = new Promise((resolve) => {
      let rest = ''
      socket.on('data', (bytes: Buffer) => {
        rest += bytes.toString('latin1')
        for (const [, status] of rest.matchAll(STATUS)) this.#statuses.push(Number(status))
        if (this.#statuses[0] !== undefined) resolve(this.#statuses[0])
        // Of a status that is still to come, this much may have come.
        rest = rest.slice(1 - STATUS_BYTES)
      })
      socket.once('end', () => resolve('FIN'))
      socket.once('error', ({ code }: NodeJS.ErrnoException) =>
        resolve(code === 'ECONNREFUSED' ? 'refused' : 'reset'),
      )
      socket.once('close', () => resolve('reset'))
      void silence.then(() => resolve('silence'))
    })
  }

  /** Resolves when the connection is there, or never will be. */
  get connected(): Promise<void> {
    return this.#connected
  }

  /** Resolves with the first answer, or without one at the end of the connection. */
  get fate(): Promise<Fate> {
    return this.#fate
  }

  /** Those of all answers that have begun. */
  get statuses(): readonly number[] {
    return this.#statuses
  }

  /** Resolves when the server has ended the connection; with `false` when it is silent for long. */
  get ended(): Promise<boolean> {
    return this.#ended
  }

  send(bytes: string): this {
    this.#socket.write(bytes, 'latin1')
    return this
  }

  /** Ends our direction. */
  end(): this {
    this.#socket.end()
    return this
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  close(): void {
    this.#socket.destroy()
  }
}

/**
 * So many visitors, all of them connected.
 *
 * @throws {Expectation} when the server's process has ended
 */
export async function crowd(server: Server, size: number): Promise<Visitor[]> {
  server.transcript.note(0, `${size} more clients connect at once`)
  const visitors = Array.from({ length: size }, () => new Visitor(server))
  await Promise.all(visitors.map(({ connected }) => connected))
  if (server.ended === undefined) return visitors
  throw server.fails({
    expected: 'clients are accepted',
    received: (await server.fate()) ?? "the server's process has ended",
    why: 'whatever a client does, the server goes on',
  })
}
