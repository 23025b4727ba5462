/** Up to so many characters a loop has looked at before native code has been called. */
const FEW = 40

/** How many bytes a text has as UTF-8. */
export function utf8Length(text: string): number {
  if (text.length > FEW) return Buffer.byteLength(text)
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text)
  }
  return text.length
}
