/** A web server on a raw TCP socket: one request a connection, read, answered and closed. */
import net from 'node:net'
import { RequestError } from './errors.ts'
import { checkHost, contentLength, readHeaderSection } from './header-section.ts'
import { Input } from './input.ts'
import { readRequestLine } from './request-line.ts'
import type { RequestLine } from './request-line.ts'
import { refusal, serialize } from './response.ts'
import type { Response } from './response.ts'
import { findHandler } from './routes.ts'
import type { CommonSettings } from './settings.ts'
import { tearDown } from './tear-down.ts'

/** What `main.ts` reads from the environment for us. */
export type Settings = CommonSettings &
  Readonly<Record<'MAX_REQUEST_LINE_BYTES' | 'MAX_HEADER_BYTES' | 'MAX_CONTENT_BYTES', number>>

/** Creates the server. It accepts connections once `listen` is called on it. */
export function createServer(settings: Settings): net.Server {
  // A client may end its direction and still wait for the answer: half-open is normal.
  return net.createServer({ allowHalfOpen: true }, (socket) => {
    // A connection that breaks is the loss of one client. Without a listener it is a crash.
    socket.on('error', () => socket.destroy())
    serve(socket, settings).catch((error: unknown) => {
      if (settings.LOG && !socket.destroyed) console.error(error)
      socket.destroy()
    })
  })
}

/** The life of a connection: read a request, answer it, close. */
async function serve(socket: net.Socket, settings: Settings): Promise<void> {
  const input = new Input(socket)
  let requestLine: RequestLine | undefined
  let response: Response
  try {
    requestLine = await readRequestLine(input, settings.MAX_REQUEST_LINE_BYTES)
    if (requestLine === undefined) return tearDown(socket)
    response = await answer(requestLine, input, settings)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    response = refusal(error)
  }
  await input.release()
  tearDown(socket, serialize(response, requestLine?.method))

  const { method = '-', target = '-' } = requestLine ?? {}
  if (settings.LOG) console.error(`${method} ${target} ${response.status}`)
}

/**
 * Reads the rest of a request and has it handled.
 *
 * The order of the steps is the order of faults: the first fault is the one that is answered.
 *
 * @throws {RequestError}
 */
async function answer(
  requestLine: RequestLine,
  input: Input,
  settings: Settings,
): Promise<Response> {
  const headers = await readHeaderSection(input, settings.MAX_HEADER_BYTES)
  checkHost(headers, requestLine.version)
  const length = contentLength(headers)

  const handler = findHandler(requestLine)
  if (length > settings.MAX_CONTENT_BYTES) throw new RequestError('CONTENT_TOO_LARGE')

  const content = await input.readBytes(length)
  return handler({ ...requestLine, headers, content })
}
