/** What a level measures, as data. */
import type { Job } from './load/job.ts'
import type { Random } from './random.ts'
import type { Round } from './record.ts'
import type { PlannedRequest } from './requests.ts'

/** A load that two servers get in turns. */
export interface Scenario {
  readonly id: string
  readonly title: string
  readonly kind: Exclude<Job['kind'], 'on schedule'>
  readonly connections: number
  readonly pipelining?: number
  /** Made anew for each pair of rounds; both servers of a pair get the same. */
  requests(random: Random): readonly PlannedRequest[]
  /** Runs beside it, uncounted, and keeps the threads of the server busy. */
  readonly background?: {
    readonly connections: number
    readonly requests: readonly PlannedRequest[]
  }
  /** The targets that its rounds decide: name in the table of the level → figure of a round, in the target's unit. */
  readonly targets?: Readonly<Record<string, (round: Round) => number>>
}

export const rate = (round: Round): number => round.requestsPerSecond
export const p99 = (round: Round): number => round.latencyMs?.p99 ?? Infinity
export const megabytesPerSecond = (round: Round): number => round.contentBytesPerSecond / 1e6
export const megabytes = (round: Round): number => (round.anonymousBytes ?? 0) / 1e6
