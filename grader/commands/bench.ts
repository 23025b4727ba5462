/** `npm run bench -- level1`: predictions first, then what was measured beside the reference, with pictures. */
import path from 'node:path'
import { LoadProblem } from '../../bench/load/generator.ts'
import type { BenchRecord } from '../../bench/record.ts'
import { benchedLevels } from '../../bench/run.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import type { BenchOptions } from '../cli.ts'
import { readTarget, UsageError, type Target } from '../course.ts'
import { interruptible } from '../interrupt.ts'
import { Journal, writeFile } from '../journal.ts'
import { hasBench, measure } from '../measure.ts'
import { writePictures } from '../pictures/pictures.ts'
import { compared, questionsAbout, type Predictions } from '../predictions.ts'
import { benchSection } from '../report/bench-section.ts'
import { page } from '../report/page.ts'
import { readState, writeState } from '../state.ts'
import { askFor } from '../terminal/ask.ts'
import { renderBench } from '../terminal/bench.ts'
import { printable, styleFor } from '../terminal/style.ts'
import { outputFolder } from './run.ts'

export async function bench(text: string, options: BenchOptions): Promise<void> {
  const target = readTarget(text)
  const { number } = target.level
  if (target.tasks.length < target.level.tasks.length)
    throw new UsageError(`A bench measures a whole level: npm run bench -- level${number}.`)
  if (!hasBench(target)) {
    const known = benchedLevels.map((each) => `level${each}`).join(', ')
    throw new UsageError(`There is no bench for level ${number} yet; there is one for ${known}.`)
  }
  const predictions = await predicted(number, options)
  if (predictions === null) {
    process.exitCode = 130
    return
  }
  const folder = outputFolder(options, target)
  const journal = new Journal(path.join(folder, 'bench.json'))
  try {
    const record = await interruptible((signal) => measured(target, options, journal, signal))
    journal.write(record)
    await show(record, predictions, options, folder)
    if (journal.problem !== undefined) process.stderr.write(`${journal.problem}\n`)
    process.exitCode = exitCodeOf(record)
  } catch (error) {
    if (!(error instanceof SubmissionFault || error instanceof LoadProblem)) throw error
    process.stderr.write(`No figures: ${printable(error.message)}\n`)
    process.exitCode = error instanceof LoadProblem ? 3 : 1
  }
}

function measured(
  target: Target,
  options: BenchOptions,
  journal: Journal,
  signal: AbortSignal,
): Promise<BenchRecord> {
  return measure(target, options, {
    seed: options.seed ?? Math.floor(Math.random() * 1e9),
    signal,
    onProgress: (soFar) => {
      journal.write(soFar)
      const last = soFar.scenarios.at(-1)
      if (!options.json && process.stderr.isTTY) process.stderr.write(`measured: ${last?.title}\n`)
    },
  })
}

/**
 * Asks once a level, before any number is seen, and only somebody who sits there and measures their own server.
 *
 * @returns `null` when the learner left
 */
async function predicted(level: number, options: BenchOptions): Promise<Predictions | null> {
  const state = readState()
  const known = state.predictions[level]
  if (known !== undefined) return known
  const own = options.solution !== true && options.from === undefined
  if (!own || options.json || !process.stdin.isTTY || !process.stdout.isTTY) return {}
  const answers = await askFor(questionsAbout(level), {
    input: process.stdin,
    output: process.stdout,
  })
  if (answers === null) return null
  writeState({ ...state, predictions: { ...state.predictions, [level]: answers } })
  return answers
}

async function show(
  record: BenchRecord,
  predictions: Predictions,
  { json, solution, from }: BenchOptions,
  folder: string,
): Promise<void> {
  if (json) {
    process.stdout.write(`${JSON.stringify(record, null, 2)}\n`)
    return
  }
  process.stdout.write(renderBench(record, styleFor(process.stdout)))
  if (!solution && from === undefined) {
    for (const line of compared(record, predictions)) process.stdout.write(`${line}\n`)
  }
  try {
    const file = path.join(folder, 'bench.html')
    const pictures = await writePictures(record, folder)
    const title = `Level ${record.level} — ${record.title}: bench`
    writeFile(file, page(title, benchSection(record, pictures)))
    process.stdout.write(`\nPage: ${path.relative(process.cwd(), file)}, its pictures beside it\n`)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    process.stderr.write(
      `The page and its pictures cannot be written to ${folder} (${code}); the figures above stand.\n`,
    )
  }
}

/** 0: no target is missed. 1: one is, or nothing could be measured of this server. 130: stopped. */
function exitCodeOf({ targets, complete }: BenchRecord): number {
  if (!complete) return 130
  return targets.some(({ verdict }) => verdict === 'missed') ? 1 : 0
}
