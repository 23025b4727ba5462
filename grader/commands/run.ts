/** What `test`, `grade` and `watch` do alike: grade, show, remember, and set the exit code. */
import path from 'node:path'
import { strongSandboxMissing } from '../../harness/sandbox/detect.ts'
import { otherUserMissing } from '../../harness/sandbox/other-user.ts'
import { sandboxes, type SandboxName } from '../../harness/sandbox/sandbox.ts'
import { sourceOf, type CommonOptions } from '../cli.ts'
import { nameOf, referenceFolder, root, UsageError, type Target } from '../course.ts'
import { gradeApart } from '../class/grade-apart.ts'
import { grade, type Grading, type Suite } from '../grade.ts'
import { interruptible } from '../interrupt.ts'
import { Journal } from '../journal.ts'
import type { Result, TaskResult } from '../result.ts'
import { readState, writeState } from '../state.ts'
import { render } from '../terminal/render.ts'
import { styleFor } from '../terminal/style.ts'

/** Where a command keeps what it found out, unless `--out` says otherwise. */
export function outputFolder(options: CommonOptions, target: Target): string {
  const { level, tasks } = target
  // What is not the learner's own lies beside it.
  const whose = options.solution ? '-solution' : options.from === undefined ? '' : '-from-elsewhere'
  const folder = `level${level.number}${whose}`
  const [task] = tasks
  const only = tasks.length < level.tasks.length && task !== undefined ? task.id : ''
  return path.resolve(options.out ?? path.join(root, '.loadbearing', folder, only))
}

/** A run of the public tests does not replace the result of all of them. */
function resultName(suites: readonly Suite[]): string {
  return suites.includes('hidden') ? 'result.json' : 'public-result.json'
}

/** What is found out about a submission when its tests are done. */
export type Finish = (
  result: Result,
  keep: (soFar: Result) => void,
  signal: AbortSignal,
) => Promise<Result>

/** Grades a target, writing the journal after each test. Ctrl-C ends the run and keeps what it has. */
export async function run(
  target: Target,
  suites: readonly Suite[],
  options: CommonOptions,
  finish: Finish = (result) => Promise.resolve(result),
): Promise<Result> {
  const from = sourceOf(options)
  const seed = options.seed ?? Math.floor(Math.random() * 1e9)
  const journal = new Journal(path.join(outputFolder(options, target), resultName(suites)))
  return await interruptible(async (signal) => {
    const keep = (soFar: Result) => journal.write(soFar)
    const grading: Grading = {
      target,
      from,
      sandbox: await sandboxOf(options),
      earlier: options.onReference ? referenceFolder() : undefined,
      suites,
      seed,
      allowAnyImport: options.anyImport ?? false,
      jobs: options.jobs,
      onProgress: keep,
      signal,
    }
    const tested =
      grading.sandbox === 'strong'
        ? await gradeApart({ target: nameOf(target), grading, limitMs: LIMIT_MS })
        : await grade(grading)
    const result = await finish(tested, keep, signal)
    journal.write(result)
    if (options.from === undefined && !options.solution) remember(result)
    show(result, options)
    if (journal.problem !== undefined) process.stderr.write(`${journal.problem}\n`)
    return result
  })
}

/** A worker that is not done by then never will be. */
const LIMIT_MS = 30 * 60_000

/** @throws {UsageError} when the sandbox that was asked for does not work here */
async function sandboxOf({ sandbox = 'default' }: CommonOptions): Promise<SandboxName> {
  if (!isSandbox(sandbox))
    throw new UsageError(
      `There is no sandbox "${sandbox}"; there are ${Object.keys(sandboxes).join(', ')}.`,
    )
  const missing = sandbox === 'strong' ? await strongSandboxMissing() : undefined
  if (missing !== undefined) throw new UsageError(`${missing.reason} ${missing.remedy}`)
  const impossible = sandbox === 'other-user' ? otherUserMissing() : undefined
  if (impossible !== undefined) throw new UsageError(impossible)
  return sandbox
}

function isSandbox(name: string): name is SandboxName {
  return Object.hasOwn(sandboxes, name)
}

/**
 * Keeps the verdicts for `npm run progress`. A run without hidden tests says nothing about them, one that was stopped says
 * nothing at all, and a server that does not start has lost what it had.
 */
function remember({ tasks, start, complete }: Result): void {
  if (!complete) return
  const state = readState()
  const known = { ...state.tasks }
  for (const task of tasks) {
    if (start !== null) known[task.id] = { verdict: 'failed' }
    if (task.tests.length === 0) continue
    const before = known[task.id]
    const counts = {
      public: count(task, 'public') ?? before?.public,
      hidden: count(task, 'hidden') ?? before?.hidden,
    }
    const short = [counts.public, counts.hidden].some(
      (pair) => pair !== undefined && pair[0] < pair[1],
    )
    known[task.id] = {
      verdict: task.verdict === 'passed' && short ? 'failed' : task.verdict,
      ...counts,
    }
  }
  writeState({ ...state, tasks: known })
}

function count({ tests }: TaskResult, suite: Suite): [number, number] | undefined {
  const its = tests.filter((test) => test.suite === suite)
  return its.length === 0
    ? undefined
    : [its.filter(({ verdict }) => verdict === 'passed').length, its.length]
}

function show(result: Result, { json }: CommonOptions): void {
  process.stdout.write(
    json ? `${JSON.stringify(result, null, 2)}\n` : render(result, styleFor(process.stdout)),
  )
}

/** 0: everything passes. 1: the work falls short. 3: a fault of ours kept something from a verdict. 130: stopped. */
export function exitCodeOf({ tasks, faults, start, complete }: Result): number {
  if (!complete) return 130
  if (
    faults.length > 0 ||
    tasks.some(({ tests }) => tests.some(({ verdict }) => verdict === 'fault'))
  )
    return 3
  return start === null && tasks.every(({ verdict }) => verdict === 'passed') ? 0 : 1
}
