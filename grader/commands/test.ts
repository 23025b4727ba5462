/** `npm test -- level1`, `npm test -- 1.3`: the public tests. `npm test`: the workbook checks itself. */
import type { CommonOptions } from '../cli.ts'
import { readTarget } from '../course.ts'
import { exitCodeOf, run } from './run.ts'

export async function test(text: string | undefined, options: CommonOptions): Promise<void> {
  if (text === undefined) {
    const { checkCourse } = await import('./check.ts')
    process.exitCode = await checkCourse()
    return
  }
  process.exitCode = exitCodeOf(await run(readTarget(text), ['public'], options))
}
