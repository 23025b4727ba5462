/**
 * A CSV for Canvas: Gradebook → Import.
 *
 * Canvas finds a learner by its own `ID`, or by the SIS columns. From a grade book that was exported
 * before (`--gradebook`) these are taken as they stand; without one the id of a submission is the SIS login.
 */
import { parse } from 'csv-parse/sync'
import type { Graded } from '../class/graded.ts'
import { UsageError } from '../course.ts'
import { gradeOf, tenths } from '../report/grade.ts'
import { plain } from '../report/plain.ts'
import { row } from './csv.ts'
import { worth } from './gradescope.ts'

export interface CanvasOptions {
  /** The column's heading, for instance `Level 3 (4711)` with the assignment's number in Canvas. */
  readonly assignment?: string
  /** What the assignment is worth in Canvas. */
  readonly outOf?: number
  /** The text of an exported grade book. */
  readonly gradebook?: string
  /** Called for each submission whose learner is not in the grade book. */
  readonly onLeftOut?: (id: string) => void
  /** Called when the grade book has no column of this heading, with those that look like assignments. */
  readonly onNewColumn?: (heading: string, known: readonly string[]) => void
}

const COLUMNS = ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section'] as const
const POINTS_POSSIBLE = '    Points Possible'

/** The text of the file, row by row. */
export function* canvasCsv(
  class_: Iterable<Graded>,
  options: CanvasOptions = {},
): Iterable<string> {
  const book = options.gradebook === undefined ? undefined : records(options.gradebook)
  const known = book && learnersOf(book)
  let first = true
  for (const { id, name, result } of class_) {
    const outOf = options.outOf ?? worth(result)
    if (first) {
      const heading = options.assignment ?? `Level ${result.level}: ${result.title}`
      const [sample] = book ?? []
      if (sample !== undefined && !(heading in sample))
        options.onNewColumn?.(heading, Object.keys(sample).filter(isAssignment))
      yield row([...COLUMNS, heading])
      yield `${POINTS_POSSIBLE},,,,,${outOf}\r\n`
      first = false
    }
    const { percent, earned, possible } = gradeOf(result)
    // An empty cell is no grade; a zero would be one.
    const score = percent === null ? '' : tenths((outOf * earned) / possible)
    const learner = known === undefined ? [plain(name), '', '', plain(id), ''] : known.get(id)
    if (learner === undefined) options.onLeftOut?.(id)
    else yield row([...learner, score])
  }
}

/** Canvas writes the number of an assignment behind its name: `Level 3 (4711)`. */
function isAssignment(heading: string): boolean {
  return / \(\d+\)$/.test(heading)
}

/** The rows of a grade book under each name by which a submission may know them. */
function learnersOf(
  book: readonly Readonly<Record<string, string>>[],
): ReadonlyMap<string, readonly string[]> {
  const learners = new Map<string, readonly string[]>()
  for (const record of book) {
    if (record['Student']?.trim() === POINTS_POSSIBLE.trim()) continue
    const cells = COLUMNS.map((column) => record[column] ?? '')
    for (const id of cells.slice(1, 4)) {
      if (id !== '' && !learners.has(id)) learners.set(id, cells)
    }
  }
  return learners
}

function records(text: string): Readonly<Record<string, string>>[] {
  const rows = parsed(text)
  const missing = COLUMNS.filter((column) => !(column in (rows[0] ?? {})))
  if (missing.length > 0)
    throw new UsageError(
      `The grade book lacks ${missing.map((column) => `"${column}"`).join(', ')}: export it in Canvas (Gradebook, Export) and name that file.`,
    )
  return rows
}

function parsed(text: string): Record<string, string>[] {
  try {
    return parse<Record<string, string>>(text, {
      columns: true,
      bom: true,
      relax_column_count: true,
    })
  } catch (error) {
    throw new UsageError(
      `The grade book is no CSV (${(error as Error).message}): export it in Canvas (Gradebook, Export) and name that file as it is.`,
    )
  }
}
