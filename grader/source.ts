/** Which folder `--from` means. */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { isLevelName } from './class/place.ts'
import { UsageError } from './course.ts'

/**
 * The folder that holds level1, level2, …: the one that was named, or `levels` in it, as a checkout has it.
 *
 * @throws {UsageError} for anything else: that is a slip of whoever typed it, and says nothing about a submission
 */
export function folderOfLevels(named: string): string {
  const asked = 'Name the folder that holds level1, level2, …'
  if (!existsSync(named)) throw new UsageError(`There is no folder ${named}.`)
  if (!statSync(named).isDirectory())
    throw new UsageError(`${named} is a file. ${asked} (an archive must be unpacked first).`)
  if (readdirSync(named).some(isLevelName)) return named
  const inside = path.join(named, 'levels')
  // No link: it could lead to the solutions.
  if (lstatSync(inside, { throwIfNoEntry: false })?.isDirectory()) return inside
  throw new UsageError(
    isLevelName(path.basename(named))
      ? `${named} is a level itself. ${asked}: the one above it.`
      : `There is no level in ${named}, neither at its top nor in levels/. ${asked}`,
  )
}
