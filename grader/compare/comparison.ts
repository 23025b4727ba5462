/** A submission and the reference side by side: what `npm run compare` finds out, as plain data. */
import path from 'node:path'
import type { Peers } from '../../bench/peers.ts'
import type { BenchRecord } from '../../bench/record.ts'
import type { Intake } from '../../harness/intake.ts'
import type { Side } from '../pictures/chart.ts'
import type { Result, TaskResult, Verdict } from '../result.ts'
import { codeSize, type CodeSize } from './code-size.ts'

type Both<T> = Readonly<Record<Side, T>>

/** The reference comes second: a run that is stopped may not reach it. */
interface BothIfReached<T> {
  readonly submission: T
  readonly reference: T | null
}

/** What the public tests said of one task. */
export interface Standing {
  readonly verdict: Verdict
  readonly passed: number
  readonly tests: number
}

export interface Comparison {
  readonly level: number
  readonly title: string
  readonly submission: string
  readonly seed: number
  /** `false` when the run was stopped. */
  readonly complete: boolean
  readonly tasks: readonly {
    readonly id: string
    readonly title: string
    readonly standing: BothIfReached<Standing>
  }[]
  /** Points by the public tests. */
  readonly score: BothIfReached<Result['score']>
  readonly code: Both<CodeSize>
  /** `null` where nothing could be measured; `problems` says why. */
  readonly bench: BenchRecord | null
  /** `null` where nobody asked for them. */
  readonly peers: Peers | null
  /** What could not be compared, and why: a sentence each. */
  readonly problems: readonly string[]
}

/** Puts two results of the same tests beside each other. */
export function tasksOf(results: BothIfReached<Result>): Pick<Comparison, 'tasks' | 'score'> {
  const { submission, reference } = results
  return {
    tasks: submission.tasks.map((task) => {
      const twin = reference?.tasks.find(({ id }) => id === task.id)
      return {
        id: task.id,
        title: task.title,
        standing: {
          submission: standingOf(task),
          reference: twin === undefined ? null : standingOf(twin),
        },
      }
    }),
    score: { submission: submission.score, reference: reference?.score ?? null },
  }
}

function standingOf({ verdict, tests }: TaskResult): Standing {
  const passed = tests.filter((test) => test.verdict === 'passed').length
  return { verdict, passed, tests: tests.length }
}

/** The size of a level's own files; those of the levels below count there. */
export function sizeOfLevel({ folder, files }: Intake, level: number): Promise<CodeSize> {
  const own = `level${level}${path.sep}`
  return codeSize(
    folder,
    files.filter((file) => path.normalize(file).startsWith(own)),
  )
}
