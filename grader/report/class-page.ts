/** `index.html`: the class at a glance, for its instructor. Sorted by name; a few lines of script sort it otherwise. */
import { h, type ComponentChild } from 'preact'
import { median } from 'simple-statistics'
import { printable } from '../terminal/style.ts'
import type { ClassRow, ClassSummary, Failing } from './class-summary.ts'
import { distribution } from './distribution.ts'
import { pageWithScript, table } from './page.ts'
import { plain } from './plain.ts'
import { SORT_AND_SEARCH } from './sort-script.ts'

const MOST_SHOWN = 12

export function classPage(summary: ClassSummary): string {
  const { about, rows, conditions } = summary
  const title = about === undefined ? 'No submission' : `Level ${about.level} — ${about.title}`
  return pageWithScript(
    `${title}: ${rows.length} ${rows.length === 1 ? 'submission' : 'submissions'}`,
    SORT_AND_SEARCH,
    glance(summary),
    h(
      'div',
      { class: 'columns' },
      failing('Tasks that fail most', 'Task', summary.tasksByFailures),
      failing('Hidden tests that fail most', 'Behaviour', summary.hiddenByFailures),
      starts(summary),
      slowest(rows),
    ),
    ourFaults(summary),
    nothingHandedIn(summary),
    submissions(rows),
    ...conditions.map((text) => h('p', { class: 'soft' }, `Graded with ${text}.`)),
  )
}

function glance({ rows, faults, absent, starts: notStarted }: ClassSummary): ComponentChild {
  const percents = rows.flatMap(({ grade }) => (grade.percent === null ? [] : [grade.percent]))
  const full = percents.filter((percent) => percent === 100).length
  const stopped = rows.length - percents.length
  const sentences = [
    percents.length === 0
      ? 'No submission has a score.'
      : `The median is ${Math.round(median(percents))} %; ${full} ${have(full)} everything.`,
    ...(absent.length > 0 ? [`${absent.length} ${have(absent.length)} handed in nothing.`] : []),
    notStarted.length === 0 ? 'Every server started.' : `${sum(notStarted)} could not be started.`,
    faults.length === 0
      ? 'The grader had no fault.'
      : `The grader had ${faults.length === 1 ? 'a fault' : `${faults.length} faults`} of its own.`,
    ...(stopped > 0 ? [`${stopped} ${have(stopped)} no score yet.`] : []),
  ]
  return h(
    'section',
    null,
    h('p', null, sentences.join(' ')),
    percents.length === 0 ? null : distribution(percents),
  )
}

function have(count: number): string {
  return count === 1 ? 'has' : 'have'
}

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((all, [, count]) => all + count, 0)
}

function failing(heading: string, what: string, all: readonly Failing[]): ComponentChild {
  if (all.length === 0) return null
  const shown = all.slice(0, MOST_SHOWN)
  return h(
    'section',
    null,
    h('h2', null, heading),
    table(
      all.length > shown.length ? `The first ${shown.length} of ${all.length}` : null,
      [{ name: what }, { name: 'Fail', number: true }],
      shown.map(({ title, failed, tried }) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, printable(title)),
          h('td', { class: 'number' }, `${failed} of ${tried}`),
        ),
      ),
    ),
  )
}

function starts({ starts: all }: ClassSummary): ComponentChild {
  if (all.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Why servers did not start'),
    table(
      null,
      [{ name: 'Code, in TROUBLESHOOTING.md' }, { name: 'Submissions', number: true }],
      all.map(([code, count]) =>
        h('tr', null, h('th', { scope: 'row' }, code), h('td', { class: 'number' }, count)),
      ),
    ),
  )
}

function slowest(rows: readonly ClassRow[]): ComponentChild {
  const shown = rows
    .filter(({ testSeconds }) => testSeconds > 0)
    .toSorted((a, b) => b.testSeconds - a.testSeconds)
    .slice(0, 5)
  if (shown.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Slowest to test'),
    table(
      'All tests of a submission, one after the other',
      [{ name: 'Learner' }, { name: 'Seconds', number: true }],
      shown.map((row) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, link(row)),
          h('td', { class: 'number' }, Math.round(row.testSeconds)),
        ),
      ),
    ),
  )
}

function ourFaults({ faults }: ClassSummary): ComponentChild {
  if (faults.length === 0) return null
  const shown = faults.slice(0, 20)
  return h(
    'section',
    null,
    h('h2', null, 'Faults of the grader'),
    h('p', null, 'They cost nobody anything. Grade these submissions again before you publish.'),
    h(
      'ul',
      null,
      ...shown.map(({ row, text }) => h('li', null, link(row), `: ${printable(text)}`)),
      faults.length > shown.length
        ? h('li', null, `and ${faults.length - shown.length} more`)
        : null,
    ),
  )
}

/** By name: it may have been a slip of the roster. */
function nothingHandedIn({ absent }: ClassSummary): ComponentChild {
  if (absent.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Nothing handed in'),
    h(
      'p',
      null,
      ...sortedByName(absent).flatMap((row, place) => [place === 0 ? '' : ' · ', link(row)]),
    ),
  )
}

function sortedByName(rows: readonly ClassRow[]): readonly ClassRow[] {
  return rows.toSorted((a, b) => plain(a.name).localeCompare(plain(b.name), 'en'))
}

function submissions(rows: readonly ClassRow[]): ComponentChild {
  return h(
    'section',
    null,
    h('h2', { id: 'submissions' }, 'Submissions'),
    h(
      'div',
      { class: 'wide', role: 'region', 'aria-labelledby': 'submissions', tabindex: 0 },
      h(
        'table',
        { class: 'sortable' },
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            ...COLUMNS.map((name, place) =>
              h('th', { scope: 'col', class: NUMBERS.has(place) ? 'number' : undefined }, name),
            ),
          ),
        ),
        h('tbody', null, ...sortedByName(rows).map(submission)),
      ),
    ),
  )
}

const COLUMNS = ['Name', 'Id', 'Score', 'Speed', 'Standing', 'Tasks that do not pass', 'Test time']
/** Score, speed, and test time. */
const NUMBERS: ReadonlySet<number> = new Set([2, 3, 6])

function submission(row: ClassRow): ComponentChild {
  const { id, grade, speed, failing: tasks, start, testSeconds } = row
  const ours = grade.standing === 'our fault' || grade.standing === 'interrupted'
  return h(
    'tr',
    null,
    h('th', { scope: 'row' }, link(row)),
    h('td', null, h('bdi', null, plain(id))),
    h(
      'td',
      { class: 'number', 'data-sort': grade.percent ?? -1 },
      grade.percent === null ? '–' : `${grade.earned} of ${grade.possible}`,
    ),
    h('td', { class: 'number', 'data-sort': speed ?? -1 }, speed ?? '–'),
    h(
      'td',
      { class: ours ? 'fault' : undefined },
      start === null ? grade.standing : `${grade.standing} (${start})`,
    ),
    h('td', { 'data-sort': tasks.length }, tasks.join(' ')),
    h('td', { class: 'number', 'data-sort': testSeconds }, `${Math.round(testSeconds)} s`),
  )
}

function link({ name, href }: ClassRow): ComponentChild {
  return h('a', { href }, h('bdi', null, plain(name) || 'nameless'))
}
