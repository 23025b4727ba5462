/** Requests as bytes, for the tests in which not every byte is the point. */
import { toBuffer, type Bytes } from '../../harness/wire/bytes.ts'

/** A whole head: this line, a Host, these field lines, the empty line. */
export function head(requestLine: string, ...fieldLines: readonly string[]): string {
  return [requestLine, 'Host: localhost', ...fieldLines, '', ''].join('\r\n')
}

/** A GET without content. */
export function get(target: string, ...fieldLines: readonly string[]): string {
  return head(`GET ${target} HTTP/1.1`, ...fieldLines)
}

/** A POST with its content and the Content-Length of it. */
export function post(target: string, content: Bytes, ...fieldLines: readonly string[]): Buffer {
  const { length } = content
  const fields = head(`POST ${target} HTTP/1.1`, ...fieldLines, `Content-Length: ${length}`)
  return Buffer.concat([toBuffer(fields), toBuffer(content)])
}

/** Content in chunks, one for each piece, and no trailer section (RFC 9112 §7.1). */
export function inChunks(pieces: readonly Buffer[]): Buffer {
  const chunks = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')])
}

/** A header section of exactly this many bytes, from the first field name to the end of the empty line. */
export function headerSection(bytes: number): string {
  const host = 'Host: localhost\r\n'
  const filler = bytes - host.length - 'X-Filler: \r\n\r\n'.length
  return `${host}X-Filler: ${'x'.repeat(filler)}\r\n\r\n`
}

/** A GET of `/` whose request line has exactly this many bytes, its CRLF not counted. */
export function requestLine(bytes: number): string {
  return `GET /?${'q'.repeat(bytes - 'GET /? HTTP/1.1'.length)} HTTP/1.1\r\n`
}
