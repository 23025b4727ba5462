/** Counts what comes back: within the time that counts, and in all. */
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'
import { PLACES, type Latencies } from '../record.ts'
import { complaint, type PlannedRequest } from '../requests.ts'
import type { Job, LoadReport } from './job.ts'

/** Microseconds, to three digits, up to a minute. */
function emptyHistogram(): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 60_000_000,
    numberOfSignificantValueDigits: 3,
  })
}

/** How long the first answers may take before the counting begins. */
const PATIENCE_MS = 3000

/** A job that ends after so many requests ends after this time, too: a server may be slow enough to take all day. */
const MOST_SECONDS = 15

/** Nothing more is learned from a server that is wrong all the time. */
const ENOUGH_WRONG = 200

export class Tally {
  readonly #histogram = emptyHistogram()
  readonly #begun = performance.now()
  readonly #cpu = process.cpuUsage()
  readonly #job: Job
  readonly #served = new Set<unknown>()
  /** When the time that counts begins, and when it ends. */
  #from = Infinity
  #to = Infinity
  #requests = 0
  #requestsInAll = 0
  #contentBytes = 0
  #errors = 0
  #firstError: string | null = null
  #refused = 0
  #wrong = 0
  #firstWrong: string | null = null
  #last = performance.now()
  #patience: ReturnType<typeof setTimeout> | undefined
  #end: ReturnType<typeof setTimeout> | undefined
  readonly #onEnd: () => void

  /** @param onEnd - called when nothing counts any more */
  constructor(job: Job, onEnd: () => void = () => undefined) {
    this.#job = job
    this.#onEnd = onEnd
    if (job.kind === 'on schedule' || job.amount !== undefined) this.#begin()
    else this.#patience = setTimeout(() => this.#giveUp(), PATIENCE_MS)
  }

  /** Nothing counts any more. */
  get over(): boolean {
    return performance.now() > this.#to
  }

  #begin(): void {
    clearTimeout(this.#patience)
    this.#from = performance.now()
    this.#requests = this.#contentBytes = 0
    this.#histogram.reset()
    const { amount, seconds } = this.#job
    const ms = 1000 * (amount === undefined ? seconds : MOST_SECONDS)
    this.#to = this.#from + ms
    this.#end = setTimeout(this.#onEnd, ms)
  }

  /** So few answers in so long a time: what came is all that will be told. */
  #giveUp(): void {
    this.#from = this.#begun
    this.#to = performance.now()
    this.#onEnd()
  }

  /** An answer came. One that is wrong never counts as an answer. */
  answer(
    request: PlannedRequest,
    status: number,
    content: string,
    latencyMs: number,
    connection?: unknown,
  ): void {
    const wrong = complaint(request.expect, status, content)
    if (wrong !== undefined) {
      this.#wrong++
      if (this.#wrong === ENOUGH_WRONG) this.#giveUp()
      this.#firstWrong ??= `${request.method} ${request.target.slice(0, 80)} was answered with ${wrong}`
      return
    }
    this.#rightAnswer(content.length, latencyMs, connection)
  }

  #rightAnswer(contentBytes: number, latencyMs: number, connection: unknown): void {
    const now = performance.now()
    this.#requestsInAll++
    this.#served.add(connection)
    if (this.#from === Infinity && this.#served.size >= this.#job.connections) this.#begin()
    if (now > this.#to) return
    this.#last = now
    this.#requests++
    this.#contentBytes += contentBytes
    this.#histogram.recordValue(Math.max(1, Math.round(latencyMs * 1000)))
  }

  /** The server is at its limit, and says so. */
  refusal(): void {
    const now = performance.now()
    this.#requestsInAll++
    if (now >= this.#from && now <= this.#to) this.#refused++
  }

  error(reason: string): void {
    this.#errors++
    this.#firstError ??= reason
  }

  report(): LoadReport {
    const now = performance.now()
    const { user, system } = process.cpuUsage(this.#cpu)
    clearTimeout(this.#patience)
    clearTimeout(this.#end)
    const { amount } = this.#job
    const ended =
      amount !== undefined || this.#to === Infinity ? this.#last : Math.min(now, this.#to)
    return {
      seconds: Math.max(1, ended - Math.min(this.#from, ended)) / 1000,
      requests: this.#requests,
      requestsInAll: this.#requestsInAll,
      connectionsServed: this.#served.size,
      contentBytes: this.#contentBytes,
      latencyMs: latenciesOf(this.#histogram),
      histogram: encodeIntoCompressedBase64(this.#histogram),
      errors: this.#errors,
      firstError: this.#firstError,
      refused: this.#refused,
      wrong: this.#wrong,
      firstWrong: this.#firstWrong,
      generatorShare: (user + system) / 1000 / Math.max(1, now - this.#begun),
    }
  }
}

function latenciesOf(histogram: Histogram): Latencies | null {
  if (histogram.totalCount === 0) return null
  const at = (place: number) => histogram.getValueAtPercentile(place * 100) / 1000
  return {
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
    quantiles: PLACES.map((place) => [place, at(place)]),
  }
}

/** The latencies of several rounds together. */
export function allTogether(histograms: readonly string[]): Latencies | null {
  const sum = emptyHistogram()
  for (const text of histograms) sum.add(decodeFromCompressedBase64(text))
  return latenciesOf(sum)
}
