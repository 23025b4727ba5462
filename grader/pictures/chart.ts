/** What is worth drawing of a bench, as plain data: the same charts become SVG in a report and characters in a terminal. */
import { median } from 'simple-statistics'
import type { BenchRecord, Round, ScenarioRecord, ServerFigures } from '../../bench/record.ts'
import { amount } from './amount.ts'
import { figuresOf, MEGABYTE, type Figure } from './figures.ts'

export type Side = 'submission' | 'reference'

/** One value a round for each server, or one for each load that was offered. */
export interface SeriesChart {
  readonly kind: 'series'
  /** Names its file, beside the scenario's: `throughput-rate.svg`. */
  readonly name: string
  readonly title: string
  readonly unit: string
  /** What the first number of a point counts. */
  readonly across: string
  readonly lines: readonly {
    readonly side: Side
    readonly points: readonly (readonly [x: number, y: number])[]
    /** The line in a few words: `median 12,480`. */
    readonly summary: string
  }[]
}

/** How long the quickest share of the requests took at most. */
export interface LatencyChart {
  readonly kind: 'latency'
  readonly name: string
  readonly title: string
  readonly unit: 'ms'
  readonly lines: readonly {
    readonly side: Side
    /** Quantile (0 to 1) and ms, rising. */
    readonly points: readonly (readonly [quantile: number, ms: number])[]
    readonly marks: Readonly<Record<'p50' | 'p90' | 'p99' | 'p999', number>>
    readonly summary: string
  }[]
}

/** Who waited how long. One at a time it is a staircase, many at once a wall. */
export interface TimelineChart {
  readonly kind: 'timeline'
  readonly name: string
  readonly title: string
  readonly unit: 'ms'
  readonly lines: readonly {
    readonly side: Side
    /** One a client, in ms from the moment when all of them connected. */
    readonly bars: readonly { readonly from: number; readonly to: number }[]
    readonly summary: string
  }[]
}

export type Chart = SeriesChart | LatencyChart | TimelineChart

/** The pictures of one scenario; where its figures are missing or do not count, the reason. */
export interface ScenarioCharts {
  readonly id: string
  readonly title: string
  readonly reason: string | null
  readonly charts: readonly Chart[]
  readonly figures: readonly Figure[]
}

/** Whatever a record has figures for. A scenario without any is there too, with its reason. */
export function chartsOf(record: BenchRecord): ScenarioCharts[] {
  return record.scenarios.map((scenario) => ({
    id: scenario.id,
    title: scenario.title,
    reason: reasonOf(scenario, record),
    charts: [
      timeline(scenario),
      rate(scenario, record),
      latency(scenario),
      memory(scenario),
      offered(scenario),
    ].filter((chart) => chart !== undefined),
    figures: figuresOf(scenario),
  }))
}

function reasonOf({ void: empty, submission }: ScenarioRecord, { complete }: BenchRecord) {
  if (empty !== null) return empty.message
  if (submission !== null) return null
  return complete
    ? 'The submission was not measured here.'
    : 'The run was stopped before the submission was measured here.'
}

/** What was found out about each server; a server without it has no line, and a chart without lines is none. */
function linesOf<T>(
  scenario: ScenarioRecord,
  of: (figures: ServerFigures) => T | undefined,
): ({ readonly side: Side } & T)[] {
  return (['submission', 'reference'] as const).flatMap((side) => {
    const figures = scenario[side]
    const line = figures === null ? undefined : of(figures)
    return line === undefined ? [] : [{ side, ...line }]
  })
}

