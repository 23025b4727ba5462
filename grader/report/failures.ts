/** What failed in a task: public tests with their whole conversation, hidden ones by the behaviour that they are about. */
import { h, type ComponentChild } from 'preact'
import type { FailureRecord, Result, TaskResult, TestResult } from '../result.ts'
import { harmless, printable } from '../terminal/style.ts'
import { countOf } from './grade.ts'
import { facts } from './page.ts'

/** The ends of a longer conversation tell it; the whole would bury them. */
const FIRST_STEPS = 20
const LAST_STEPS = 40

export function failures(task: TaskResult, result: Result): ComponentChild[] {
  const told = task.tests.filter(({ verdict, failure }) => verdict === 'failed' && failure)
  const untold = task.tests.filter(({ verdict, failure }) => verdict === 'failed' && !failure)
  const blocked = task.tests.filter(({ verdict }) => verdict === 'blocked')
  if (told.length + untold.length + blocked.length === 0) return []
  return [
    h('h2', null, `Task ${task.id} — ${task.title}`),
    h('p', { class: 'soft' }, advice(task, result)),
    ...told.map((test, index) => explained(test, result, index === 0)),
    ...behaviours(task, untold),
    ...blocks(blocked),
  ]
}

function advice({ id }: TaskResult, { level, seed }: Result): ComponentChild[] {
  return [
    'The assignment: ',
    h('code', null, `levels/level${level}/README.md`),
    `, task ${id}. A hint: `,
    h('code', null, `npm run hint -- ${id}`),
    '. Its public tests again: ',
    h('code', null, `npm test -- ${id} --seed ${seed}`),
  ]
}

function explained(
  { suite, title, failure }: TestResult,
  result: Result,
  open: boolean,
): ComponentChild {
  if (failure === undefined) return null
  const { expected, received, why, stderr } = failure
  return h(
    'details',
    { open },
    h(
      'summary',
      null,
      h('h3', { class: 'failed' }, printable(title)),
      suite === 'hidden' ? h('span', { class: 'soft' }, ' (hidden)') : null,
    ),
    conversation(failure),
    facts([
      ['Expected', printable(expected)],
      ['Received', printable(received)],
      why === undefined ? null : ['Why', printable(why)],
    ]),
    ...repeat(failure, result),
    stderr === undefined
      ? null
      : [h('p', null, 'The server printed last:'), h('pre', null, printable(stderr))],
  )
}

function conversation({ steps }: FailureRecord): ComponentChild {
  if (steps.length === 0) return null
  const numbered = steps.map((step, index) => `${String(index).padStart(2)}. ${printable(step)}`)
  const between = numbered.length - FIRST_STEPS - LAST_STEPS
  const shown =
    between <= 1
      ? numbered
      : [
          ...numbered.slice(0, FIRST_STEPS),
          `    … ${between} steps …`,
          ...numbered.slice(-LAST_STEPS),
        ]
  return h('pre', null, shown.join('\n'))
}

function repeat({ repeat: line, settings }: FailureRecord, { level }: Result): ComponentChild[] {
  if (line === undefined) return []
  const start = `${settings === undefined ? '' : `${settings} `}npm start -- level${level}`
  return [
    h('p', null, 'Repeat it by hand, in two terminals:'),
    h('pre', null, harmless(`${start}\n${line}`)),
  ]
}

function behaviours(task: TaskResult, untold: readonly TestResult[]): ComponentChild[] {
  if (untold.length === 0) return []
  const { passed, judged } = countOf(task, 'hidden') ?? { passed: 0, judged: 0 }
  return [
    h('p', null, `Hidden tests: ${passed} of ${judged} pass. Those that fail are about this:`),
    h('ul', null, ...untold.map(({ title }) => h('li', null, printable(title)))),
  ]
}

/** What a test builds on does not hold: it said nothing, and is not counted twice. */
function blocks(blocked: readonly TestResult[]): ComponentChild[] {
  if (blocked.length === 0) return []
  return [
    h('p', null, 'Not tried, because what they build on does not work yet:'),
    h(
      'ul',
      null,
      ...blocked.map(({ title, reason }) =>
        h(
          'li',
          null,
          printable(title),
          reason ? h('span', { class: 'soft' }, ` (blocked by ${printable(reason)})`) : null,
        ),
      ),
    ),
  ]
}
