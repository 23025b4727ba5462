/** A comparison on the terminal: two columns, and the latencies of both drawn. */
import type { Comparison } from '../compare/comparison.ts'
import {
  CODE_COLUMNS,
  codeRows,
  FIGURE_COLUMNS,
  figureRows,
  PEER_COLUMNS,
  peerRows,
  TASK_COLUMNS,
  taskRows,
  type Row,
} from '../compare/rows.ts'
import { chartsOf, type ScenarioCharts } from '../pictures/chart.ts'
import { draw } from '../pictures/drawing.ts'
import { columns } from './columns.ts'
import { printable, wrap, type Style } from './style.ts'

/** The whole output of `npm run compare -- level1`. */
export function renderComparison(comparison: Comparison, style: Style): string {
  const { level, title, submission, seed, bench, problems } = comparison
  return [
    `${style.strong(`Level ${level} — ${title}`)}  ${style.soft(`${printable(submission)} beside the reference, seed ${seed}`)}`,
    table(TASK_COLUMNS, taskRows(comparison), style),
    table(CODE_COLUMNS, codeRows(comparison), style),
    ...(bench === null ? [] : chartsOf(bench).map((scenario) => scenarioPart(scenario, style))),
    peersPart(comparison, style),
    ...problems.map((sentence) => wrap(printable(sentence), 0)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function scenarioPart({ title, reason, charts, figures }: ScenarioCharts, style: Style): string {
  const latency = charts.filter(({ kind }) => kind !== 'series')
  return [
    style.strong(printable(title)),
    ...(reason === null ? [] : [`  ${wrap(printable(reason), 2)}`]),
    table(FIGURE_COLUMNS, figureRows(figures), style),
    ...latency.flatMap((chart) => draw(chart, style).map((line) => `  ${line}`)),
  ].join('\n')
}

function peersPart({ peers }: Comparison, style: Style): string {
  if (peers === null) return ''
  return [
    style.strong('Beside servers that people use'),
    ...(peers.rows.length === 0 ? [] : [table(PEER_COLUMNS, peerRows(peers.rows), style, 'left')]),
    ...peers.missing.map((sentence) => `  ${wrap(printable(sentence), 2)}`),
  ].join('\n')
}

function table(
  heading: Row,
  rows: readonly Row[],
  style: Style,
  align: 'left' | 'right' = 'right',
): string {
  const [first = '', ...lines] = columns(heading, rows, align)
  return [style.soft(`  ${first}`), ...lines.map((line) => `  ${line}`)].join('\n')
}
