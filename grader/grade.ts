/** Grades one submission: takes it in, builds it, tries whether it starts, runs the suites, keeps the result. */
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build, type Build } from '../harness/build.ts'
import { SubmissionFault } from '../harness/faults.ts'
import { firstContact } from '../harness/first-contact.ts'
import { takeIn, type Intake } from '../harness/intake.ts'
import { machine } from '../harness/machine.ts'
import { removeFolder, temporaryFolder } from '../harness/reaper.ts'
import { limits } from '../harness/sandbox/limits.ts'
import { sandboxes, type SandboxName } from '../harness/sandbox/sandbox.ts'
import type { Task } from '../levels/register.ts'
import { digestOf } from './digest.ts'
import { courseVersion, root, testFile, type Target } from './course.ts'
import type { Result, TestResult } from './result.ts'
import { scoreTask, total } from './score.ts'
import { typeErrors } from './types.ts'
import { blockedByUnfinished } from './unfinished.ts'

export type Suite = 'public' | 'hidden'

export interface Grading {
  readonly target: Target
  /** A folder that holds `level1`, `level2`, … */
  readonly from: string
  /** What the result calls the submission [its folder]. */
  readonly name?: string | undefined
  /** What was taken in from there already. */
  readonly intake?: Intake
  /** Where the levels below come from, if not from the submission. */
  readonly earlier?: string | undefined
  /** [default] */
  readonly sandbox?: SandboxName
  readonly suites: readonly Suite[]
  readonly seed: number
  readonly allowAnyImport?: boolean
  /** Tests at a time. */
  readonly jobs?: number | undefined
  /** Called with the result so far, after each verdict. */
  readonly onProgress?: (result: Result) => void
  readonly signal?: AbortSignal
}

/** Grades a submission. Whatever the submission does, a result comes back. */
export async function grade(grading: Grading): Promise<Result> {
  const run = new Run(grading)
  const folder = await temporaryFolder()
  try {
    await run.through(folder)
  } finally {
    await removeFolder(folder)
  }
  return run.result(true)
}

/** The result of a submission that was refused before it could be built. */
export function refused(grading: Grading, fault: SubmissionFault): Result {
  const run = new Run(grading)
  run.refuse(fault)
  return run.result(true)
}

/** The result where we failed, or were stopped; it says nothing about the submission. */
export function failed(grading: Grading, fault?: string): Result {
  const run = new Run(grading)
  if (fault !== undefined) run.fail(fault)
  return run.result(false)
}

class Run {
  readonly #grading: Grading
  readonly #tests = new Map<Task, TestResult[]>()
  /** The titles of each task's tests, in the order in which they stand in their files. */
  readonly #titles = new Map<Task, string[]>()
  readonly #startedAt = new Date().toISOString()
  readonly #faults: string[] = []
  #typeErrors: Result['typeErrors'] = []
  #ignored: readonly string[] = []
  #digest: string | undefined
  #start: Result['start'] = null

  constructor(grading: Grading) {
    this.#grading = grading
    for (const task of grading.target.tasks) this.#tests.set(task, [])
  }

  async through(folder: string): Promise<void> {
    const { target, from, earlier, seed, suites, signal } = this.#grading
    const source = path.join(folder, 'source')
    let checking: Promise<void> | undefined
    try {
      const intake =
        this.#grading.intake ?? (await takeIn(from, target.level.number, source, earlier))
      this.#ignored = intake.ignored
      this.#digest = await digestOf(intake, target.level.number)
      checking = this.#checkTypes(intake)
      const built = await this.#build(intake, path.join(folder, 'build'))
      await checking
      const files = this.#files(suites)
      const cache = path.join(folder, 'cache')
      // What it holds of hidden tests is for nobody else.
      await mkdir(cache, { mode: 0o700 })
      // Vitest is loaded for those who come so far.
      const { runSuites } = await import('./suites.ts')
      const { faults } = await runSuites(
        {
          files: [...files.keys()],
          build: built,
          seed,
          cache,
          jobs: this.#grading.jobs,
          onCollected: (file, titles) => this.#collected(files.get(file), titles),
          onResult: (file, result) => this.#take(files.get(file), result),
        },
        signal,
      )
      this.#faults.push(...faults)
      this.#countMissing()
    } catch (error) {
      if (error instanceof SubmissionFault) return this.refuse(error)
      // Ctrl-C ends what we have started, too, and perhaps before we hear of it ourselves.
      await delay(100)
      if (signal?.aborted !== true) throw error
    } finally {
      await checking
    }
  }

