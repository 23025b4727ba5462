/** Places at which bytes are cut into reads. */
import type { Random } from './random.ts'

/** The places of one way to cut: between each two of them lies one read. */
export type Cut = readonly number[]

/** Everything in one read, one byte a read, and ways drawn at random; short messages are also cut in two at every place. */
export function cutsOf(length: number, random: Random, drawn = 12): Cut[] {
  const inTwo = length <= 220 ? places(length).map((place) => [place]) : []
  const atRandom = Array.from({ length: length > 2 ? drawn : 0 }, () => {
    const cut = new Set(
      Array.from({ length: random.integer(1, 6) }, () => random.integer(1, length - 1)),
    )
    return [...cut].sort((a, b) => a - b)
  })
  return [[], places(length), ...inTwo, ...atRandom]
}

/** The reads that a cut makes of a text. */
export function readsOf(text: string, cut: Cut): string[] {
  return [0, ...cut].map((place, index) => text.slice(place, cut[index] ?? text.length))
}

function places(length: number): number[] {
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1)
}
