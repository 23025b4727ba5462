/** `npm run grade -- level1`: public and hidden tests, the bench, `result.json`, `report.html`. */
import path from 'node:path'
import { LoadProblem } from '../../bench/load/generator.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { sourceOf, type BenchOptions } from '../cli.ts'
import { hasHiddenTests, readTarget, type Target } from '../course.ts'
import { isSealed, KEY_VARIABLE } from '../handout/sealed-file.ts'
import { whyRefused } from '../file-refused.ts'
import { writeFile } from '../journal.ts'
import { hasBench, measure, withBench } from '../measure.ts'
import { writePictures } from '../pictures/pictures.ts'
import { report } from '../report/report.ts'
import type { Result } from '../result.ts'
import { exitCodeOf, outputFolder, run, type Finish } from './run.ts'

function withoutHiddenTests(): string {
  return isSealed()
    ? `Graded with the public tests only: the hidden ones are sealed, and ${KEY_VARIABLE} names no key for them.`
    : 'Graded with the public tests only: this edition of the workbook comes without the hidden ones.'
}

export async function gradeCommand(text: string, options: BenchOptions): Promise<void> {
  const target = readTarget(text)
  const key = process.env[KEY_VARIABLE] ?? ''
  if (!hasHiddenTests && isSealed() && key !== '') {
    const { gradeSealed } = await import('../handout/grade-sealed.ts')
    const from =
      options.from === undefined && !options.solution ? ['--from', sourceOf(options)] : []
    const out = options.out === undefined ? ['--out', outputFolder(options, target)] : []
    process.exitCode = await gradeSealed(key, [...process.argv.slice(2), ...from, ...out])
    return
  }
  if (!hasHiddenTests) process.stderr.write(`${withoutHiddenTests()}\n\n`)
  const suites = hasHiddenTests ? (['public', 'hidden'] as const) : (['public'] as const)
  const result = await run(target, suites, options, measuring(target, options))
  process.exitCode = exitCodeOf(result)
  const folder = outputFolder(options, target)
  const file = path.join(folder, 'report.html')
  try {
    writeFile(file, report(result, {}, undefined, await writePictures(result.bench, folder)))
    if (!options.json) process.stdout.write(`Report: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    process.stderr.write(
      `The report cannot be written to ${file} (${whyRefused(code) ?? message}): mend that, or name another folder with --out. The result above stands.\n`,
    )
    process.exitCode = 3
  }
}

/** The bench comes after the tests. What it cannot measure is said, and leaves the result as it is. */
function measuring(target: Target, options: BenchOptions): Finish {
  return async (result, keep, signal) => {
    // Code of strangers is tested apart from us, where the load does not reach it.
    const apart = options.sandbox !== undefined && options.sandbox !== 'default'
    if (options.bench === false || apart || !hasBench(target) || !isMeasurable(result))
      return result
    try {
      const record = await measure(target, options, {
        seed: result.seed,
        signal,
        onProgress: (soFar) => keep(withBench(result, soFar)),
      })
      const measured = withBench(result, record)
      return { ...measured, complete: result.complete && record.complete }
    } catch (error) {
      if (!(error instanceof SubmissionFault || error instanceof LoadProblem)) throw error
      return { ...result, faults: [...result.faults, `the bench: ${error.message}`] }
    }
  }
}

/** There is a server to measure, and nobody has had enough of waiting. */
function isMeasurable({ start, complete }: Result): boolean {
  return start === null && complete
}