function rate(scenario: ScenarioRecord, { targets }: BenchRecord): Chart | undefined {
  const inBytes = targets.some(({ scenario: of, unit }) => of === scenario.id && unit === 'MB/s')
  const [unit, valueOf] = inBytes
    ? ['MB/s', (round: Round) => round.contentBytesPerSecond / MEGABYTE]
    : ['req/s', (round: Round) => round.requestsPerSecond]
  const lines = linesOf(scenario, ({ rounds }) => {
    if (rounds.length === 0) return undefined
    const values = rounds.map(valueOf)
    return { points: numbered(values, 1), summary: `median ${amount(median(values))}` }
  })
  if (lines.length === 0) return undefined
  return {
    kind: 'series',
    name: 'rate',
    title: `${unit}, round by round`,
    unit,
    across: 'round',
    lines,
  }
}

function memory(scenario: ScenarioRecord): Chart | undefined {
  const lines = linesOf(scenario, (figures) => {
    const values = memoryByRound(figures).map((bytes) => bytes / MEGABYTE)
    const [first, last] = [values[0], values.at(-1)]
    if (first === undefined || last === undefined || values.length < 2) return undefined
    const slope = figures.growth === null ? '' : `, ${growth(figures.growth.bytesPerRequest)}`
    return {
      points: numbered(values, 0),
      summary: `${amount(first)} → ${amount(last)}${slope}`,
    }
  })
  if (lines.length === 0) return undefined
  const title = 'RssAnon in MB, idle and by round'
  return { kind: 'series', name: 'memory', title, unit: 'MB', across: 'round', lines }
}

/** Before the first round, and after each. */
function memoryByRound({ growth, idleAnonymousBytes, rounds }: ServerFigures): readonly number[] {
  if (growth !== null) return growth.anonymousBytes
  return [idleAnonymousBytes, ...rounds.map(({ anonymousBytes }) => anonymousBytes)].filter(
    (bytes) => bytes !== null,
  )
}

function growth(bytesPerRequest: number): string {
  const kept = amount(Math.max(0, bytesPerRequest))
  return `${kept} ${kept === '1' ? 'byte' : 'bytes'} kept of a request`
}

function latency(scenario: ScenarioRecord): Chart | undefined {
  const lines = linesOf(scenario, ({ latencyMs }) => {
    if (latencyMs === null) return undefined
    const { p50, p90, p99, p999, quantiles } = latencyMs
    return {
      points: quantiles,
      marks: { p50, p90, p99, p999 },
      summary: `p50 ${amount(p50)}, p90 ${amount(p90)}, p99 ${amount(p99)}, p99.9 ${amount(p999)}`,
    }
  })
  if (lines.length === 0) return undefined
  return { kind: 'latency', name: 'latency', title: 'latency in ms', unit: 'ms', lines }
}

function timeline(scenario: ScenarioRecord): Chart | undefined {
  const lines = linesOf(scenario, ({ timeline: bars }) => {
    if (bars === null || bars.length === 0) return undefined
    const ends = bars.map(({ to }) => to)
    return {
      bars,
      summary: `first answer after ${amount(Math.min(...ends))} ms, last after ${amount(Math.max(...ends))} ms`,
    }
  })
  if (lines.length === 0) return undefined
  return { kind: 'timeline', name: 'timeline', title: 'who waited how long', unit: 'ms', lines }
}

function offered(scenario: ScenarioRecord): Chart | undefined {
  const lines = linesOf(scenario, ({ offered: loads }) => {
    if (loads === null || loads.length === 0) return undefined
    return {
      points: loads.map(
        ({ timesCapacity, goodputPerSecond }) => [timesCapacity, goodputPerSecond] as const,
      ),
      summary: loads
        .map(
          ({ timesCapacity, goodputPerSecond }) =>
            `${amount(goodputPerSecond)} at ${timesCapacity} ×`,
        )
        .join(', '),
    }
  })
  if (lines.length === 0) return undefined
  return {
    kind: 'series',
    name: 'overload',
    title: 'req/s answered, by the load offered',
    unit: 'req/s',
    across: 'times the capacity',
    lines,
  }
}

function numbered(values: readonly number[], from: number): (readonly [number, number])[] {
  return values.map((value, index) => [index + from, value] as const)
}
