/** From the rounds of a target to its verdict, and whether more rounds could change it. */
import type { Random } from './random.ts'
import type { Interval, TargetVerdict } from './record.ts'
import { medianInterval, ratios } from './statistics.ts'
import type { Target } from './targets.ts'

/** One interval in a hundred may miss; looked at after each pair, that stays below the one in twenty that we promise. */
export const CONFIDENCE = 0.99

/** Fewer pairs than this may agree by chance … */
export const LEAST_PAIRS = 4

/** … unless they are so many times as far as asked for, or short of it: then so many will do. */
const FEWEST_PAIRS = 2
const FAR = 1.75

/** The figure of each round, in the unit of the target; pair by pair. */
export interface Figures {
  readonly submission: readonly number[]
  /** Empty where there is no reference to run beside. */
  readonly reference: readonly number[]
}

export interface Judgement {
  readonly verdict: TargetVerdict
  readonly value: Interval | null
  readonly reference: Interval | null
  readonly shareReached: Interval | null
  readonly reason: string
}

/** On which side of a threshold a figure is: `undefined` while the threshold lies within its interval. */
type Side = 'reached' | 'not reached' | undefined

/**
 * Judges a target by all rounds so far. "Too close to call" means: more rounds could still tell.
 *
 * It is met when the absolute number or the share of the reference is clearly reached, and missed when
 * clearly neither is. A machine that is slow today makes both servers slow: it cannot miss the share.
 */
export function judge(
  target: Target,
  figures: Figures,
  random: Random,
  leastPairs = LEAST_PAIRS,
): Judgement {
  const { submission, reference } = figures
  const pairs = ratios(submission, reference)
  const value = intervalOf(submission, random)
  const shareReached = intervalOf(pairs, random)
  const shown = { value, reference: intervalOf(reference, random), shareReached }
  if (value === null) {
    return { ...shown, verdict: 'not measured', reason: 'No round was measured.' }
  }
  // Few pairs must be far from the threshold, many only clear of it.
  const margin = submission.length >= leastPairs ? 1 : FAR
  const enough = submission.length >= Math.min(FEWEST_PAIRS, leastPairs)
  const absolute =
    target.absolute === null ? 'not reached' : side(target, value, target.absolute, margin)
  const share =
    target.share === null || shareReached === null
      ? 'not reached'
      : side(target, shareReached, target.share, margin)
  const measured = `${number(value.median)} ${target.unit}`
  const ofReference =
    shareReached === null ? '' : `, ${percent(shareReached.median)} of the reference`
  if (!enough) {
    return {
      ...shown,
      verdict: 'too close to call',
      reason: `${submission.length} rounds are too few to tell (${measured}${ofReference}).`,
    }
  }
  if (absolute === 'reached') {
    const reason = `${measured}: ${target.direction} ${number(target.absolute ?? 0)} was asked for.`
    return { ...shown, verdict: 'met', reason }
  }
  if (share === 'reached') {
    const reason = `${percent(shareReached?.median ?? 0)} of the reference in the same rounds: ${target.direction} ${percent(target.share ?? 0)} was asked for.`
    return { ...shown, verdict: 'met', reason }
  }
  if (absolute === undefined || share === undefined) {
    return { ...shown, verdict: 'too close to call', reason: closeness(target, shown) }
  }
  if (target.share !== null && shareReached === null) {
    const reason = `${measured}, short of ${number(target.absolute ?? 0)}; there is no reference here that would tell a slow server from a slow machine.`
    return { ...shown, verdict: 'not measured', reason }
  }
  return {
    ...shown,
    verdict: 'missed',
    reason: `${measured}${target.share === null ? '' : ofReference}: ${asked(target)}.`,
  }
}

function intervalOf(values: readonly number[], random: Random): Interval | null {
  return values.length === 0 ? null : medianInterval(values, CONFIDENCE, random)
}

function side(
  { direction }: Target,
  { low, high }: Interval,
  threshold: number,
  margin: number,
): Side {
  const [above, below]: readonly [Side, Side] =
    direction === 'at least' ? ['reached', 'not reached'] : ['not reached', 'reached']
  // All rounds agree, and say exactly what was asked for.
  if (low === threshold && high === threshold) return 'reached'
  if (low >= threshold * margin) return above
  if (high <= threshold / margin) return below
  return undefined
}

function closeness(target: Target, { value, shareReached }: Omit<Judgement, 'verdict' | 'reason'>) {
  if (shareReached !== null && target.share !== null) {
    return `The share of the reference lies between ${percent(shareReached.low)} and ${percent(shareReached.high)}, too close to ${percent(target.share)} to tell.`
  }
  return `It lies between ${number(value?.low ?? 0)} and ${number(value?.high ?? 0)} ${target.unit}, too close to ${number(target.absolute ?? 0)} to tell.`
}

function asked({ direction, absolute, share, unit }: Target): string {
  const wishes = [
    ...(absolute === null ? [] : [`${number(absolute)} ${unit}`]),
    ...(share === null ? [] : [`${percent(share)} of the reference`]),
  ]
  return `${direction} ${wishes.join(' or ')} was asked for`
}

/** `12,480`, `3.2` */
export function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
