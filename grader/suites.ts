/** Runs test files against a build with vitest, and reports each test's verdict as soon as there is one. */
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import { createVitest } from 'vitest/node'
import path from 'node:path'
import type { Build } from '../harness/build.ts'
import { otherKind, type Failure } from '../harness/expectation.ts'
import { root } from './course.ts'
import type { TestResult } from './result.ts'

export interface SuiteRun {
  readonly files: readonly string[]
  readonly build: Build
  readonly seed: number
  /** [8] So many tests at a time: fewer where there is less than a processor. */
  readonly jobs?: number | undefined
  /** [300 s] A test that has not ended by then has failed: a correct server needs seconds for the longest. */
  readonly limitMs?: number
  /** Where vitest may keep what it compiles. */
  readonly cache: string
  /** Called once a file's tests are known, before they run. */
  readonly onCollected: (file: string, titles: readonly string[]) => void
  readonly onResult: (file: string, result: TestResult) => void
}

export interface SuiteEnd {
  /** What went wrong on our side, outside of any one test. */
  readonly faults: readonly string[]
}

/** So long a run that was stopped may take to come to its end. */
const GRACE_MS = 2_000

/** Runs the files, until they are done or the signal aborts: then every worker is ended, and what has come stands. */
export async function runSuites(run: SuiteRun, signal?: AbortSignal): Promise<SuiteEnd> {
  const faults: string[] = []
  const { jobs = 8, limitMs = 300_000 } = run
  const workers = jobs < 4 ? 1 : 2
  const exitCode = process.exitCode
  // Vitest keeps a token where it can write: neither our folder nor the user's may be such a place.
  process.env['XDG_DATA_HOME'] = run.cache
  const vitest = await withoutHandlers(() =>
    createVitest(
      {
        root,
        config: false,
        watch: false,
        include: run.files.map((file) => path.relative(root, file)),
        pool: 'forks',
        isolate: false,
        maxWorkers: workers,
        maxConcurrency: Math.ceil(jobs / workers),
        sequence: { concurrent: true },
        testTimeout: limitMs,
        hookTimeout: 30_000,
        teardownTimeout: 5_000,
        execArgv: ['--disable-sigusr1'],
        provide: { build: run.build, seed: run.seed },
        reporters: [reporter(run, faults)],
        passWithNoTests: true,
        // In node_modules, compiled hidden tests would stay behind for whoever may read there.
        fsModuleCache: false,
      },
      { cacheDir: run.cache, logLevel: 'silent' },
    ),
  )
  const stopped = Promise.withResolvers<void>()
  let grace: NodeJS.Timeout | undefined
  const stop = () => {
    // Asked once, Vitest lets the tests that run come to their end; asked twice, it ends their processes.
    void vitest.cancelCurrentRun('keyboard-input')
    void vitest.cancelCurrentRun('keyboard-input')
    // A worker that is only starting hears nothing.
    grace = setTimeout(stopped.resolve, GRACE_MS)
  }
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted !== true) await Promise.race([vitest.start(), stopped.promise])
  await Promise.race([vitest.close(), stopped.promise])
  clearTimeout(grace)
  // Vitest sets the exit code of this process by its own rules; ours are others.
  process.exitCode = exitCode
  // Of a run that was stopped, workers have ended in the middle of a test.
  return { faults: signal?.aborted === true ? [] : faults }
}

/** Takes back what others hang on Ctrl-C: Vitest would end this process before anybody has seen what there is. */
async function withoutHandlers<T>(load: () => Promise<T>): Promise<T> {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const before = signals.flatMap((name) => process.listeners(name))
  const loaded = await load()
  for (const name of signals)
    for (const handler of process.listeners(name))
      if (!before.includes(handler)) process.off(name, handler)
  return loaded
}

function reporter(run: SuiteRun, faults: string[]): Reporter {
  return {
    onTestModuleCollected(module: TestModule) {
      run.onCollected(
        module.moduleId,
        [...module.children.allTests()].map(({ name }) => name),
      )
    },
    onTestCaseResult(test: TestCase) {
      const result = resultOf(test)
      if (result !== undefined) run.onResult(test.module.moduleId, result)
    },
    onTestModuleEnd(module: TestModule) {
      for (const error of module.errors())
        faults.push(`${path.basename(module.moduleId)}: ${error.message}`)
    },
    onTestRunEnd(_modules, unhandledErrors) {
      for (const error of unhandledErrors) faults.push(`outside of a test: ${error.message}`)
    },
  }
}

function resultOf(test: TestCase): TestResult | undefined {
  const { state, errors } = test.result()
  if (state === 'pending' || state === 'skipped') return undefined
  const result = {
    suite: test.module.moduleId.includes(`${path.sep}hidden${path.sep}`)
      ? ('hidden' as const)
      : ('public' as const),
    title: test.name,
    durationMs: Math.round(test.diagnostic()?.duration ?? 0),
  }
  if (state === 'passed') return { ...result, verdict: 'passed' }
  return { ...result, ...judge(errors, test.meta().readsResults) }
}

/** What vitest leaves of an error on its way out of the worker. */
interface ThrownError {
  readonly name?: string
  readonly message: string
  readonly failure?: Failure
  readonly by?: string
  readonly stacks?: readonly { readonly file: string; readonly line: number }[]
}

/** What vitest says of a test that does not end. */
const NEVER_ENDS = /^Test timed out in (\d+)ms/

/**
 * An `Expectation` is about the submission, and so is a test without an end: each of its waits has a limit, and together
 * they only come to so much where every answer is late. Whatever else a test throws is a fault of ours, unless it stumbled
 * over what a module of the submission returned.
 */
function judge(
  errors: readonly ThrownError[],
  readsResults = false,
): Pick<TestResult, 'verdict' | 'failure' | 'reason'> {
  const expectation = errors.find(({ name }) => name === 'Expectation')
  if (expectation?.failure !== undefined) {
    const { steps, ...rest } = expectation.failure
    return { verdict: 'failed', failure: { steps: [...steps], ...rest } }
  }
  const blocked = errors.find(({ name }) => name === 'Blocked')
  if (blocked !== undefined)
    return { verdict: 'blocked', reason: `${blocked.by ?? ''}: ${blocked.message}` }
  const [first] = errors
  const [, limitMs] = NEVER_ENDS.exec(first?.message ?? '') ?? []
  if (limitMs !== undefined) {
    const failure = {
      steps: ['do what this test is about, step after step'],
      expected: `the end of it within ${Number(limitMs) / 1000} s`,
      received: 'answers that come so slowly that it never ended',
    }
    return { verdict: 'failed', failure }
  }
  const at = first?.stacks?.[0]
  const place = at === undefined ? '' : ` (${path.relative(root, at.file)}:${at.line})`
  if (readsResults && first?.name !== undefined && otherKind.has(first.name)) {
    const failure = {
      steps: ['call the functions that this task is about'],
      expected: 'results of the kinds that the comments above the signatures say',
      received: `something else, over which the test stumbled: ${first.message}`,
    }
    return { verdict: 'failed', failure }
  }
  return {
    verdict: 'fault',
    reason: `${first?.name ?? 'Error'}: ${first?.message ?? 'unknown'}${place}`,
  }
}
