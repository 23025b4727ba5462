/** JUnit XML: a test suite for each task of each submission, for whatever shows test reports. */
import { h, type ComponentChild } from 'preact'
import { render } from 'preact-render-to-string'
import type { Graded } from '../class/graded.ts'
import { told, type Feedback } from '../report/feedback.ts'
import { plain } from '../report/plain.ts'
import type { Result, TaskResult, TestResult } from '../result.ts'
import { printable } from '../terminal/style.ts'
import { failureText } from './text.ts'

/** The text of the file, a submission at a time. */
export function* junitXml(class_: Iterable<Graded>, feedback: Feedback = {}): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="Loadbearing">\n'
  for (const { id, result: whole } of class_) {
    const result = told(whole, feedback)
    for (const task of result.tasks) yield `${suite(xmlText(plain(id)), task, result)}\n`
  }
  yield '</testsuites>\n'
}

function suite(id: string, task: TaskResult, result: Result): string {
  const { start } = result
  // A server that did not start was asked nothing: its suites hold one error that says why.
  const cases =
    start === null
      ? task.tests.map((test) => testCase(id, task, test))
      : [startError(id, task, start)]
  const count = (verdict: string) => task.tests.filter((test) => test.verdict === verdict).length
  const counts =
    start === null
      ? { failures: count('failed'), errors: count('fault'), skipped: count('blocked') }
      : { failures: 0, errors: 1, skipped: 0 }
  const element = h(
    'testsuite',
    {
      name: `${id} ${task.id} ${task.title}`,
      tests: String(cases.length),
      failures: String(counts.failures),
      errors: String(counts.errors),
      skipped: String(counts.skipped),
      timestamp: result.startedAt.replace(/\.\d+Z$/, ''),
      time: seconds(task.tests.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    },
    ...cases,
  )
  return render(element)
}

function testCase(id: string, task: TaskResult, test: TestResult): ComponentChild {
  return h(
    'testcase',
    {
      classname: `${id}.${task.id}.${test.suite}`,
      name: xmlText(test.title),
      time: seconds(test.durationMs),
    },
    outcome(test),
  )
}

/** JUnit knows three ways not to pass; a fault of ours is its `error`. */
function outcome(test: TestResult): ComponentChild {
  const { verdict, suite: its, failure, reason } = test
  if (verdict === 'failed')
    return h(
      'failure',
      { message: xmlText(failure?.received ?? `a ${its} test`), type: 'Expectation' },
      failure === undefined ? null : xmlText(failureText(test)),
    )
  if (verdict === 'blocked') return h('skipped', { message: xmlText(`blocked by ${reason ?? ''}`) })
  if (verdict === 'fault')
    return h('error', { message: xmlText(reason ?? 'a fault of the grader'), type: 'GraderFault' })
  return null
}

function startError(
  id: string,
  task: TaskResult,
  { code, message, detail }: NonNullable<Result['start']>,
): ComponentChild {
  return h(
    'testcase',
    { classname: `${id}.${task.id}`, name: 'the server starts', time: '0' },
    h('error', { message: xmlText(message), type: code }, xmlText(detail)),
  )
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** What XML 1.0 can hold: of the control characters, only tab and line feed; and no `]]>` outside of a CDATA section. */
function xmlText(text: string): string {
  return printable(text.toWellFormed())
    .replace(/[\ufffe\uffff]/g, '?')
    .replaceAll(']]>', ']] >')
}
