/** `npm run bench -- level1`: the picture, the rate beside the reference, the memory. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { Level1Bench, median, WrongAnswer, type Level1Figures } from '../../bench/level1.ts'
import { targets } from '../../bench/targets.ts'
import { build, type Build } from '../../harness/build.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { takeIn } from '../../harness/intake.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { sourceOf, type CommonOptions } from '../cli.ts'
import { readTarget, root, UsageError, type Target } from '../course.ts'
import { writeFile } from '../journal.ts'
import { drawTimeline, timelineSvg } from '../report/timeline.ts'
import { printable, styleFor } from '../terminal/style.ts'
import { outputFolder } from './run.ts'

const ROUNDS = 4

export async function bench(text: string, options: CommonOptions): Promise<void> {
  const target = readTarget(text)
  if (target.tasks.length < target.level.tasks.length) {
    throw new UsageError(
      `A bench measures a whole level: npm run bench -- level${target.level.number}.`,
    )
  }
  if (target.level.number !== 1)
    throw new UsageError(`There is no bench for level ${target.level.number} yet; level1 has one.`)
  const folder = await temporaryFolder()
  try {
    const measured = await measure(target, options, folder)
    show(measured, target, options)
  } catch (error) {
    if (!(error instanceof SubmissionFault || error instanceof WrongAnswer)) throw error
    process.stderr.write(`No figures: ${printable(error.message)}\n`)
    process.exitCode = 1
  } finally {
    await removeFolder(folder)
  }
}

interface Measured {
  readonly figures: Level1Figures
  /** Rates of the reference in the same rounds; none when it is the reference that is measured, or is not here. */
  readonly reference: readonly number[]
}

async function measure(target: Target, options: CommonOptions, folder: string): Promise<Measured> {
  const builtFrom = async (from: string, name: string): Promise<Build> => {
    const intake = await takeIn(from, target.level.number, path.join(folder, name, 'source'))
    return build(intake, target.level, path.join(folder, name, 'build'), {
      allowAnyImport: options.anyImport ?? false,
    })
  }
  const solutions = path.join(root, 'solutions')
  const running: Level1Bench[] = []
  const started = async (from: string, name: string): Promise<Level1Bench> => {
    const bench = await Level1Bench.of(await builtFrom(from, name))
    running.push(bench)
    return bench
  }
  try {
    const mine = await started(sourceOf(options), 'mine')
    const other =
      options.solution || !existsSync(solutions) ? undefined : await started(solutions, 'reference')
    const timeline = await mine.timeline()
    for (let round = 0; round < ROUNDS; round++) {
      // A B, then B A: neither always runs on the warmer machine.
      for (const each of round % 2 === 0 ? [mine, other] : [other, mine]) await each?.round()
    }
    return {
      figures: { timeline, rates: mine.rates, memory: mine.memory },
      reference: other?.rates ?? [],
    }
  } finally {
    await Promise.all(running.map((bench) => bench.stop()))
  }
}

function show({ figures, reference }: Measured, target: Target, options: CommonOptions): void {
  const goal = targets.level1.oneClient
  const rate = median(figures.rates)
  const share =
    reference.length === 0
      ? undefined
      : median(figures.rates.map((mine, round) => mine / (reference[round] ?? mine)))
  const met = rate >= goal.absolute || (share ?? 0) >= goal.share
  if (!met) process.exitCode = 1
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ level: 1, ...figures, reference, target: goal, rate, share: share ?? null, met }, null, 2)}\n`,
    )
    return
  }
  const style = styleFor(process.stdout)
  const ofReference =
    share === undefined
      ? ''
      : `, ${Math.round(share * 100)} % of the reference (target ${goal.share * 100} %)`
  const [before] = figures.memory
  const after = figures.memory.at(-1)
  const memory =
    before === undefined || after === undefined
      ? 'memory: this system does not tell'
      : `memory of its own (RssAnon): ${megabytes(before)} MB before, ${megabytes(after)} MB after ${ROUNDS} rounds; it settles after some more (whether it does is task 1.6)`
  process.stdout.write(
    [
      style.strong('10 clients ask for /work at the same moment'),
      drawTimeline(figures.timeline),
      '',
      `${goal.title}: ${Math.round(rate)} ${goal.unit} (target ${goal.absolute})${ofReference}  ${met ? style.good('met') : style.bad('not met')}`,
      memory,
      '',
    ].join('\n'),
  )
  const file = path.join(outputFolder(options, target), 'timeline.svg')
  try {
    writeFile(file, timelineSvg(figures.timeline, '10 clients ask for /work at the same moment'))
    process.stdout.write(`Picture: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    process.stderr.write(
      `The picture cannot be written to ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); the figures above stand.\n`,
    )
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
