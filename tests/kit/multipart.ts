/** Reads the ranges out of a 206, however many it has (RFC 9110 §14.6, §15.3.7). */
import type { Server } from '../../harness/server.ts'
import { field, type Response } from '../../harness/wire/response.ts'

/** One range of a representation. */
export interface ReceivedRange {
  /** Its Content-Range: `bytes 0-4/10`. */
  readonly range: string
  readonly type: string
  readonly content: Buffer
}

/**
 * The ranges of a 206 in their order: one as the content itself, or the parts of a `multipart/byteranges`.
 *
 * @throws {Expectation} when it is neither
 */
export function rangesOf(server: Server, response: Response): ReceivedRange[] {
  const type = field(response, 'Content-Type') ?? ''
  const range = field(response, 'Content-Range')
  const boundary = /^multipart\/byteranges;\s*boundary=(?:"([^"]+)"|([^\s;"]+))$/i.exec(type)
  if (boundary === null) {
    if (range !== undefined) return [{ range, type, content: response.content }]
    throw server.fails({
      expected: 'Content-Range, or Content-Type: multipart/byteranges; boundary=…',
      received: `neither; Content-Type: ${type}`,
      why: 'a 206 says which part of the file it holds (RFC 9110 §15.3.7)',
    })
  }
  if (range !== undefined) {
    throw server.fails({
      expected: 'no Content-Range beside multipart/byteranges',
      received: `Content-Range: ${range}`,
      why: 'in a multipart answer each part has its own (RFC 9110 §15.3.7.2)',
    })
  }
  return partsOf(server, response.content, boundary[1] ?? boundary[2] ?? '')
}

function partsOf(server: Server, content: Buffer, boundary: string): ReceivedRange[] {
  const text = content.toString('latin1')
  // What stands before the first delimiter, and after the last, means nothing (RFC 2046 §5.1.1).
  const [, ...pieces] = `\r\n${text}`.split(`\r\n--${boundary}`)
  const last = pieces.pop()
  if (last === undefined || !last.startsWith('--')) {
    throw server.fails({
      expected: `parts that begin with --${boundary}, and --${boundary}-- after the last`,
      received: JSON.stringify(text.slice(-120)),
      why: 'the boundary delimits the parts (RFC 2046 §5.1.1)',
    })
  }
  return pieces.map((piece) => {
    const end = piece.indexOf('\r\n\r\n')
    const lines = piece.slice(0, end)
    const valueOf = (name: string) =>
      new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'im').exec(lines)?.[1]
    const range = valueOf('content-range')
    if (end === -1 || range === undefined) {
      throw server.fails({
        expected: 'a header section with Content-Range in each part',
        received: JSON.stringify(piece.slice(0, 160)),
        why: 'a part says which bytes it holds (RFC 9110 §15.3.7.2)',
      })
    }
    return {
      range,
      type: valueOf('content-type') ?? '',
      content: Buffer.from(piece.slice(end + 4), 'latin1'),
    }
  })
}
