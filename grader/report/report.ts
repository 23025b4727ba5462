/** `report.html`: a result for its learner. Hidden tests are told by their behaviour and their count only. */
import { h, type ComponentChild } from 'preact'
import type { Result, TaskResult, TestResult } from '../result.ts'
import { printable } from '../terminal/style.ts'
import { page } from './page.ts'

export function report(result: Result): string {
  const { level, title, score, start } = result
  return page(
    `Level ${level} — ${title}`,
    h(
      'p',
      null,
      h('strong', null, `Score ${score.earned} of ${score.possible}`),
      result.complete ? '' : ' so far: the run was stopped',
    ),
    start === null ? null : startFault(start),
    typeErrors(result),
    start === null ? taskTable(result) : null,
    ...result.tasks.flatMap(failures),
    ourFaults(result),
    provenance(result),
  )
}

function startFault({ message, detail, code }: NonNullable<Result['start']>): ComponentChild {
  return h(
    'section',
    null,
    h('h2', null, 'Nothing could be tested'),
    h('p', null, printable(message)),
    detail === '' ? null : h('pre', null, printable(detail)),
    h('p', { class: 'soft' }, `More about this: TROUBLESHOOTING.md, "${code}".`),
  )
}

function typeErrors({ typeErrors: errors }: Result): ComponentChild {
  if (errors.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, `Type errors: ${errors.length} (they cost no points)`),
    h(
      'pre',
      null,
      errors
        .slice(0, 20)
        .map(({ file, line, message }) => `${file}, line ${line}: ${printable(message)}`)
        .join('\n'),
    ),
  )
}

function taskTable({ tasks }: Result): ComponentChild {
  return h(
    'table',
    null,
    h(
      'thead',
      null,
      h(
        'tr',
        null,
        ...['Task', 'Verdict', 'Public', 'Hidden', 'Points'].map((name, index) =>
          h('th', { scope: 'col', class: index > 1 ? 'number' : '' }, name),
        ),
      ),
    ),
    h(
      'tbody',
      null,
      ...tasks.map((task) =>
        h(
          'tr',
          null,
          h('th', { scope: 'row' }, `${task.id} ${task.title}`),
          h('td', { class: task.verdict }, task.verdict),
          h('td', { class: 'number' }, counts(task.tests, 'public')),
          h('td', { class: 'number' }, counts(task.tests, 'hidden')),
          h('td', { class: 'number' }, `${task.earned} of ${task.points}`),
        ),
      ),
    ),
  )
}

function counts(tests: readonly TestResult[], suite: TestResult['suite']): string {
  const its = tests.filter((test) => test.suite === suite)
  return its.length === 0
    ? '–'
    : `${its.filter(({ verdict }) => verdict === 'passed').length} of ${its.length}`
}

function failures({ id, title, tests }: TaskResult): ComponentChild[] {
  const failed = tests.filter(({ verdict }) => verdict === 'failed' || verdict === 'blocked')
  if (failed.length === 0) return []
  return [h('h2', null, `Task ${id} — ${title}`), ...failed.map(failure)]
}

function failure({ suite, title, failure: record, verdict, reason }: TestResult): ComponentChild {
  const name = h('h3', null, printable(title))
  if (suite === 'hidden' && !record?.open)
    return h('section', null, name, h('p', { class: 'soft' }, `A hidden test: ${verdict}.`))
  if (record === undefined)
    return h(
      'section',
      null,
      name,
      h('p', { class: 'soft' }, `Blocked by ${printable(reason ?? '')}`),
    )
  const { steps, expected, received, why, repeat, settings, stderr } = record
  return h(
    'section',
    null,
    name,
    h('pre', null, steps.map((step, index) => `${index}. ${printable(step)}`).join('\n')),
    h(
      'p',
      null,
      h('strong', null, 'Expected: '),
      printable(expected),
      h('br', null),
      h('strong', null, 'Received: '),
      printable(received),
    ),
    why === undefined ? null : h('p', null, h('strong', null, 'Why: '), why),
    repeat === undefined
      ? null
      : h(
          'pre',
          null,
          printable(
            settings === undefined ? repeat : `${repeat}\n(the server started with ${settings})`,
          ),
        ),
    stderr === undefined ? null : h('pre', null, `The server printed last:\n${printable(stderr)}`),
  )
}

function ourFaults({ faults, tasks }: Result): ComponentChild {
  const inTests = tasks.flatMap(({ id, tests }) =>
    tests
      .filter(({ verdict }) => verdict === 'fault')
      .map(({ title, reason }) => `Task ${id}, ${title}: ${reason ?? ''}`),
  )
  const all = [...faults, ...inTests]
  if (all.length === 0) return null
  return h(
    'section',
    null,
    h('h2', null, 'Faults of the grader (they cost no points)'),
    h('ul', null, ...all.map((text) => h('li', null, printable(text)))),
  )
}

function provenance({ course, seed, startedAt, machine, sandbox, suites }: Result): ComponentChild {
  return h(
    'p',
    { class: 'soft' },
    `Graded ${startedAt} with the ${suites.join(' and ')} tests of course version ${course}, seed ${seed}, sandbox: ${sandbox}. `,
    `Machine: ${machine.processor}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.system}, Node ${machine.node}.`,
  )
}
