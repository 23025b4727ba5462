/**
 * From a result of the grader to what GitHub Classroom's reporter reads
 * (classroom-resources/autograding-grading-reporter@v1): points for each task.
 *
 * `npm run export -- classroom --level 3` copies this file into learners' repositories, where a step of the
 * workflow runs it on what `npm test -- level3` wrote. So it imports nothing of the grader.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

type Status = 'pass' | 'fail' | 'error'

/** What a step's output `result` holds, in base64. */
export interface ClassroomResult {
  readonly version: 1
  readonly status: Status
  readonly max_score: number
  readonly tests: readonly {
    readonly name: string
    readonly status: Status
    readonly score: number
    readonly message: string
    readonly test_code: string
    readonly filename: string
    readonly line_no: number
    /** ms */
    readonly duration: number
  }[]
}

/** What is read of a result. */
interface ResultLike {
  readonly start: { readonly message: string } | null
  readonly score: { readonly possible: number }
  readonly tasks: readonly {
    readonly id: string
    readonly title: string
    readonly verdict: string
    readonly earned: number
    readonly tests: readonly {
      readonly title: string
      readonly verdict: string
      readonly durationMs: number
      readonly suite: string
      readonly failure?:
        | {
            readonly expected: string
            readonly received: string
            readonly why?: string | undefined
          }
        | undefined
    }[]
  }[]
}

type TaskLike = ResultLike['tasks'][number]
type TestLike = TaskLike['tests'][number]

export function classroomResult({ start, score, tasks }: ResultLike): ClassroomResult {
  const statusOf = (passed: boolean): Status =>
    start !== null ? 'error' : passed ? 'pass' : 'fail'
  return {
    version: 1,
    status: statusOf(tasks.every(({ verdict }) => verdict === 'passed')),
    max_score: score.possible,
    tests: tasks.map((task) => ({
      name: `${task.id} ${task.title}`,
      status: statusOf(task.verdict === 'passed'),
      score: task.earned,
      message: start?.message ?? messageOf(task),
      test_code: `npm test -- ${task.id}`,
      filename: '',
      line_no: 0,
      duration: task.tests.reduce((sum, { durationMs }) => sum + durationMs, 0),
    })),
  }
}

function messageOf({ tests }: TaskLike): string {
  const counts = ['public', 'hidden'].flatMap((suite) => {
    const its = tests.filter((test) => test.suite === suite && test.verdict !== 'fault')
    const passed = its.filter(({ verdict }) => verdict === 'passed').length
    return its.length === 0 ? [] : [`${suite} ${passed} of ${its.length}`]
  })
  const failed = tests.filter(({ verdict }) => verdict === 'failed')
  return [counts.join(', '), ...failed.map(failureOf)].join('\n')
}

function failureOf({ title, failure }: TestLike): string {
  if (failure === undefined) return `- ${title}`
  const { expected, received, why } = failure
  return `- ${title}\n  expected: ${expected}\n  received: ${received}${why === undefined ? '' : `\n  why: ${why}`}`
}

/** The line that a step appends to `$GITHUB_OUTPUT`. */
export function classroomOutput(result: ResultLike): string {
  return `result=${Buffer.from(JSON.stringify(classroomResult(result))).toString('base64')}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ResultLike
  process.stdout.write(classroomOutput(result))
}
