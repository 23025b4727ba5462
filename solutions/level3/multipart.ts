/** Several ranges in one answer: `multipart/byteranges` (RFC 9110 §14.6). */
import type { Part } from './file-content.ts'
import type { ByteRange } from './ranges.ts'

/** An answer's media type, and what it is made of. */
export interface Multipart {
  readonly type: string
  readonly parts: readonly Part[]
}

/** Puts `ranges` of a file of this media type and size into one content. */
export function multipart(ranges: readonly ByteRange[], type: string, size: number): Multipart {
  // The file must not contain it; nobody who wrote the file could know it.
  const boundary = crypto.randomUUID()
  const parts = ranges.flatMap((range, index) => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\n` +
        `Content-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`,
    ),
    range,
  ])
  return {
    type: `multipart/byteranges; boundary=${boundary}`,
    parts: [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)],
  }
}

/** `bytes 0-499/1234` */
export function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`
}
