/**
 * Looks at what a handler gave as content, before anything of the answer leaves. A handler may be somebody else's.
 *
 * @throws {TypeError} when it is neither text nor bytes nor a stream of them
 */
export function checkContent(content: unknown): void {
  if (typeof content === 'string' || content instanceof Uint8Array) return
  if (typeof content === 'object' && content !== null && Symbol.asyncIterator in content) return
  throw new TypeError('The content of an answer is neither text nor bytes nor a stream.')
}

/** @throws {TypeError} when a stream yields anything but bytes */
export function checkPiece(piece: unknown): void {
  if (!(piece instanceof Uint8Array)) throw new TypeError('A piece of content is no bytes.')
}
