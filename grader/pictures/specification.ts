/** Charts as vega-lite specifications. */
import type { TopLevelSpec } from 'vega-lite'
import type { Chart, LatencyChart, SeriesChart, Side, TimelineChart } from './chart.ts'
import { COLOURS } from './svg.ts'

/** With its axes: three of them stand side by side on a page. */
const SIZE = {
  width: 300,
  height: 220,
  autosize: { type: 'fit', contains: 'padding' },
} as const

export function specificationOf(chart: Chart): TopLevelSpec {
  return { title: chart.title, ...marksOf(chart) }
}

function marksOf(chart: Chart): TopLevelSpec {
  if (chart.kind === 'series') return series(chart)
  if (chart.kind === 'latency') return latency(chart)
  return timeline(chart)
}

function series({ lines, across }: SeriesChart): TopLevelSpec {
  const values = lines.flatMap(({ side, points }) => points.map(([x, y]) => ({ side, x, y })))
  return {
    ...SIZE,
    data: { values },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: across,
        scale: { zero: false, nice: false, padding: 8 },
        axis: {
          grid: false,
          labelOverlap: true,
          values: [...new Set(values.map(({ x }) => x))].toSorted((a, b) => a - b),
          format: '~g',
          labelExpr: "datum.value === 0 ? 'idle' : datum.label",
        },
      },
      // From zero: a difference looks as large as it is.
      y: { field: 'y', type: 'quantitative', title: null, axis: { tickCount: 5 } },
      color: by(COLOURS, lines),
    },
    layer: [LINE, dots(lines)],
  }
}

/** The slowest are what matters, and they are few: each further nine of the quantile gets the same room. */
const NINES = [0.5, 0.9, 0.99, 0.999]

/** Of a logarithmic scale; those beyond its ends are left away. */
const POWERS = [0.01, 0.1, 1, 10, 100, 1000, 10_000]

function latency({ lines }: LatencyChart): TopLevelSpec {
  const values = lines.flatMap(({ side, points }) =>
    points
      .filter(([quantile, ms]) => quantile <= 0.999 && ms > 0)
      .map(([quantile, ms]) => ({ side, rest: 1 / (1 - quantile), ms })),
  )
  const marked = lines.flatMap(({ side, marks: { p50, p90, p99, p999 } }) =>
    [p50, p90, p99, p999].map((ms, nines) => ({ side, rest: [2, 10, 100, 1000][nines], ms })),
  )
  const all = values.map(({ ms }) => ms)
  const wide = Math.max(...all) > 20 * Math.min(...all)
  const names = NINES.map(
    (quantile) =>
      `datum.value < ${1.5 / (1 - quantile)} ? '${Number((quantile * 100).toFixed(2))} %'`,
  )
  return {
    ...SIZE,
    data: { values },
    encoding: {
      x: {
        field: 'rest',
        type: 'quantitative',
        title: 'share of the requests',
        scale: { type: 'log', nice: false },
        axis: {
          values: NINES.map((quantile) => 1 / (1 - quantile)),
          labelExpr: `${names.join(' : ')} : ''`,
          labelOverlap: false,
        },
      },
      y: {
        field: 'ms',
        type: 'quantitative',
        title: null,
        axis: { tickCount: 5, format: ',.6~g', ...(wide ? { values: POWERS } : {}) },
        scale: wide ? { type: 'log' } : { zero: true },
      },
      color: by(COLOURS, lines),
    },
    layer: [LINE, { data: { values: marked }, ...dots(lines) }],
  }
}

function timeline({ lines }: TimelineChart): TopLevelSpec {
  const values = lines.flatMap(({ side, bars }) =>
    bars.map(({ from, to }, index) => ({ side, client: index + 1, from, to })),
  )
  const clients = Math.max(...values.map(({ client }) => client))
  const crowded = clients > 30
  return {
    data: { values },
    facet: { column: { field: 'side', type: 'nominal', sort: SIDES } },
    spec: {
      width: 230,
      height: Math.min(14 * clients, 280),
      mark: { type: 'bar', cornerRadius: crowded ? 0 : 2 },
      encoding: {
        y: {
          field: 'client',
          type: 'ordinal',
          title: 'client',
          axis: { labelOverlap: true, ticks: false, domain: false },
          scale: { paddingInner: crowded ? 0 : 0.25 },
        },
        x: { field: 'from', type: 'quantitative', title: 'ms since all of them connected' },
        x2: { field: 'to' },
        color: { ...by(COLOURS, lines), legend: null },
      },
    },
  }
}

const SIDES: Side[] = ['submission', 'reference']

/** Each server keeps its colour and its shape in every picture; the legend names those that are there. */
function by<T>(range: Readonly<Record<Side, T>>, lines: readonly { readonly side: Side }[]) {
  const domain = SIDES.filter((side) => lines.some((line) => line.side === side))
  return {
    field: 'side',
    type: 'nominal',
    scale: { domain, range: domain.map((side) => range[side]) },
  } as const
}

const LINE = {
  mark: { type: 'line' as const, strokeWidth: 1.5 },
  encoding: {
    // As a condition: by field, the legend would draw its symbols with dashes, too.
    strokeDash: { condition: { test: "datum.side === 'reference'", value: [5, 3] }, value: [1, 0] },
  },
}

function dots(lines: readonly { readonly side: Side }[]) {
  return {
    mark: { type: 'point', filled: true, size: 45, opacity: 1 },
    encoding: { shape: by({ submission: 'circle', reference: 'triangle-up' }, lines) },
  } as const
}
