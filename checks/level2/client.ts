/** A client that sends bytes and waits for events: enough to check the reference with. */
import { connect, type Socket } from 'node:net'

export class Client {
  readonly socket: Socket
  /** Everything that came, one character a byte. */
  received = ''
  /** The server's FIN has come. */
  hasEnded = false
  /** Why the connection broke: `ECONNRESET`. */
  errorCode: string | undefined

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('data', (bytes: Buffer) => (this.received += bytes.toString('latin1')))
    this.socket.on('end', () => (this.hasEnded = true))
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.errorCode = error.code))
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Resolves with everything received once it holds `text`; rejects when it never will. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.hasEnded) throw new Error(`FIN, and no ${text} in: ${this.received}`)
      await this.#event()
    }
    return this.received
  }

  /** Resolves with everything received once the server has sent FIN, and closes. */
  async toEnd(): Promise<string> {
    while (!this.hasEnded) await this.#event()
    this.socket.end()
    return this.received
  }

  leave(): void {
    this.socket.resetAndDestroy()
  }

  #event(): Promise<void> {
    const { socket } = this
    return new Promise((resolve, reject) => {
      const done = () => {
        for (const name of ['data', 'end'] as const) socket.off(name, done)
        socket.off('close', broken)
        resolve()
      }
      const broken = () => reject(new Error(`closed (${this.errorCode}) after: ${this.received}`))
      if (socket.destroyed) return broken()
      socket.once('data', done).once('end', done).once('close', broken)
    })
  }
}

/** The status code of an answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(answer)?.[1])
}

/** The content of an answer whose whole text this is. */
export function contentOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4)
}
