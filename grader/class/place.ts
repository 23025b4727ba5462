/** Where in a submission its levels lie: people pack what is in front of them. */
import { SubmissionFault } from '../../harness/faults.ts'
import { printable } from '../terminal/style.ts'

/**
 * Where level1, level2, … are: at the top, in `levels`, or in one folder around either.
 *
 * @param foldersIn - the folders in a folder; `''` is the top
 * @param name - of the submission, for sentences
 * @param holds - what lies at its top, for sentences
 * @throws {SubmissionFault} `NO_LEVEL`
 */
export function placeOfLevels(
  foldersIn: (inside: string) => readonly string[],
  name: string,
  holds: readonly string[],
): string {
  const isPlace = (folder: string) => foldersIn(folder).some(isLevelName)
  const around = (top: string) => [top, top === '' ? 'levels' : `${top}/levels`].find(isPlace)
  const direct = around('')
  if (direct !== undefined) return direct
  const places = foldersIn('')
    .filter((folder) => !/^(\.|node_modules$|__MACOSX$)/.test(folder))
    .flatMap((folder) => around(folder) ?? [])
  const [only] = places
  if (only !== undefined && places.length === 1) return only
  if (only !== undefined) {
    throw new SubmissionFault(
      'NO_LEVEL',
      `${name} holds levels in several places (${places.map(printable).join(', ')}): which are meant? Leave one.`,
    )
  }
  const shown = holds.slice(0, 5).map(printable).join(', ')
  throw new SubmissionFault(
    'NO_LEVEL',
    `There is no folder level1, level2, … in ${name}, at its top or in levels/; it holds ${shown === '' ? 'nothing' : shown}${holds.length > 5 ? ', …' : ''}.`,
  )
}

export function isLevelName(name: string): boolean {
  return /^level\d+$/.test(name)
}
