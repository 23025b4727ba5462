/** Verdicts of many runs, and the tests whose verdict was not always the same. */
import type { Result, TestResult } from '../../grader/result.ts'

/** A test that was not of one mind about one submission. */
export interface Difference {
  readonly candidate: string
  /** `3.7 hidden: come back after each way to end` */
  readonly test: string
  /** Each verdict, the most frequent first, with the seeds of the runs that gave it. */
  readonly verdicts: readonly { readonly verdict: string; readonly seeds: readonly number[] }[]
  /** What came in one of the runs that did not pass. */
  readonly received: string
}

interface Record {
  readonly seeds: Map<string, number[]>
  received: string
}

export class Findings {
  readonly #candidates = new Map<string, Map<string, Record>>()
  readonly #runs = new Map<string, number[]>()

  /** Takes in one run of a candidate. A run that was cut short says nothing. */
  take(candidate: string, result: Result): void {
    if (!result.complete) return
    const records = this.#candidates.get(candidate) ?? new Map<string, Record>()
    this.#candidates.set(candidate, records)
    this.#runs.set(candidate, [...(this.#runs.get(candidate) ?? []), result.seed])
    const note = (test: string, verdict: string, received: string) => {
      const record = records.get(test) ?? { seeds: new Map<string, number[]>(), received: '' }
      records.set(test, record)
      record.seeds.set(verdict, [...(record.seeds.get(verdict) ?? []), result.seed])
      if (verdict !== 'passed') record.received = received
    }
    if (result.start !== null) note('the start', result.start.code, result.start.message)
    for (const fault of result.faults) note('the run', 'fault', fault)
    for (const { id, tests } of result.tasks) {
      for (const test of tests) note(`${id} ${test.suite}: ${test.title}`, test.verdict, told(test))
    }
  }

  /** How many whole runs there were, of all candidates. */
  get runs(): number {
    return [...this.#runs.values()].reduce((sum, { length }) => sum + length, 0)
  }

  /** How many verdicts were compared. */
  get verdicts(): number {
    return [...this.#candidates.values()]
      .flatMap((records) => [...records.values()])
      .reduce((sum, { seeds }) => sum + [...seeds.values()].flat().length, 0)
  }

  get differences(): Difference[] {
    return [...this.#candidates].flatMap(([candidate, records]) =>
      [...records].flatMap(([test, { seeds, received }]) => {
        const came = new Set([...seeds.values()].flat())
        // A verdict that never came is one of its own.
        const missing = (this.#runs.get(candidate) ?? []).filter((seed) => !came.has(seed))
        const verdicts = [...seeds, ...(missing.length > 0 ? [['none', missing] as const] : [])]
          .map(([verdict, its]) => ({ verdict, seeds: its }))
          .toSorted((a, b) => b.seeds.length - a.seeds.length)
        return verdicts.length === 1 ? [] : [{ candidate, test, verdicts, received }]
      }),
    )
  }
}

function told({ failure, reason }: TestResult): string {
  return failure?.received ?? reason ?? ''
}

/** A difference, for the terminal: the seeds of the rarer verdicts repeat it. */
export function show({ candidate, test, verdicts, received }: Difference): string {
  const counts = verdicts.map(({ verdict, seeds }, index) =>
    index === 0
      ? `${verdict} ${seeds.length} times`
      : `${verdict} ${seeds.length} times (seed ${seeds.slice(0, 10).join(', ')})`,
  )
  return `  ${candidate}: ${test}\n    ${counts.join(', ')}\n    ${received.split('\n')[0]?.slice(0, 300) ?? ''}\n`
}
