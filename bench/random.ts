/** A stream of numbers from 0 to 1 that follows from a seed: the same seed gives the same load, and the same intervals. */
export type Random = () => number

/**
 * Mulberry32: small, fast, and even enough for load and for resampling. Not for secrets.
 *
 * @param name - streams of one seed with different names have nothing to do with each other
 */
export function randomFrom(seed: number, name: string): Random {
  let state = seed >>> 0
  for (const character of name)
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Lower-case letters. */
export function word(random: Random, length = 8): string {
  return Array.from({ length }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('')
}

/** A whole number from `least` to `most`, both possible. */
export function integer(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}
