/**
 * What one run of a bench found out: terminal, pictures, HTML and comparison are all made from it.
 *
 * It holds each round in full, so that whoever doubts a verdict can compute it again. A figure that
 * was not measured is `null`, and some sentence near it says why: never a zero without a reason.
 */
import { z } from 'zod'

/** Latencies of many requests, in ms; `quantiles` draws the whole distribution: `[0.5, 1.2]` is "half took 1.2 ms or less". */
export const Latencies = z.object({
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  max: z.number(),
  quantiles: z.array(z.tuple([z.number(), z.number()])),
})
export type Latencies = z.infer<typeof Latencies>

/** The places of a distribution that a picture needs. */
export const PLACES = [
  0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.975, 0.99, 0.995,
  0.9975, 0.999, 0.9995, 0.9999, 1,
] as const

/** About a second of load on one server. */
export const Round = z.object({
  /** In which order the rounds ran, over both servers: 0, 1, 2, … */
  order: z.number(),
  seconds: z.number(),
  /** Responses that came and were verified. */
  requests: z.number(),
  requestsPerSecond: z.number(),
  /** Connections that were answered at least once. */
  connectionsServed: z.number(),
  contentBytesPerSecond: z.number(),
  latencyMs: Latencies.nullable(),
  /** Requests that got no whole response: connections refused, reset or timed out. */
  errors: z.number(),
  /** Responses with another status, length or content than was asked for. */
  wrong: z.number(),
  /** Of the process tree, seen from outside. */
  cpuMicrosecondsPerRequest: z.number().nullable(),
  /** Of the process tree when the round had ended. */
  anonymousBytes: z.number().nullable(),
  residentBytes: z.number().nullable(),
  /** The busiest that the load generator's core was, 0 to 1: near 1, it was the limit and not the server. */
  generatorShare: z.number().nullable(),
})
export type Round = z.infer<typeof Round>

/** Memory after equal rounds of load: does it go on growing? */
export const Growth = z.object({
  requestsPerRound: z.number(),
  /** RssAnon before the first round, and after each. */
  anonymousBytes: z.array(z.number()),
  /** The slope over the last rounds. */
  bytesPerRequest: z.number(),
  verdict: z.enum(['flat', 'grows']),
})
export type Growth = z.infer<typeof Growth>

/** Requests that start on schedule, whether the server keeps up or not. */
export const OfferedLoad = z.object({
  /** Of the capacity that was measured just before. */
  timesCapacity: z.number(),
  offeredPerSecond: z.number(),
  /** Verified answers of status 200 within the patience of a client. */
  goodputPerSecond: z.number(),
  /** Answered with 503, as an overloaded server should. */
  refusedPerSecond: z.number(),
  /** Got no answer, or a wrong one. */
  failedPerSecond: z.number(),
  /** Counted from the moment at which the schedule would have sent the request. */
  latencyMs: Latencies.nullable(),
})
export type OfferedLoad = z.infer<typeof OfferedLoad>

/** What one server did in one scenario. */
export const ServerFigures = z.object({
  /** From spawn to the first accepted connection. */
  startUpMs: z.number(),
  rounds: z.array(Round),
  /** All rounds together. */
  latencyMs: Latencies.nullable(),
  /** Before the load, and the most that was seen. */
  idleAnonymousBytes: z.number().nullable(),
  peakAnonymousBytes: z.number().nullable(),
  peakResidentBytes: z.number().nullable(),
  growth: Growth.nullable(),
  /** Each client's request in ms from the moment all connected, the first answered first; for the picture of levels 1 and 2. */
  timeline: z.array(z.object({ from: z.number(), to: z.number() })).nullable(),
  offered: z.array(OfferedLoad).nullable(),
})
export type ServerFigures = z.infer<typeof ServerFigures>

/** Why figures do not count, as data and as a sentence. */
export const Void = z.object({
  code: z.enum(['wrong-answers', 'died', 'unstable', 'no-answer', 'interrupted', 'not-ready']),
  message: z.string(),
})
export type Void = z.infer<typeof Void>

export const ScenarioRecord = z.object({
  /** `throughput`, `static-small`, … */
  id: z.string(),
  title: z.string(),
  connections: z.number(),
  pipelining: z.number(),
  submission: ServerFigures.nullable(),
  /** `null` when the reference is what is measured, or is not in this checkout. */
  reference: ServerFigures.nullable(),
  /** Set when the submission's figures do not count. */
  void: Void.nullable(),
})
export type ScenarioRecord = z.infer<typeof ScenarioRecord>

/** The middle of a figure, and between what it lies with the confidence that stands in the record. */
export const Interval = z.object({ median: z.number(), low: z.number(), high: z.number() })
export type Interval = z.infer<typeof Interval>

/**
 * - `met`, `missed`: clear of the threshold
 * - `too close to call`: the threshold lies within the interval, and no time is left; never costs points
 * - `not measured`: not the submission's doing; never costs points
 */
export const TargetVerdict = z.enum(['met', 'missed', 'too close to call', 'not measured'])
export type TargetVerdict = z.infer<typeof TargetVerdict>

export const TargetRecord = z.object({
  /** Its name in bench/targets.ts, and the scenario that measured it. */
  id: z.string(),
  scenario: z.string(),
  title: z.string(),
  unit: z.string(),
  direction: z.enum(['at least', 'at most']),
  absolute: z.number().nullable(),
  share: z.number().nullable(),
  points: z.number(),
  /** Of the submission and of the reference in the same rounds, in `unit`. */
  value: Interval.nullable(),
  reference: Interval.nullable(),
  /** Submission ÷ reference, pair by pair. */
  shareReached: Interval.nullable(),
  verdict: TargetVerdict,
  /** One sentence: why this verdict. */
  reason: z.string(),
})
export type TargetRecord = z.infer<typeof TargetRecord>

export const BenchRecord = z.object({
  format: z.literal('loadbearing-bench'),
  version: z.literal(1),
  level: z.number(),
  title: z.string(),
  submission: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number(),
  /** `false` while the run goes on, and for ever when it was cut short. */
  complete: z.boolean(),
  quick: z.boolean(),
  seed: z.number(),
  machine: z.object({
    system: z.string(),
    processor: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    node: z.string(),
    /** The load average of the last minute when the run began: what else was going on. */
    loadAverage: z.number(),
  }),
  sandbox: z.string(),
  load: z.object({
    /** `autocannon 9.0.0`, `wrk` */
    generator: z.string(),
    /** How its answers were verified, in a sentence. */
    verification: z.string(),
    /** Which cores server and load had, in a sentence. */
    placement: z.string(),
  }),
  /** Of the intervals. */
  confidence: z.number(),
  scenarios: z.array(ScenarioRecord),
  targets: z.array(TargetRecord),
  /** The functional probes after the load: what they found wrong, in sentences. */
  afterTheLoad: z.array(z.string()),
  /** Points for speed, beside those of the tasks. They count only when the tests stand at 80 % or more. */
  points: z.object({
    earned: z.number(),
    possible: z.number(),
    /** `null`: the tests were not run beside the bench. */
    counts: z.boolean().nullable(),
    /** Why they count, or do not, in a sentence. */
    reason: z.string(),
  }),
  /** Why the run as a whole is void. */
  void: Void.nullable(),
  /** What a reader of the figures should know, in sentences. */
  notes: z.array(z.string()),
})
export type BenchRecord = z.infer<typeof BenchRecord>
