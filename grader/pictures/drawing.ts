/** Charts drawn with characters, for a terminal: aligned, and as clear without colour. */
import type { Style } from '../terminal/style.ts'
import { amount } from './amount.ts'
import type { Chart, LatencyChart, SeriesChart, TimelineChart } from './chart.ts'

/** The lines of a drawing, without an indent. */
export function draw(chart: Chart, style: Style): string[] {
  if (chart.kind === 'series') return series(chart, style)
  if (chart.kind === 'latency') return latency(chart, style)
  return timeline(chart, style)
}

const BLOCKS = '▁▂▃▄▅▆▇█'

/** A bar a round, all from zero to the highest of both servers. */
function series({ title, lines }: SeriesChart, style: Style): string[] {
  const top = Math.max(...lines.flatMap(({ points }) => points.map(([, y]) => y)))
  const bar = (y: number) =>
    BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((y / top) * BLOCKS.length))] ?? BLOCKS[0]
  return [
    heading(title, `0 to ${amount(top)}`, style),
    ...rows(
      lines.map(({ side, points, summary }) => ({
        side,
        drawing: points.map(([, y]) => bar(y)).join(''),
        summary,
      })),
    ),
  ]
}

const STRIP = 44

/** From the median to the slowest, each on one line: twice as long is always the same way to the right. */
function latency({ title, lines }: LatencyChart, style: Style): string[] {
  const all = lines.flatMap(({ marks: { p50, p999 } }) => [p50, p999]).filter((ms) => ms > 0)
  const [least, most] = [Math.min(...all) / 1.2, Math.max(...all)]
  const column = (ms: number) =>
    Math.max(0, Math.round((Math.log(ms / least) / Math.log(most / least)) * (STRIP - 1)))
  const strip = ({ p50, p90, p99, p999 }: LatencyChart['lines'][number]['marks']) => {
    const [from, to, end] = [column(p50), column(p90), column(p99)]
    const cells = Array.from({ length: STRIP }, (_, at): string =>
      at < from || at > column(p999) ? ' ' : at < to ? '━' : at < end ? '─' : '·',
    )
    cells[column(p999)] = '×'
    cells[end] = '┤'
    cells[to] = '┿'
    cells[from] = '●'
    return cells.join('')
  }
  return [
    heading(title, '● p50  ┿ p90  ┤ p99  × p99.9, logarithmic', style),
    ...rows(lines.map(({ side, marks, summary }) => ({ side, drawing: strip(marks), summary }))),
  ]
}

interface Row {
  readonly side: string
  readonly drawing: string
  readonly summary: string
}

function rows(all: readonly Row[]): string[] {
  const width = Math.max(...all.map(({ drawing }) => drawing.length))
  return all.map(
    ({ side, drawing, summary }) => `  ${side.padEnd(10)}  ${drawing.padEnd(width)}  ${summary}`,
  )
}

const BAR = 30
const CLIENTS = 10

/** One line a client, both servers side by side. Of many clients, ten are drawn. */
function timeline({ title, lines }: TimelineChart, style: Style): string[] {
  const end = Math.max(...lines.flatMap(({ bars }) => bars.map(({ to }) => to)), 1)
  const column = (ms: number) => Math.round((ms / end) * BAR)
  const bar = (one: TimelineChart['lines'][number]['bars'][number] | undefined) => {
    if (one === undefined) return ''.padEnd(BAR + 10)
    const [from, to] = [column(one.from), column(one.to)]
    const filled = `${' '.repeat(from)}${'█'.repeat(Math.max(1, to - from))}`
    return `${filled.padEnd(BAR)} ${amount(one.to).padStart(6)} ms`
  }
  const most = Math.max(...lines.map(({ bars }) => bars.length))
  const shown = Array.from({ length: Math.min(CLIENTS, most) }, (_, index) =>
    Math.round(((index + 1) * most) / Math.min(CLIENTS, most)),
  )
  const columns = lines.map(({ side }) => side.padEnd(BAR + 10)).join('  ')
  return [
    heading(title, '', style),
    `  client  ${columns}`.trimEnd(),
    ...shown.map((client) => {
      const both = lines.map(({ bars }) => bar(bars[client - 1]))
      return `  ${String(client).padStart(6)}  ${both.join('  ')}`.trimEnd()
    }),
  ]
}

function heading(title: string, scale: string, style: Style): string {
  return scale === '' ? title : `${title}  ${style.soft(`(${scale})`)}`
}
