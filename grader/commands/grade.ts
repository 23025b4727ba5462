/** `npm run grade -- level1`: public and hidden tests, `result.json`, `report.html`. */
import path from 'node:path'
import type { CommonOptions } from '../cli.ts'
import { readTarget } from '../course.ts'
import { writeFile } from '../journal.ts'
import { report } from '../report/report.ts'
import { exitCodeOf, outputFolder, run } from './run.ts'

export async function gradeCommand(text: string, options: CommonOptions): Promise<void> {
  const target = readTarget(text)
  const result = await run(target, ['public', 'hidden'], options)
  process.exitCode = exitCodeOf(result)
  const file = path.join(outputFolder(options, target), 'report.html')
  try {
    writeFile(file, await report(result))
    if (!options.json) process.stdout.write(`Report: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    process.stderr.write(
      `The report cannot be written to ${file} (${code ?? message}): make the folder writable, or name another one with --out. The result above stands.\n`,
    )
  }
}
