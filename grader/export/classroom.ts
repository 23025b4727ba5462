/**
 * GitHub Classroom: the workflow that grades a learner's repository, and the result that its reporter reads.
 *
 * The tests of a learner's repository can be read by the learner, so these are the public ones.
 */
import { z } from 'zod'
import type { Level } from '../../levels/register.ts'
import { told, type Feedback } from '../report/feedback.ts'
import type { Result } from '../result.ts'
import { printable } from '../terminal/style.ts'
import { overview, taskText } from './text.ts'

const Status = z.enum(['pass', 'fail', 'error'])

/** What a runner's output `result` holds, in base64, for classroom-resources/autograding-grading-reporter@v1. */
export const ClassroomResult = z.strictObject({
  version: z.literal(1),
  status: Status,
  max_score: z.number(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      status: Status,
      score: z.number(),
      message: z.string(),
      test_code: z.string(),
      filename: z.string(),
      line_no: z.number(),
      duration: z.number(),
    }),
  ),
})
export type ClassroomResult = z.infer<typeof ClassroomResult>

export function classroomResult(whole: Result, feedback: Feedback = {}): ClassroomResult {
  const result = told(whole, feedback)
  const { tasks, score, start } = result
  const passed = tasks.every(({ verdict }) => verdict === 'passed')
  return {
    version: 1,
    status: start !== null ? 'error' : passed ? 'pass' : 'fail',
    max_score: score.possible,
    tests: tasks.map((task) => ({
      name: `${task.id} ${task.title}`,
      status: start !== null ? 'error' : task.verdict === 'passed' ? 'pass' : 'fail',
      score: task.earned,
      message: start === null ? taskText(task, result) : printable(overview(result)),
      test_code: `npm test -- ${task.id}`,
      filename: '',
      line_no: 0,
      duration: task.tests.reduce((sum, { durationMs }) => sum + durationMs, 0),
    })),
  }
}

/** The line that a step appends to `$GITHUB_OUTPUT`. */
export function classroomOutput(result: Result, feedback: Feedback = {}): string {
  const json = JSON.stringify(ClassroomResult.parse(classroomResult(result, feedback)))
  return `result=${Buffer.from(json).toString('base64')}\n`
}

/** Enough for a machine that is shared with others. */
const TIMEOUT_MINUTES = 10

/** `.github/workflows/classroom.yml`: one run of the level, points for each task. */
export function classroomWorkflow({ number }: Level): string {
  const id = `level${number}`
  return `name: Autograding Tests
on:
  - push
  - repository_dispatch
permissions:
  checks: write
  actions: read
  contents: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
      - name: Level ${number}
        id: ${id}
        timeout-minutes: ${TIMEOUT_MINUTES}
        run: |
          # Exit code 1 is work that falls short: the reporter tells it.
          npm test -- ${id} --out graded || [ $? -eq 1 ]
          npm run --silent export -- classroom graded/public-result.json >> "$GITHUB_OUTPUT"
      - name: Autograding Reporter
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          ${id.toUpperCase()}_RESULTS: \${{ steps.${id}.outputs.result }}
        with:
          runners: ${id}
`
}

/** `.github/classroom/autograding.json`, for classrooms that still run education/autograding@v1. */
export const ClassroomLegacy = z.strictObject({
  tests: z.array(
    z.strictObject({
      name: z.string(),
      setup: z.string(),
      run: z.string(),
      input: z.string(),
      output: z.string(),
      comparison: z.enum(['exact', 'included', 'regex']),
      timeout: z.number().positive(),
      points: z.number().positive(),
    }),
  ),
})
export type ClassroomLegacy = z.infer<typeof ClassroomLegacy>

/** A test for each task: its points are given whole or not at all, by the exit code. */
export function classroomLegacy({ tasks }: Level): ClassroomLegacy {
  return {
    tests: tasks.map(({ id, title, points }, place) => ({
      name: `${id} ${title}`,
      setup: place === 0 ? 'npm ci' : '',
      run: `npm test -- ${id}`,
      input: '',
      output: '',
      comparison: 'included',
      timeout: TIMEOUT_MINUTES,
      points,
    })),
  }
}

/** What goes into a learner's repository, by name. */
export function classroomFiles(level: Level): Readonly<Record<string, string>> {
  return {
    '.github/workflows/classroom.yml': classroomWorkflow(level),
    '.github/classroom/autograding.json': `${JSON.stringify(classroomLegacy(level), null, 2)}\n`,
  }
}
