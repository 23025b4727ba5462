/** How the scores of a class are spread: ten bars of ten percent each. */
import { h, type ComponentChild } from 'preact'

const BARS = 10

/** How many scores lie in each tenth; 100 % is in the last. */
export function tenthsOf(percents: readonly number[]): readonly number[] {
  const counts = Array.from({ length: BARS }, () => 0)
  for (const percent of percents) {
    const place = Math.min(BARS - 1, Math.max(0, Math.floor(percent / BARS)))
    counts[place] = (counts[place] ?? 0) + 1
  }
  return counts
}

export function distribution(percents: readonly number[]): ComponentChild {
  const counts = tenthsOf(percents)
  const most = Math.max(...counts, 1)
  const [width, height, top, bottom] = [48, 110, 20, 24]
  const told = counts.map((count, place) => `${label(place)} %: ${count}`).join(', ')
  const text = { 'font-size': 12, 'text-anchor': 'middle', fill: 'currentColor' }
  return h(
    'svg',
    {
      viewBox: `0 0 ${BARS * width} ${top + height + bottom}`,
      width: BARS * width,
      height: top + height + bottom,
      role: 'img',
      'aria-label': `Submissions by score. ${told}`,
      'font-family': 'system-ui, sans-serif',
    },
    ...counts.map((count, place) => {
      const tall = (count / most) * height
      const middle = place * width + width / 2
      return h(
        'g',
        null,
        h('rect', {
          x: place * width + 3,
          y: top + height - Math.max(tall, 1),
          width: width - 6,
          height: Math.max(tall, 1),
          fill: count === 0 ? 'var(--line)' : 'var(--bar)',
        }),
        count === 0 ? null : h('text', { ...text, x: middle, y: top + height - tall - 5 }, count),
        h('text', { ...text, x: middle, y: top + height + 16 }, label(place)),
      )
    }),
  )
}

function label(place: number): string {
  return place === BARS - 1 ? '90–100' : `${place * BARS}–${place * BARS + 9}`
}
