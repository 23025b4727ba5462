/** A result as a learner reads it: a line a task, the first failure explained, the hint to ask for. */
import { hasHiddenTests } from '../course.ts'
import { plain } from '../report/plain.ts'
import type { Result, TaskResult, TestResult, Verdict } from '../result.ts'
import { firstFailure, hiddenFailures } from './failure.ts'
import { printable, wrap, type Style } from './style.ts'

const MARKS: Readonly<Record<Verdict, string>> = {
  passed: '✓',
  failed: '✗',
  blocked: '–',
  fault: '!',
}

/** The whole output of `npm test -- level1` and `npm run grade -- level1`. */
export function render(result: Result, style: Style): string {
  return [
    heading(result, style),
    typeErrors(result, style),
    ignored(result),
    result.start === null ? taskTable(result, style) : startFault(result.start, style),
    firstFailure(result, style),
    waiting(result),
    hiddenFailures(result, style),
    ourFaults(result, style),
    closing(result, style),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function heading({ level, title, submission, suites, seed }: Result, style: Style): string {
  const tests = suites.length === 2 ? 'public and hidden tests' : `${suites[0] ?? 'no'} tests`
  return `${style.strong(`Level ${level} — ${title}`)}  ${style.soft(`${plain(submission)}, ${tests}, seed ${seed}`)}`
}

const SHOWN_TYPE_ERRORS = 3

function typeErrors({ typeErrors: errors }: Result, style: Style): string {
  if (errors.length === 0) return ''
  const count = errors.length === 1 ? 'One type error' : `${errors.length} type errors`
  const lines = errors
    .slice(0, SHOWN_TYPE_ERRORS)
    .map(
      ({ file, line, message }) =>
        `  ${file}, line ${line}: ${printable(message)}${advice(message)}`,
    )
  const more =
    errors.length > SHOWN_TYPE_ERRORS ? [`  and ${errors.length - SHOWN_TYPE_ERRORS} more`] : []
  return [
    style.bad(`${count} (${errors.length === 1 ? 'costs' : 'cost'} no points):`),
    ...lines,
    ...more,
  ].join('\n')
}

/** Node runs this TypeScript by erasing its types: what would need to become code is not available. */
function advice(message: string): string {
  if (!message.startsWith('TS1294')) return ''
  return '\n    (no enums, namespaces and `constructor(readonly x)`: declare the field and assign it)'
}

function ignored({ ignored: names }: Result): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, 5).join(', ')
  return `Left alone, because only .ts files count: ${printable(shown)}${names.length > 5 ? ` and ${names.length - 5} more` : ''}.`
}

function startFault(start: NonNullable<Result['start']>, style: Style): string {
  const detail = printable(start.detail).trimEnd()
  const indented =
    detail === ''
      ? ''
      : `\n\n${detail
          .split('\n')
          .map((line) => `  ${line}`)
          .join('\n')}`
  return `${style.bad('Nothing could be tested.')}\n${wrap(printable(start.message), 0)}${indented}\n\nMore about this: TROUBLESHOOTING.md, "${start.code}"`
}

function taskTable({ tasks, complete }: Result, style: Style): string {
  const width = {
    title: Math.max(...tasks.map(({ title }) => title.length)),
    counts: Math.max(...tasks.map(({ tests }) => counts(tests).length)),
  }
  return tasks.map((task) => taskLine(task, width, complete, style)).join('\n')
}

function taskLine(
  task: TaskResult,
  width: { readonly title: number; readonly counts: number },
  complete: boolean,
  style: Style,
): string {
  const name = `${task.id.padEnd(4)} ${task.title.padEnd(width.title)}`
  if (task.tests.length === 0)
    return `  ${style.soft(`· ${name}  ${complete ? 'no tests' : 'not reached'}`)}`
  const paint = { passed: style.good, failed: style.bad, blocked: style.soft, fault: style.bad }[
    task.verdict
  ]
  const points = `${task.earned} of ${task.points} points`
  return `  ${paint(MARKS[task.verdict])} ${name}  ${counts(task.tests).padEnd(width.counts)}  ${points}${remark(task)}`
}

/** `4 of 6`, or with hidden tests `4 of 6, hidden 7 of 9`. */
function counts(tests: readonly TestResult[]): string {
  const suites = ['public', 'hidden'] as const
  return suites
    .flatMap((suite) => {
      const its = tests.filter((test) => test.suite === suite)
      if (its.length === 0) return []
      const passed = its.filter(({ verdict }) => verdict === 'passed').length
      return `${suite === 'hidden' ? 'hidden ' : ''}${passed} of ${its.length}`
    })
    .join(', ')
}

function remark({ tests, verdict }: TaskResult): string {
  const faults = tests.filter((test) => test.verdict === 'fault').length
  if (faults > 0) return `  (${faults} without a verdict: our fault)`
  const by = tests.find((test) => test.verdict === 'blocked')?.reason?.split(':')[0]
  return verdict === 'blocked' && by !== undefined ? `  (blocked by ${by})` : ''
}

/** Where nothing fails and something is blocked, what it waits for. */
function waiting({ tasks }: Result): string {
  if (tasks.some(({ tests }) => tests.some(({ verdict }) => verdict === 'failed'))) return ''
  const lines = tasks.flatMap(({ id, tests }) => {
    const blocked = tests.filter(({ verdict }) => verdict === 'blocked')
    const [first] = blocked
    if (first === undefined) return []
    const wait = blocked.length === 1 ? 'test of it waits' : 'tests of it wait'
    const rest = tests.length === blocked.length ? '' : ' What can be tested of it passes.'
    return [`  ${id}  ${blocked.length} ${wait} for ${printable(first.reason ?? '')}${rest}`]
  })
  return lines.join('\n')
}

function ourFaults({ faults, tasks }: Result, style: Style): string {
  const inTests = tasks.flatMap(({ id, tests }) =>
    tests
      .filter(({ verdict }) => verdict === 'fault')
      .map(({ title, reason }) => `task ${id}, "${title}": ${reason ?? ''}`),
  )
  const all = [...faults, ...inTests]
  if (all.length === 0) return ''
  return `${style.bad('A fault of the grader, not of the submission; it costs no points:')}\n${all.map((fault) => `  ${printable(fault)}`).join('\n')}`
}

/** Learners have the hidden tests where the checkout has them. */
function whereHidden(graded: string): string {
  return hasHiddenTests
    ? `The hidden tests: npm run grade -- ${graded}`
    : 'The hidden tests are with your instructor; the assignment says all that they check.'
}

function closing({ score, tasks, complete, start, level, suites }: Result, style: Style): string {
  const [task] = tasks
  const graded = tasks.length === 1 && task !== undefined ? task.id : `level${level}`
  const text = `Score ${score.earned} of ${score.possible}`
  const stopped = complete ? '' : ' so far: the run was stopped'
  const lines = [style.strong(`${text}${stopped}`)]
  const next = tasks.find(({ tests }) => tests.some(({ verdict }) => verdict === 'failed'))
  if (next !== undefined) lines.push(`Stuck? npm run hint -- ${next.id}`)
  else if (start === null && complete && tasks.every(({ verdict }) => verdict === 'passed')) {
    lines.push(
      suites.includes('hidden')
        ? style.good('Everything passes.')
        : style.good(`Everything public passes. ${whereHidden(graded)}`),
    )
  }
  return lines.join('\n')
}
