/** `npm run grade -- level1`: public and hidden tests, `result.json`, `report.html`. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { sourceOf, type CommonOptions } from '../cli.ts'
import { readTarget, root } from '../course.ts'
import { isSealed, KEY_VARIABLE } from '../handout/sealed-file.ts'
import { writeFile } from '../journal.ts'
import { report } from '../report/report.ts'
import { exitCodeOf, outputFolder, run } from './run.ts'

const hasHiddenTests = existsSync(path.join(root, 'tests', 'hidden'))

function withoutHiddenTests(): string {
  return isSealed()
    ? `Graded with the public tests only: the hidden ones are sealed, and ${KEY_VARIABLE} names no key for them.`
    : 'Graded with the public tests only: this edition of the workbook comes without the hidden ones.'
}

export async function gradeCommand(text: string, options: CommonOptions): Promise<void> {
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
  const result = await run(target, hasHiddenTests ? ['public', 'hidden'] : ['public'], options)
  process.exitCode = exitCodeOf(result)
  const file = path.join(outputFolder(options, target), 'report.html')
  try {
    writeFile(file, report(result))
    if (!options.json) process.stdout.write(`Report: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    process.stderr.write(
      `The report cannot be written to ${file} (${code ?? message}): make the folder writable, or name another one with --out. The result above stands.\n`,
    )
  }
}
