import type { Socket } from 'node:net'
import { reasonPhrase, type ContentStream, type Response } from './http.ts'

export interface WriteOptions {
  readonly withoutContent: boolean
  readonly close: boolean
  readonly timeoutMs: number
}

export class AnswerAborted extends Error {
  override readonly name = 'AnswerAborted'

  constructor() {
    super('The client was gone before it had the whole answer.')
  }
}

/** Waits for `drain`, and cuts off a client that takes nothing. */
class Outlet {
  #socket: Socket
  #timeoutMs: number
  #seen = 0

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
  }

  /** Bytes the kernel has taken. */
  get #taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable) throw new AnswerAborted()
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const done = (error?: Error | null) => {
        clearTimeout(timer)
        this.#socket.off('close', done)
        if (error || this.#socket.destroyed) reject(new AnswerAborted())
        else resolve()
      }
      const look = () => {
        const taken = this.#taken
        if (taken === this.#seen) this.#socket.resetAndDestroy()
        this.#seen = taken
        timer = setTimeout(look, this.#timeoutMs)
      }
      if (this.#timeoutMs > 0) {
        this.#seen = this.#taken
        timer = setTimeout(look, this.#timeoutMs)
      }
      this.#socket.once('close', done)
      this.#socket.write(bytes, done)
    })
  }
}

export async function writeResponse(
  socket: Socket,
  response: Response,
  options: WriteOptions,
): Promise<void> {
  const { content = '' } = response
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const { length } = bytes
  const head = Buffer.from(formatHead(response, length, options.close), 'latin1')
  const outlet = new Outlet(socket, options.timeoutMs)
  const empty = options.withoutContent || response.status === 204 || response.status === 304
  if (empty) return await outlet.write(head)
  if (bytes instanceof Uint8Array) return await outlet.write(Buffer.concat([head, bytes]))
  await sendAll(socket, outlet, head, bytes)
}

async function sendAll(
  socket: Socket,
  outlet: Outlet,
  head: Buffer,
  stream: ContentStream,
): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]()
  let finished = false
  let told = false
  const tell = () => {
    if (told || finished) return
    told = true
    void Promise.resolve(iterator.return?.()).catch(() => {})
  }
  socket.once('close', tell)
  try {
    await outlet.write(head)
    let sent = 0
    for (let turn = 1; ; turn++) {
      const { done, value } = await iterator.next()
      if (socket.destroyed) throw new AnswerAborted()
      if (done) {
        finished = true
        break
      }
      sent += value.length
      if (stream.length !== undefined && sent > stream.length)
        throw new Error('The content is longer than it said.')
      await outlet.write(value)
      if (turn % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    if (stream.length !== undefined && sent < stream.length)
      throw new Error('The content is shorter than it said.')
  } catch (error) {
    socket.resetAndDestroy()
    throw error
  } finally {
    socket.off('close', tell)
    tell()
  }
}

let lastDate = { second: 0, text: '' }

export function formatHead(
  { status, headers = {} }: Response,
  contentLength: number | undefined,
  close: boolean,
): string {
  const second = Math.floor(Date.now() / 1000)
  if (lastDate.second !== second) lastDate = { second, text: new Date(second * 1000).toUTCString() }
  const lines = [`HTTP/1.1 ${status} ${reasonPhrase(status)}`]
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n\0]/.test(value)) throw new TypeError('no line ends in a field')
    lines.push(`${name}: ${value}`)
  }
  if (contentLength !== undefined && status !== 204 && status !== 304)
    lines.push(`content-length: ${contentLength}`)
  if (close) lines.push('connection: close')
  lines.push(`date: ${lastDate.text}`, '', '')
  return lines.join('\r\n')
}
