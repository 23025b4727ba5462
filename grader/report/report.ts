/** `report.html`: a result for its learner. Hidden tests are told by their behaviour and their count only. */
import { h, type ComponentChild } from 'preact'
import type { Result, TaskResult } from '../result.ts'
import type { Picture } from '../pictures/pictures.ts'
import { printable } from '../terminal/style.ts'
import { benchSection } from './bench-section.ts'
import { failures } from './failures.ts'
import { told, type Feedback } from './feedback.ts'
import { countOf, gradeOf } from './grade.ts'
import { facts, page, table } from './page.ts'
import { plain } from './plain.ts'

export interface Learner {
  readonly id: string
  readonly name: string
}

/**
 * The page of one submission; in a class it says whose.
 *
 * @param pictures - of its bench: `picturesOf(result.bench)`
 */
export function report(
  whole: Result,
  feedback: Feedback = {},
  learner?: Learner,
  pictures: readonly Picture[] = [],
): string {
  const result = told(whole, feedback)
  const { level, title, start } = result
  return page(
    `Level ${level} — ${title}`,
    learner === undefined ? null : byline(learner),
    ...score(result),
    start === null ? null : startFault(start),
    start === null ? tasks(result) : null,
    typeErrors(result),
    benchSection(result.bench, pictures),
    start === null ? repeatAll(result) : null,
    ...result.tasks.flatMap((task) => failures(task, result)),
    ourFaults(result),
    ignored(result),
    ...provenance(result),
  )
}

function byline({ id, name }: Learner): ComponentChild {
  const [shownName, shownId] = [plain(name), plain(id)]
  return h(
    'p',
    { class: 'soft' },
    h('bdi', null, shownName),
    shownName === shownId ? null : [' (', h('bdi', null, shownId), ')'],
  )
}

function score(result: Result): ComponentChild[] {
  const { earned, possible, standing } = gradeOf(result)
  const full = result.tasks.reduce((sum, { points }) => sum + points, 0)
  return [
    h(
      'p',
      { class: 'score' },
      possible === 0
        ? 'No score: nothing could be judged, and that is no fault of yours'
        : `Score ${earned} of ${possible}`,
      possible > 0 && standing === 'interrupted' ? ' so far: the run was stopped' : '',
    ),
    bar(possible === 0 ? 0 : earned / possible, `${earned} of ${full} points`),
  ]
}

/** How much of the whole, as a bar. */
function bar(share: number, title: string): ComponentChild {
  return h(
    'svg',
    { viewBox: '0 0 600 10', width: 600, height: 10, role: 'img', 'aria-label': title },
    h('rect', { width: 600, height: 10, rx: 5, fill: 'var(--line)' }),
    h('rect', { width: Math.round(600 * share), height: 10, rx: 5, fill: 'var(--bar)' }),
  )
}

function startFault({ message, detail, code }: NonNullable<Result['start']>): ComponentChild {
  return h(
    'section',
    { class: 'notice' },
    h('h2', null, 'Nothing could be tested'),
    h('p', null, printable(message)),
    detail === '' ? null : h('pre', null, printable(detail)),
    h('p', null, 'What to do about it: TROUBLESHOOTING.md, “', code, '”.'),
  )
}

function tasks({ tasks: all }: Result): ComponentChild {
  const hidden = all.some(({ tests }) => tests.some(({ suite }) => suite === 'hidden'))
  return table(
    null,
    [
      { name: 'Task' },
      { name: 'Verdict' },
      { name: 'Public', number: true },
      ...(hidden ? [{ name: 'Hidden', number: true }] : []),
      { name: 'Points', number: true },
    ],
    all.map((task) =>
      h(
        'tr',
        null,
        h('th', { scope: 'row' }, `${task.id} ${task.title}`),
        h('td', { class: task.verdict }, verdictOf(task)),
        h('td', { class: 'number' }, counts(task, 'public')),
        hidden ? h('td', { class: 'number' }, counts(task, 'hidden')) : null,
        h('td', { class: 'number' }, `${task.earned} of ${task.points}`),
      ),
    ),
  )
}

