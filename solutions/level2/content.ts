/** What a handler gives as content, which may be somebody else's: looked at before it is sent, and freed when nobody wants it. */

/**
 * To be called before anything of the answer leaves.
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

/** Tells a stream that nobody wants the rest. What fails then fails for nobody. */
export async function freeContent(
  iterator: () => AsyncIterator<Uint8Array> | undefined,
): Promise<void> {
  try {
    await iterator()?.return?.()
  } catch {
    // Its maker had something left to say, and nobody listens any more.
  }
}
