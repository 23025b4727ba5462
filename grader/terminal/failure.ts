/** A failure as a learner reads it: what was done, what was expected, what came, why that is wrong, how to repeat it. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { root } from '../course.ts'
import type { FailureRecord, Result, TaskResult, TestResult } from '../result.ts'
import { harmless, printable, wrap, type Style } from './style.ts'

/** A longer conversation is shown by its ends. */
const FIRST_STEPS = 3
const LAST_STEPS = 10
const MOST_HIDDEN = 12

/** The first failure that may be told in full. */
export function firstFailure(result: Result, style: Style): string {
  for (const task of result.tasks) {
    const test = task.tests.find(
      ({ verdict, suite, failure }) =>
        verdict === 'failed' && (suite === 'public' || failure?.open),
    )
    if (test?.failure !== undefined) return explained(task, test, test.failure, result, style)
  }
  return ''
}

/** Hidden tests are told by the behaviour that they are about, and by nothing else. */
export function hiddenFailures({ tasks, level }: Result, style: Style): string {
  const failed = tasks.flatMap(({ id, tests }) =>
    tests
      .filter(
        ({ verdict, suite, failure }) =>
          verdict === 'failed' && suite === 'hidden' && !failure?.open,
      )
      .map(({ title }) => `  ${id}  ${title}`),
  )
  if (failed.length === 0) return ''
  const more = failed.length > MOST_HIDDEN ? [`  and ${failed.length - MOST_HIDDEN} more`] : []
  return [
    style.strong('Hidden tests that fail, by what they are about:'),
    ...failed.slice(0, MOST_HIDDEN),
    ...more,
    `The assignment says all that they check: levels/level${level}/README.md.`,
  ].join('\n')
}

function explained(
  task: TaskResult,
  test: TestResult,
  failure: FailureRecord,
  result: Result,
  style: Style,
): string {
  return [
    style.strong(`Task ${task.id} fails first: ${test.title}`),
    ...steps(failure),
    ...facts(failure),
    ...repeat(failure, result),
    ...lastWords(failure),
  ].join('\n')
}

function steps({ steps: all }: FailureRecord): string[] {
  const numbered = all.map((step, index) => `  ${String(index).padStart(2)}. ${printable(step)}`)
  const between = numbered.length - FIRST_STEPS - LAST_STEPS
  if (between <= 1) return numbered
  return [
    ...numbered.slice(0, FIRST_STEPS),
    `      … ${between} steps …`,
    ...numbered.slice(-LAST_STEPS),
  ]
}

function facts({ expected, received, why }: FailureRecord): string[] {
  const rows: [string, string | undefined][] = [
    ['Expected:', expected],
    ['Received:', received],
    ['Why:', why],
  ]
  return rows.flatMap(([label, text]) =>
    text === undefined ? [] : [`  ${label.padEnd(9)} ${wrap(printable(text), 12)}`],
  )
}

function repeat({ repeat: line, settings }: FailureRecord, result: Result): string[] {
  if (line === undefined) return []
  const whose =
    { levels: '', solutions: ' --solution' }[result.submission] ??
    ` --from ${shellWord(fromHere(result.submission))}`
  const command = `${settings === undefined ? '' : `${settings} `}npm start -- level${result.level}${whose}`
  // A line each: what is pasted must not bring our punctuation along.
  return [
    '',
    `  Repeat it: ${harmless(command)}`,
    '  and in another terminal:',
    `  ${harmless(sendable(line))}`,
  ]
}

/** A result names a folder as it is seen from the checkout; commands are typed where we were called. */
function fromHere(folder: string): string {
  return path.relative(process.cwd(), path.resolve(root, folder)) || '.'
}

/** A word of a command, in quotation marks where a shell would read it otherwise. */
function shellWord(text: string): string {
  return /^[\w./,:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** Where there is no `nc`, a command of ours takes its place. */
function sendable(line: string): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  if (folders.some((folder) => existsSync(path.join(folder, 'nc')))) return line
  return line.replace(/\| nc 127\.0\.0\.1 8080$/, '| npm run --silent send')
}

function lastWords({ stderr, received }: FailureRecord): string[] {
  // Said already, when the server's last words are what was received.
  if (stderr === undefined || received.includes(stderr)) return []
  const lines = printable(stderr).split('\n')
  return ['', '  The server printed last:', ...lines.map((line) => `    ${line}`)]
}
