/** What the load process is asked to do, and what it says afterwards. Both travel as JSON. */
import type { Address } from '../../harness/wire/wire.ts'
import type { Latencies } from '../record.ts'
import type { PlannedRequest } from '../requests.ts'

/** Who makes the load on persistent connections. */
export type LoadName = 'autocannon' | 'wrk'

export interface Job {
  /**
   * - `persistent`: connections stay open, each sends again as soon as it is answered (autocannon, or wrk)
   * - `one each`: a connection for every request, as levels 1 and 2 have it
   * - `on schedule`: requests start when it is their time, whether the server keeps up or not (open loop)
   */
  readonly kind: 'persistent' | 'one each' | 'on schedule'
  readonly address: Address
  readonly requests: readonly PlannedRequest[]
  /** For `on schedule`: the most that may be open. */
  readonly connections: number
  /** Requests of a connection that are sent without waiting for an answer [1]. */
  readonly pipelining?: number
  /** Time that counts. It begins when every connection has been answered once. */
  readonly seconds: number
  /** For `persistent`: who makes it [autocannon]. */
  readonly by?: LoadName
  /** For `on schedule`: requests a second. */
  readonly rate?: number
  /** Ends after so many requests, instead of after a time; all of them count. */
  readonly amount?: number
}

/** What came of a job. */
export interface LoadReport {
  /** The time that counted. */
  readonly seconds: number
  /** Responses within it, verified. */
  readonly requests: number
  /** Responses in all, those before and after included: what the server's CPU time was spent on. */
  readonly requestsInAll: number
  /** Connections that got an answer, as far as they are told apart. */
  readonly connectionsServed: number
  readonly contentBytes: number
  readonly latencyMs: Latencies | null
  /** HdrHistogram of microseconds, compressed, in base64: histograms of several rounds can be added. */
  readonly histogram: string
  readonly errors: number
  /** The first error, in words. */
  readonly firstError: string | null
  /** Answered with 503. */
  readonly refused: number
  readonly wrong: number
  /** What was wrong with the first wrong answer, in words. */
  readonly firstWrong: string | null
  /** CPU time of the load process in the whole job, as a share of the time it took. */
  readonly generatorShare: number
}
