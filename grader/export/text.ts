/** A task's failures as plain text, for systems that show text. Made from what may be told. */
import { countOf } from '../report/grade.ts'
import type { Result, TaskResult, TestResult } from '../result.ts'
import { harmless, printable } from '../terminal/style.ts'

/** A conversation of many steps is told by its end. */
const MOST_STEPS = 40
/** Of a task that fails everywhere, this many failures are told in full. */
const MOST_FAILURES = 5

export function taskText(task: TaskResult, result: Result): string {
  const failed = task.tests.filter(({ verdict }) => verdict === 'failed')
  const explained = failed.filter(({ failure }) => failure !== undefined)
  const hidden = failed.filter(({ failure }) => failure === undefined)
  const blocked = task.tests.filter(({ verdict }) => verdict === 'blocked')
  const faults = task.tests.filter(({ verdict }) => verdict === 'fault')
  const parts = [
    counts(task),
    ...explained.slice(0, MOST_FAILURES).map(failureText),
    explained.length > MOST_FAILURES
      ? `and ${explained.length - MOST_FAILURES} more that your own run shows.`
      : '',
    titles('Hidden tests that fail, by what they are about:', hidden),
    titles('Not tried, because what they build on does not work yet:', blocked),
    titles('Without a verdict by a fault of the grader; they cost no points:', faults),
    failed.length > 0
      ? `Repeat it: npm test -- ${task.id} --seed ${result.seed}\nA hint: npm run hint -- ${task.id}`
      : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function counts(task: TaskResult): string {
  const told = (['public', 'hidden'] as const).flatMap((suite) => {
    const count = countOf(task, suite)
    return count === null ? [] : `${suite} ${count.passed} of ${count.judged}`
  })
  return told.length === 0 ? 'No test was run.' : `Tests that pass: ${told.join(', ')}.`
}

function titles(heading: string, tests: readonly TestResult[]): string {
  if (tests.length === 0) return ''
  return [heading, ...tests.map(({ title }) => `- ${printable(title)}`)].join('\n')
}

/** One failure: what was done, what was expected, what came, and why that is wrong. */
export function failureText({ title, failure }: TestResult): string {
  if (failure === undefined) return printable(title)
  const { steps, expected, received, why, repeat, settings, stderr } = failure
  const left = Math.max(0, steps.length - MOST_STEPS)
  return [
    printable(title),
    ...(left > 0 ? [`  … ${left} steps …`] : []),
    ...steps.slice(left).map((step, index) => printable(`  ${index + left}. ${step}`)),
    printable(`  Expected: ${expected}`),
    printable(`  Received: ${received}`),
    ...(why === undefined ? [] : [printable(`  Why: ${why}`)]),
    ...(settings === undefined ? [] : [printable(`  Settings: ${settings}`)]),
    // To be copied: half of it would be another command, or none.
    ...(repeat === undefined ? [] : [harmless(`  By hand: ${repeat}`)]),
    ...(stderr === undefined ? [] : [printable(`  The server printed last:\n${stderr}`)]),
  ].join('\n')
}

/** What concerns the submission as a whole. */
export function overview(result: Result): string {
  const { start, complete, typeErrors, faults, seed, course, sandbox, machine, level } = result
  const parts = [
    start === null
      ? ''
      : `Nothing could be tested. ${start.message}\n${start.detail}\nMore about this: TROUBLESHOOTING.md, "${start.code}".`,
    complete ? '' : 'The run was stopped before its end; what had passed by then counts.',
    typeErrors.length === 0
      ? ''
      : `${typeErrors.length} type errors (they cost no points), the first: ${typeErrors[0]?.file ?? ''}, line ${typeErrors[0]?.line ?? ''}: ${typeErrors[0]?.message ?? ''}`,
    ...faults.map((fault) => `A fault of the grader, which costs no points: ${fault}`),
    `Repeat the public tests on your own machine: npm test -- level${level} --seed ${seed}`,
    `Graded with course version ${course}, seed ${seed}, sandbox: ${sandbox}, Node ${machine.node}, ${machine.cores} cores.`,
  ]
  return printable(parts.filter((part) => part !== '').join('\n\n'))
}