  refuse({ code, message, detail }: SubmissionFault): void {
    this.#start = { code, message, detail }
  }

  fail(fault: string): void {
    this.#faults.push(fault)
  }

  async #checkTypes({ folder: source, files }: Intake): Promise<void> {
    const folder = `level${this.#grading.target.level.number}/`
    this.#typeErrors = await typeErrors(
      source,
      files.filter((file) => file.startsWith(folder)),
      this.#grading.sandbox ?? 'default',
    )
  }

  async #build(intake: Intake, into: string): Promise<Build> {
    const { target, allowAnyImport = false, sandbox = 'default' } = this.#grading
    const built = await build(intake, target.level, into, { allowAnyImport, sandbox })
    await firstContact(built)
    return built
  }

  #files(suites: readonly Suite[]): Map<string, Task> {
    const { level, tasks } = this.#grading.target
    const files = new Map<string, Task>()
    for (const task of tasks) {
      for (const suite of suites) {
        const file = testFile(suite, level, task)
        if (existsSync(file)) files.set(file, task)
        else if (suite === 'public') this.#faults.push(`${path.relative(root, file)} is missing`)
      }
    }
    return files
  }

  #collected(task: Task | undefined, titles: readonly string[]): void {
    if (task === undefined) return
    this.#titles.set(task, [...(this.#titles.get(task) ?? []), ...titles])
  }

  #take(task: Task | undefined, result: TestResult): void {
    if (task === undefined) return
    this.#tests.get(task)?.push(blockedByUnfinished(task, result))
    this.#grading.onProgress?.(this.result(false))
  }

  /** A verdict that never came is not a pass. */
  #countMissing(): void {
    if (this.#grading.signal?.aborted) return
    for (const [task, { length: expected }] of this.#titles) {
      const came = this.#tests.get(task)?.length ?? 0
      if (came < expected)
        this.#faults.push(
          `task ${task.id}: ${expected - came} of ${expected} tests gave no verdict`,
        )
    }
  }

  /** Tests end in any order; a result has the one of their files, public before hidden. */
  #inOrder(task: Task): TestResult[] {
    const place = ({ suite, title }: TestResult) =>
      (suite === 'hidden' ? 10_000 : 0) + (this.#titles.get(task)?.indexOf(title) ?? 0)
    return (this.#tests.get(task) ?? []).toSorted((a, b) => place(a) - place(b))
  }

  result(complete: boolean): Result {
    const { target, from, name, seed, suites, signal, sandbox = 'default' } = this.#grading
    const ended = complete && !signal?.aborted
    const tasks = target.tasks.map((task) => {
      const tests = this.#inOrder(task)
      // Who has two of ten verdicts so far has not passed the other eight.
      const missing = ended ? 0 : (this.#titles.get(task)?.length ?? tests.length) - tests.length
      return scoreTask(task, tests, missing)
    })
    const scored =
      this.#start === null
        ? tasks
        : tasks.map((task, index) => ({ ...task, points: target.tasks[index]?.points ?? 0 }))
    return {
      format: 'loadbearing-result',
      version: 1,
      course: courseVersion,
      level: target.level.number,
      title: target.level.title,
      submission: name ?? (path.relative(root, from) || from),
      digest: this.#digest,
      suites: [...suites],
      seed,
      startedAt: this.#startedAt,
      complete: ended,
      machine: machine(),
      sandbox: sandboxes[sandbox].describe(),
      limits: { ...limits },
      // What does not parse has no types.
      typeErrors: this.#start?.code === 'SYNTAX_ERROR' ? [] : this.#typeErrors,
      ignored: [...this.#ignored],
      start: this.#start,
      faults: [...this.#faults],
      tasks: scored,
      score: total(scored),
      bench: null,
    }
  }
}
