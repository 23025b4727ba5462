/** A class at a glance, gathered one result at a time: of a submission only a row stays in memory. */
import type { Graded } from '../class/graded.ts'
import type { Result } from '../result.ts'
import { gradeOf, speedOf, tenths, type Grade } from './grade.ts'
import { pageName } from './page-name.ts'

export interface ClassRow {
  readonly id: string
  readonly name: string
  /** The learner's page, relative to the index. */
  readonly href: string
  readonly grade: Grade
  /** Points for speed, where a bench ran and they count. */
  readonly speed: number | null
  /** `3.1 3.4`: the tasks that do not pass. */
  readonly failing: readonly string[]
  /** What kept the server from starting: a code of TROUBLESHOOTING.md. */
  readonly start: string | null
  /** How long its tests took, one after the other. */
  readonly testSeconds: number
}

/** How often something failed among those that were tried. */
export interface Failing {
  readonly title: string
  readonly failed: number
  readonly tried: number
}

export class ClassSummary {
  readonly rows: ClassRow[] = []
  /** What went wrong on our side: with whose submission, and what. */
  readonly faults: { readonly row: ClassRow; readonly text: string }[] = []
  readonly #tasks = new Map<string, Failing>()
  readonly #hidden = new Map<string, Failing>()
  readonly #starts = new Map<string, number>()
  #about: Pick<Result, 'level' | 'title' | 'course'> | undefined
  readonly #conditions = new Set<string>()

  add({ id, name, result }: Graded): ClassRow {
    const { tasks, start } = result
    const tests = tasks.flatMap((task) => task.tests)
    const row: ClassRow = {
      id,
      name,
      href: `pages/${pageName(id)}`,
      grade: gradeOf(result),
      speed: speedOf(result)?.earned ?? null,
      failing:
        start === null
          ? tasks.filter(({ verdict }) => verdict !== 'passed').map((task) => task.id)
          : [],
      start: start?.code ?? null,
      testSeconds: tenths(tests.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000),
    }
    this.rows.push(row)
    this.#about ??= result
    this.#conditions.add(
      `course version ${result.course}, sandbox: ${result.sandbox}, Node ${result.machine.node}`,
    )
    if (start !== null && !isAbsent(row))
      this.#starts.set(start.code, (this.#starts.get(start.code) ?? 0) + 1)
    for (const text of faultsOf(result)) this.faults.push({ row, text })
    for (const task of tasks) {
      if (start === null && task.tests.length > 0)
        count(this.#tasks, `${task.id} ${task.title}`, task.verdict === 'failed')
      for (const { suite, title, verdict } of task.tests) {
        if (suite === 'hidden' && (verdict === 'passed' || verdict === 'failed'))
          count(this.#hidden, `${task.id} ${title}`, verdict === 'failed')
      }
    }
    return row
  }

  /** The level that the class was graded on. */
  get about(): Pick<Result, 'level' | 'title' | 'course'> | undefined {
    return this.#about
  }

  /** More than one where parts of the class were graded differently. */
  get conditions(): readonly string[] {
    return [...this.#conditions]
  }

  get tasksByFailures(): readonly Failing[] {
    return byFailures(this.#tasks)
  }

  get hiddenByFailures(): readonly Failing[] {
    return byFailures(this.#hidden)
  }

  /** Those who have handed in nothing. */
  get absent(): readonly ClassRow[] {
    return this.rows.filter(isAbsent)
  }

  /** Start-up faults of the others by their code, the most frequent first. */
  get starts(): readonly (readonly [code: string, count: number])[] {
    return [...this.#starts].toSorted((a, b) => b[1] - a[1])
  }
}

function isAbsent({ start }: ClassRow): boolean {
  return start === 'NOTHING_HANDED_IN'
}

function faultsOf({ faults, tasks }: Result): string[] {
  return [
    ...faults,
    ...tasks.flatMap(({ id, tests }) =>
      tests
        .filter(({ verdict }) => verdict === 'fault')
        .map(({ title, reason }) => `task ${id}, ${title}: ${reason ?? ''}`),
    ),
  ]
}

function count(counts: Map<string, Failing>, title: string, failed: boolean): void {
  const before = counts.get(title) ?? { title, failed: 0, tried: 0 }
  counts.set(title, { title, failed: before.failed + (failed ? 1 : 0), tried: before.tried + 1 })
}

function byFailures(counts: ReadonlyMap<string, Failing>): readonly Failing[] {
  return [...counts.values()]
    .filter(({ failed }) => failed > 0)
    .toSorted((a, b) => b.failed / b.tried - a.failed / a.tried)
}
