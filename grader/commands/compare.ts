/** `npm run compare -- level3`: submission and reference side by side, in the terminal and in `compare.html`. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { SubmissionFault } from '../../harness/faults.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import type { CompareOptions } from '../cli.ts'
import type { Comparison } from '../compare/comparison.ts'
import { SideBySide, solutions } from '../compare/side-by-side.ts'
import { readTarget, UsageError, type Target } from '../course.ts'
import { interruptible } from '../interrupt.ts'
import { writeFile } from '../journal.ts'
import { writePictures } from '../pictures/pictures.ts'
import { comparePage } from '../report/compare-page.ts'
import { renderComparison } from '../terminal/compare.ts'
import { printable, styleFor } from '../terminal/style.ts'
import { outputFolder } from './run.ts'

export async function compare(text: string, options: CompareOptions): Promise<void> {
  const target = readTarget(text)
  const { level, tasks } = target
  if (tasks.length < level.tasks.length) {
    throw new UsageError(`Levels are compared as a whole: npm run compare -- level${level.number}.`)
  }
  if (!existsSync(solutions)) {
    throw new UsageError(
      `There is no reference in this checkout to compare with. npm run bench -- level${level.number} measures your server alone.`,
    )
  }
  const folder = await temporaryFolder()
  try {
    const comparison = await interruptible((signal) => {
      const sides = new SideBySide(target, options, folder, signal)
      // Ctrl-C ends whatever else runs in this terminal, too: what fails after it says nothing.
      return sides.comparison().catch((error: unknown) => {
        if (signal.aborted) return null
        throw error
      })
    })
    if (comparison !== null) return await show(comparison, target, options)
    process.stderr.write('Stopped before there was anything to compare.\n')
    process.exitCode = 130
  } catch (error) {
    if (!(error instanceof SubmissionFault)) throw error
    process.stderr.write(`Nothing can be compared: ${printable(error.message)}\n`)
    process.exitCode = 1
  } finally {
    await removeFolder(folder)
  }
}

async function show(
  comparison: Comparison,
  target: Target,
  options: CompareOptions,
): Promise<void> {
  process.stdout.write(
    options.json
      ? `${JSON.stringify(comparison, null, 2)}\n`
      : renderComparison(comparison, styleFor(process.stdout)),
  )
  const folder = outputFolder(options, target)
  const file = path.join(folder, 'compare.html')
  try {
    writeFile(file, comparePage(comparison, await writePictures(comparison.bench, folder)))
    if (!options.json) process.stdout.write(`\nPage: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    process.stderr.write(
      `The page cannot be written to ${file} (${code ?? message}): make the folder writable, or name another one with --out. The comparison above stands.\n`,
    )
  }
  if (comparison.problems.length > 0) process.exitCode = 1
  if (!comparison.complete) process.exitCode = 130
}
