/** The picture of levels 1 and 2: who waited how long. One at a time it is a staircase, many at once a wall. */
import { h } from 'preact'
import { render } from 'preact-render-to-string'
import type { Bar } from '../../bench/level1.ts'

/** Draws the bars with characters, one line a client. */
export function drawTimeline(bars: readonly Bar[], width = 60): string {
  const end = Math.max(...bars.map(({ to }) => to), 1)
  const column = (ms: number) => Math.round((ms / end) * width)
  const lines = bars.map(({ from, to }, index) => {
    const left = column(from)
    const bar = '█'.repeat(Math.max(1, column(to) - left))
    return `  client ${String(index + 1).padStart(2)}  ${' '.repeat(left)}${bar.padEnd(width - left)}  ${Math.round(to)} ms`
  })
  return lines.join('\n')
}

/** The same as an SVG document. */
export function timelineSvg(bars: readonly Bar[], title: string): string {
  const end = Math.max(...bars.map(({ to }) => to), 1)
  const [left, width, row, top] = [80, 560, 22, 40]
  const height = top + bars.length * row + 30
  const x = (ms: number) => left + (ms / end) * width
  const text = { 'font-family': 'system-ui, sans-serif', 'font-size': 12, fill: 'currentColor' }
  const picture = h(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${left + width + 80} ${height}`,
      role: 'img',
      'aria-label': title,
      color: '#30343c',
    },
    h('title', null, title),
    h('rect', { width: '100%', height: '100%', fill: '#fff' }),
    h('text', { ...text, x: left, y: 20, 'font-size': 14, 'font-weight': 600 }, title),
    ...bars.map(({ from, to }, index) =>
      h(
        'g',
        { key: index },
        h(
          'text',
          { ...text, x: left - 10, y: top + index * row + 14, 'text-anchor': 'end' },
          `client ${index + 1}`,
        ),
        h('rect', {
          x: x(from),
          y: top + index * row + 2,
          width: Math.max(1, x(to) - x(from)),
          height: row - 6,
          rx: 3,
          fill: '#3b6fd4',
        }),
        h('text', { ...text, x: x(to) + 6, y: top + index * row + 14 }, `${Math.round(to)} ms`),
      ),
    ),
    h(
      'text',
      { ...text, x: left, y: height - 8 },
      'Time from the moment all clients connected to the complete answer.',
    ),
  )
  return `${render(picture)}\n`
}