const MARKS = { passed: '✓ passed', failed: '✗ failed', blocked: '– blocked', fault: '! our fault' }

function verdictOf({ verdict, tests }: TaskResult): string {
  return tests.length === 0 ? '· not reached' : MARKS[verdict]
}

function counts(task: TaskResult, suite: 'public' | 'hidden'): string {
  const count = countOf(task, suite)
  return count === null ? '–' : `${count.passed} of ${count.judged}`
}

function typeErrors({ typeErrors: errors }: Result): ComponentChild {
  if (errors.length === 0) return null
  const more = errors.length > 20 ? `\nand ${errors.length - 20} more` : ''
  const lines = errors
    .slice(0, 20)
    .map(({ file, line, message }) => `${printable(file)}, line ${line}: ${printable(message)}`)
  return h(
    'section',
    null,
    h(
      'h2',
      null,
      `${errors.length === 1 ? 'One type error' : `${errors.length} type errors`} (no points lost)`,
    ),
    h('pre', null, `${lines.join('\n')}${more}`),
  )
}

/** The same random values again, on the learner's own machine. */
function repeatAll({ level, seed, tasks: all }: Result): ComponentChild {
  if (all.every(({ verdict }) => verdict === 'passed')) return null
  return h(
    'section',
    null,
    h('h2', null, 'Repeat it'),
    h('p', null, 'The public tests, with the same random values as in this run:'),
    h('pre', null, `npm test -- level${level} --seed ${seed}`),
  )
}

function ourFaults({ faults, tasks: all }: Result): ComponentChild {
  const inTests = all.flatMap(({ id, tests }) =>
    tests
      .filter(({ verdict }) => verdict === 'fault')
      .map(
        ({ title, reason }) => `Task ${id}, ${title}${reason === undefined ? '' : `: ${reason}`}`,
      ),
  )
  const texts = [...faults, ...inTests]
  if (texts.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Faults of the grader'),
    h('p', null, 'They are ours, and cost no points: what they touch is taken out of the sum.'),
    h('ul', null, ...texts.map((text) => h('li', null, printable(text)))),
  )
}

function ignored({ ignored: names }: Result): ComponentChild {
  if (names.length === 0) return null
  const shown = names.slice(0, 20).map(printable).join(', ')
  const more = names.length > 20 ? ` and ${names.length - 20} more` : ''
  return h(
    'section',
    null,
    h('h2', null, 'Left alone'),
    h(
      'p',
      { class: 'soft' },
      `Only the level's .ts files count. These lay beside them: ${shown}${more}.`,
    ),
  )
}

/** Under what conditions this came about: enough to run it again and to doubt it. */
function provenance(result: Result): ComponentChild[] {
  const { course, seed, startedAt, machine, sandbox, limits, suites } = result
  return [
    h('h2', null, 'How this was graded'),
    facts([
      ['When', startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
      ['Tests', `${suites.join(' and ')}, course version ${course}`],
      ['Seed', String(seed)],
      ['Sandbox', sandbox],
      Object.keys(limits).length === 0 ? null : ['Limits', limitsInWords(limits)],
      [
        'Machine',
        `${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}`,
      ],
      ['Node', machine.node],
    ]),
  ]
}

/** `memoryBytes: 805306368` as `memory 768 MiB`. */
function limitsInWords(limits: Result['limits']): string {
  return Object.entries(limits)
    .map(([name, value]) => {
      const [, noun = name, unit = ''] = /^(.*?)(Bytes|Seconds)?$/.exec(name) ?? []
      const amount =
        unit === 'Bytes' ? `${value / 2 ** 20} MiB` : unit === 'Seconds' ? `${value} s` : value
      return `${noun.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${amount}`
    })
    .join(', ')
}
