/** Bytes as people read and type them. */

/** A string is bytes already: each character one byte, as in `cases.ts`. */
export type Bytes = string | Uint8Array

export function toBuffer(bytes: Bytes): Buffer {
  return typeof bytes === 'string'
    ? Buffer.from(bytes, 'latin1')
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const NAMED: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/** The bytes as a string literal of TypeScript: `"GET / HTTP/1.1\r\n"`. Long ones are cut in the middle, and say so. */
export function literal(bytes: Bytes, mostBytes = 400): string {
  const buffer = toBuffer(bytes)
  // All its bytes are alike if it reads the same one byte later.
  if (buffer.length > 40 && buffer.subarray(1).equals(buffer.subarray(0, -1))) {
    return `"${escaped(buffer.subarray(0, 1))}" ${buffer.length} times`
  }
  if (buffer.length <= mostBytes) return `"${escaped(buffer)}"`
  const tail = 40
  const head = escaped(buffer.subarray(0, mostBytes - tail))
  return `"${head}…${escaped(buffer.subarray(-tail))}" (${buffer.length} bytes in all)`
}

function escaped(buffer: Buffer): string {
  return Array.from(buffer, (byte) => {
    const named = NAMED[byte]
    if (named !== undefined) return named
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
    return `\\x${byte.toString(16).padStart(2, '0')}`
  }).join('')
}

/** The bytes as an argument of `printf` in a shell. */
export function printfArgument(bytes: Bytes): string {
  return Array.from(toBuffer(bytes), (byte) => {
    if (byte === 13) return '\\r'
    if (byte === 10) return '\\n'
    if (byte === 0x25) return '%%'
    if (byte === 0x5c) return '\\\\'
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x27) return String.fromCharCode(byte)
    return `\\${byte.toString(8).padStart(3, '0')}`
  }).join('')
}
