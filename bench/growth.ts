/**
 * Does memory go on growing? A server that keeps nothing reaches a size and stays there; a leak never stops.
 *
 * One look tells nothing: a collector lets garbage lie for a while, and V8 takes memory in steps. So equal rounds of
 * load go on until memory has stood still, or has had every chance to.
 */
import type { Growth } from './record.ts'
import { slope } from './statistics.ts'

export interface GrowthOptions {
  /** Bytes of a request that may stay. */
  readonly most: number
  readonly requestsPerRound: number
}

/** The slope is taken over so many rounds. */
const WINDOW = 6
/** Standing still must be seen this often in a row: garbage that is collected can hide a leak for a round. */
const LOOKS = 2
export const MOST_ROUNDS = 20

/**
 * Judges memory after each round so far.
 *
 * @param anonymousBytes - RssAnon before the first round, and after each
 * @returns `undefined` while another round could tell
 */
export function growthOf(
  anonymousBytes: readonly number[],
  { most, requestsPerRound }: GrowthOptions,
): Growth | undefined {
  const perRequest = (end: number) =>
    slope(anonymousBytes.slice(end - WINDOW, end)) / requestsPerRound
  const count = anonymousBytes.length
  if (count < WINDOW + LOOKS) return undefined
  const looks = Array.from({ length: LOOKS }, (_, back) => perRequest(count - back))
  const [bytesPerRequest = 0] = looks
  const stands = looks.every((each) => each < most)
  if (!stands && count <= MOST_ROUNDS) return undefined
  return {
    requestsPerRound,
    anonymousBytes: [...anonymousBytes],
    bytesPerRequest,
    verdict: stands ? 'flat' : 'grows',
  }
}
