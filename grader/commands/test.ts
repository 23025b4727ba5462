/** `npm test -- level1`, `npm test -- 1.3`: the public tests. `npm test`: the workbook checks itself. */
import type { CommonOptions } from '../cli.ts'
import { givenLevels, isHandout, levelsHere, readTarget, UsageError } from '../course.ts'
import { exitCodeOf, run } from './run.ts'

export async function test(text: string | undefined, options: CommonOptions): Promise<void> {
  if (text === undefined) {
    if (isHandout) {
      const [level] = levelsHere.filter(({ number }) => !givenLevels.includes(number))
      throw new UsageError(
        `Which level, or which task? For instance: npm test -- level${level?.number ?? 1}`,
      )
    }
    const { checkCourse } = await import('./check.ts')
    process.exitCode = await checkCourse()
    return
  }
  process.exitCode = exitCodeOf(await run(readTarget(text), ['public'], options))
}
