/** The figures of a scenario, as rows with a column for each server. */
import { median, sum } from 'simple-statistics'
import type { Round, ScenarioRecord, ServerFigures } from '../../bench/record.ts'

export interface Figure {
  readonly name: string
  readonly unit: string
  /** What the pictures of the same scenario show already. */
  readonly drawn: boolean
  /** `null`: not measured. */
  readonly submission: number | null
  readonly reference: number | null
}

export const MEGABYTE = 1e6

type Reading = (figures: ServerFigures) => number | null

/** Every figure that at least one of the servers has. */
export function figuresOf(scenario: ScenarioRecord): Figure[] {
  const { submission, reference } = scenario
  const read = (reading: Reading, side: ServerFigures | null) =>
    side === null ? null : reading(side)
  return READINGS.map(([name, unit, drawn, reading]) => ({
    name,
    unit,
    drawn,
    submission: read(reading, submission),
    reference: read(reading, reference),
  })).filter((figure) => figure.submission !== null || figure.reference !== null)
}

const READINGS: readonly (readonly [name: string, unit: string, drawn: boolean, Reading])[] = [
  ['rate', 'req/s', true, overRounds(({ requestsPerSecond }) => requestsPerSecond)],
  ['p50', 'ms', true, ({ latencyMs }) => latencyMs?.p50 ?? null],
  ['p90', 'ms', true, ({ latencyMs }) => latencyMs?.p90 ?? null],
  ['p99', 'ms', true, ({ latencyMs }) => latencyMs?.p99 ?? null],
  ['p99.9', 'ms', true, ({ latencyMs }) => latencyMs?.p999 ?? null],
  ['CPU a request', 'µs', false, overRounds((round) => round.cpuMicrosecondsPerRequest)],
  ['RssAnon at most', 'MB', false, (figures) => inMegabytes(figures.peakAnonymousBytes)],
  ['RSS at most', 'MB', false, (figures) => inMegabytes(figures.peakResidentBytes)],
  ['bytes kept of a request', '', true, ({ growth }) => growth?.bytesPerRequest ?? null],
  ['start-up', 'ms', false, (figures) => (wasMeasured(figures) ? figures.startUpMs : null)],
  ['errors', '', false, total(({ errors }) => errors)],
  ['wrong answers', '', false, total(({ wrong }) => wrong)],
]

/** A server that only waited while the other one was measured has no figures here. */
function wasMeasured({ rounds, timeline, offered }: ServerFigures): boolean {
  return rounds.length > 0 || timeline !== null || offered !== null
}

function overRounds(of: (round: Round) => number | null): Reading {
  return ({ rounds }) => {
    const values = rounds.map(of).filter((value) => value !== null)
    return values.length === 0 ? null : median(values)
  }
}

function total(of: (round: Round) => number): Reading {
  return ({ rounds }) => (rounds.length === 0 ? null : sum(rounds.map(of)))
}

function inMegabytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / MEGABYTE
}
