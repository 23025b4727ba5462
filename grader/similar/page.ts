/** `similar.html`: pairs of submissions, the most similar first, with what they have in common side by side. */
import { h, type ComponentChild } from 'preact'
import { page, table } from '../report/page.ts'
import { printable } from '../terminal/style.ts'
import type { Extract, Region } from './comparison.ts'
import type { Origin } from './given.ts'
import type { PairFound, Similarities } from './similar.ts'

/** Regions of a pair that are shown. */
const MOST_REGIONS = 12

export function similarPage(found: Similarities): string {
  return page(
    `Similar submissions of level ${found.level}`,
    introduction(found),
    fromReference(found),
    pairTable(found),
    ...found.pairs.flatMap((pair, place) => regions(pair, place, found)),
    leftOut(found),
  )
}

function introduction({ compared, allPairs }: Similarities): ComponentChild {
  return h(
    'section',
    null,
    h(
      'p',
      null,
      `This compares ${submissionsOf(compared)}, each with each (${pairsOf(allPairs)}). `,
      'The share says how much of what is their own two submissions have in common: what is in the starter or in the reference is subtracted, and names, literals, comments and formatting do not count.',
    ),
    h(
      'p',
      null,
      'Similar is not the same as copied. Short answers to one question resemble each other; two people may have read the same page, or worked together as the course allows. A high share is a reason to read both, and to talk.',
    ),
  )
}

function fromReference(found: Similarities): ComponentChild {
  if (found.fromReference.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Largely the reference'),
    h(
      'p',
      null,
      'Of the lines of code that go beyond the starter, most of these submissions’ are in the reference, too, whatever their names, literals and comments. They may have been given it, or have found it: ask. The questions of npm run viva show who understands it.',
    ),
    h(
      'ul',
      null,
      ...found.fromReference.map((each) =>
        h('li', null, `${nameOf(each.id, found)}: ${howMuchReference(each)}`),
      ),
    ),
  )
}

/** `the reference solution, but for 9 of 2485 lines` */
export function howMuchReference({ reference, own }: Origin): string {
  const all = linesOf(reference + own)
  return own === 0
    ? `the reference solution in all of its ${all}`
    : `the reference solution, but for ${own} of ${all}`
}

function linesOf(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`
}

function pairTable(found: Similarities): ComponentChild {
  const { pairs, allPairs } = found
  if (pairs.length === 0) return h('p', null, 'There is no pair to compare.')
  const rows = pairs.map((pair, place) => {
    const first = h('th', { scope: 'row' }, nameOf(pair.left, found))
    return h(
      'tr',
      null,
      h('td', { class: 'number' }, place + 1),
      first,
      h('td', null, nameOf(pair.right, found)),
      h('td', { class: 'number' }, percent(pair.similarity)),
      h(
        'td',
        null,
        pair.regions === undefined ? '–' : h('a', { href: `#pair-${place + 1}` }, 'side by side'),
      ),
    )
  })
  return table(
    pairs.length < allPairs
      ? `The ${pairs.length} most similar of ${allPairs} pairs`
      : 'All pairs, the most similar first',
    [
      { name: '#', number: true },
      { name: 'One' },
      { name: 'Other' },
      { name: 'Similar', number: true },
      { name: 'In common' },
    ],
    rows,
  )
}

function regions(pair: PairFound, place: number, found: Similarities): ComponentChild[] {
  const { left, right, similarity, regions: shown } = pair
  if (shown === undefined) return []
  const heading = h(
    'h2',
    { id: `pair-${place + 1}` },
    `${place + 1}. ${nameOf(left, found)} and ${nameOf(right, found)}: ${percent(similarity)} similar`,
  )
  if (shown === 'too much') {
    const text =
      'Both repeat the same lines so often that laying them side by side would take too long: read them yourself.'
    return [heading, h('p', null, text)]
  }
  return [
    heading,
    ...shown.slice(0, MOST_REGIONS).map((region) => sideBySide(region, pair, found)),
    notShown(shown),
  ]
}

function notShown(regions: readonly Region[]): ComponentChild {
  if (regions.length === 0)
    return h(
      'p',
      null,
      'What they have in common is single lines, here and there: too short to show.',
    )
  const more = regions.slice(MOST_REGIONS)
  if (more.length === 0) return null
  const lines = more.reduce((sum, { left }) => sum + left.lines.length + left.omitted, 0)
  const places = more.length === 1 ? '1 more place' : `${more.length} more places`
  return h('p', null, `They have ${places} in common, ${linesOf(lines)} together.`)
}

function sideBySide(region: Region, { left, right }: PairFound, found: Similarities) {
  return h(
    'div',
    { class: 'columns' },
    extract(region.left, nameOf(left, found)),
    extract(region.right, nameOf(right, found)),
  )
}

function extract({ file, from, lines, omitted }: Extract, whose: string): ComponentChild {
  const width = String(from + lines.length).length
  const text = lines.map(
    (line, index) => `${String(from + index).padStart(width)}  ${printable(line)}`,
  )
  if (omitted > 0) text.push(`… and ${omitted} more lines`)
  const to = from + lines.length + omitted - 1
  return h(
    'figure',
    { style: 'margin: 0 0 1rem; min-width: 0' },
    h('figcaption', { class: 'soft' }, `${whose}: ${printable(file)}, lines ${from} to ${to}`),
    h('pre', null, text.join('\n')),
  )
}

function leftOut(found: Similarities): ComponentChild {
  const { empty, refused } = found
  const lists = [
    ...empty.map((id) => `${nameOf(id, found)}: too little of its own to be compared.`),
    ...refused.map(({ id, why }) => `${nameOf(id, found)}: ${printable(why)}`),
  ]
  if (lists.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Not compared'),
    h('ul', null, ...lists.map((text) => h('li', null, text))),
  )
}

/** The name, and the id where it is another one. */
function nameOf(id: string, { names }: Similarities): string {
  const name = names.get(id) ?? id
  return printable(name === id ? id : `${name} (${id})`)
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** `1 submission`, `2 submissions`. */
export function submissionsOf(count: number): string {
  return `${count} ${count === 1 ? 'submission' : 'submissions'}`
}

/** `1 pair`, `2 pairs`. */
export function pairsOf(count: number): string {
  return count === 1 ? '1 pair' : `${count} pairs`
}
