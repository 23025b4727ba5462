/** What rounds say about a server, and how sure that is. */
import { median, medianSorted, quantileSorted, sampleWithReplacement } from 'simple-statistics'
import type { Random } from './random.ts'
import type { Interval } from './record.ts'

export { median }

/** How often the bootstrap draws: the ends of the interval stand still from about here. */
const DRAWS = 800

/**
 * The median of a few values, and between what it lies: the bootstrap's percentile interval.
 *
 * Nothing is assumed about how the values scatter. With three values it is all of their range, which is
 * why nothing is decided before there are three that agree.
 *
 * @param confidence - 0.99: one interval in a hundred misses
 */
export function medianInterval(
  values: readonly number[],
  confidence: number,
  random: Random,
): Interval {
  const all = [...values]
  const medians = Array.from({ length: DRAWS }, () =>
    median(sampleWithReplacement(all, all.length, random)),
  ).sort((a, b) => a - b)
  const tail = (1 - confidence) / 2
  return {
    median: median(all),
    low: quantileSorted(medians, tail),
    high: quantileSorted(medians, 1 - tail),
  }
}

/** Submission ÷ reference, pair by pair: what the machine did to both of a pair falls out. */
export function ratios(submission: readonly number[], reference: readonly number[]): number[] {
  return submission.flatMap((value, pair) => {
    const other = reference[pair]
    return other === undefined || other <= 0 ? [] : [value / other]
  })
}

/** The slope of values that were taken at equal steps, per step: the median of all slopes between two of them (Theil and Sen). One outlier does not bend it. */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((from, i) =>
    values.slice(i + 1).map((to, gap) => (to - from) / (gap + 1)),
  )
  return slopes.length === 0 ? 0 : medianSorted(slopes.sort((a, b) => a - b))
}
