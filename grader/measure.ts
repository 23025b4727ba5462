/** Measures a level of a submission beside the reference, for the commands that do. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { BenchRecord } from '../bench/record.ts'
import { benchedLevels, runBench } from '../bench/run.ts'
import { build, type Build } from '../harness/build.ts'
import { takeIn } from '../harness/intake.ts'
import { removeFolder, temporaryFolder } from '../harness/reaper.ts'
import type { SandboxName } from '../harness/sandbox/sandbox.ts'
import { sourceOf, type BenchOptions } from './cli.ts'
import { root, UsageError, type Target } from './course.ts'
import type { Result } from './result.ts'

export interface Measuring {
  readonly seed: number
  readonly signal: AbortSignal
  /** [default] For both, so that neither has an easier life. */
  readonly sandbox?: SandboxName
  /** Called with the record so far, after each scenario. */
  readonly onProgress: (record: BenchRecord) => void
}

/** A bench measures a level as a whole. */
export function hasBench({ level, tasks }: Target): boolean {
  return tasks.length === level.tasks.length && benchedLevels.some((each) => each === level.number)
}

/**
 * Builds a submission and the reference, and measures both.
 *
 * @throws {SubmissionFault} when the submission cannot be built
 * @throws {LoadProblem} when there is no load generator
 */
export async function measure(
  { level }: Target,
  options: BenchOptions,
  { seed, signal, sandbox = 'default', onProgress }: Measuring,
): Promise<BenchRecord> {
  const from = sourceOf(options)
  if (!existsSync(from)) throw new UsageError(`There is no folder ${from}.`)
  const solutions = path.join(root, 'solutions')
  const folder = await temporaryFolder()
  const built = async (source: string, name: string, earlier?: string): Promise<Build> => {
    const into = path.join(folder, name)
    const intake = await takeIn(source, level.number, path.join(into, 'source'), earlier)
    const allowAnyImport = options.anyImport ?? false
    return build(intake, level, path.join(into, 'build'), { allowAnyImport, sandbox })
  }
  try {
    return await runBench({
      level,
      submission: path.relative(root, from) || from,
      build: await built(from, 'submission', options.onReference ? solutions : undefined),
      reference: existsSync(solutions) ? await built(solutions, 'reference') : undefined,
      seed,
      quick: options.quick ?? false,
      load: options.load ?? 'autocannon',
      signal,
      onProgress,
    })
  } finally {
    await removeFolder(folder)
  }
}

/** So much of the tests must be passed before speed counts. */
const LEAST_SHARE = 0.8

/** A result with what was measured: points for speed stand beside those of the tasks, and count only when the tests do. */
export function withBench(result: Result, bench: BenchRecord): Result {
  const { earned, possible } = result.score
  const share = possible === 0 ? 0 : earned / possible
  const counts = share >= LEAST_SHARE
  const stand = `The tests stand at ${Math.floor(share * 100)} %`
  const reason = counts
    ? `${stand}: the points for speed count.`
    : `${stand}: points for speed count from ${LEAST_SHARE * 100} % on.`
  return { ...result, bench: { ...bench, points: { ...bench.points, counts, reason } } }
}
