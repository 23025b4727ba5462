/** The bytes that mean something in HTTP/1.1, and the classes they fall into. */

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SP = 0x20
export const COLON = 0x3a

/** For a byte 1 if it is a `tchar`, otherwise 0 (RFC 9110 §5.6.2). */
export const isTokenByte = table(
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)

/** For a byte 1 if it may stand in a request target: visible ASCII without `#`, a fragment stays with the client (RFC 9110 §7.1). */
export const isTargetByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > 0x20 && byte < 0x7f && byte !== 0x23 ? 1 : 0,
)

/** For a byte 1 if it may stand in a field value: no control character but HTAB (RFC 9110 §5.5). */
export const isFieldByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === HTAB || (byte >= 0x20 && byte !== 0x7f) ? 1 : 0,
)

function table(characters: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (const character of characters) bytes[character.charCodeAt(0)] = 1
  return bytes
}
