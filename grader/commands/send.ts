/**
 * `printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' | npm run --silent send`: what `nc` does, where there is none, and what
 * not every `nc` can.
 *
 * Bytes from stdin go to the server on PORT [8080] as they come; what comes back goes to stdout as it is. How the
 * connection ended stands on stderr.
 */
import { fstatSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { UsageError } from '../course.ts'

export interface SendOptions {
  /** Ends our direction with FIN after the last byte. */
  readonly end?: boolean
  /** Sends every byte in a write of its own. */
  readonly oneByOne?: boolean
}

const LF = 10

/** Long enough for the server to read one byte before the next one comes. */
const BETWEEN_BYTES_MS = 2

export async function send(options: SendOptions): Promise<void> {
  if (process.stdin.isTTY) {
    throw new UsageError(
      "Send what? For instance: printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | npm run --silent send",
    )
  }
  const port = process.env['PORT'] ?? '8080'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`PORT must be a number up to 65535, but it is "${port}".`)
  }
  const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
  socket.setNoDelay(true)
  let lastByte = LF
  socket.on('data', (bytes: Buffer) => {
    lastByte = bytes.at(-1) ?? lastByte
    process.stdout.write(bytes)
  })
  const ended = endingOf(socket, port)
  await Promise.race([write(socket, options), ended])
  const { sentence, code } = await ended
  // On a terminal, or in one file, the two stand below each other.
  const isAtLineStart = lastByte === LF || !sharesStdout()
  process.stderr.write(`${isAtLineStart ? '' : '\n'}${sentence}\n`)
  process.exitCode = code
  // Whoever feeds us may go on; nobody takes it any more.
  process.stdin.destroy()
  socket.destroy()
}

/** Whether both outputs go to the same place. */
function sharesStdout(): boolean {
  const [out, err] = [fstatSync(1), fstatSync(2)]
  return out.ino === err.ino && out.dev === err.dev
}

async function write(socket: Socket, { end = false, oneByOne = false }: SendOptions) {
  for await (const bytes of process.stdin as AsyncIterable<Buffer>) {
    for (const part of oneByOne ? Array.from(bytes, (byte) => Buffer.of(byte)) : [bytes]) {
      socket.write(part)
      if (oneByOne) await delay(BETWEEN_BYTES_MS)
    }
  }
  if (end) socket.end()
}

function endingOf(socket: Socket, port: string): Promise<{ sentence: string; code: number }> {
  return new Promise((resolve) => {
    socket.once('end', () =>
      resolve({ sentence: 'The server ended the connection (FIN).', code: 0 }),
    )
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      resolve({
        sentence:
          code === 'ECONNREFUSED'
            ? `Nothing listens on port ${port}. In another terminal: ${port === '8080' ? '' : `PORT=${port} `}npm start -- level1 (or another level)`
            : code === 'ECONNRESET'
              ? 'The server ended the connection with a reset (RST).'
              : `The connection failed: ${message}.`,
        code: 1,
      }),
    )
  })
}
