/**
 * The same text as one piece.
 *
 * V8 keeps a text that was put together as its parts until somebody reads it; one that is written thousands of times is
 * better put together once.
 */
export function flat(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('latin1')
}
