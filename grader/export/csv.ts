/** `grades.csv`: a row a learner, for a spreadsheet, where no cell can become a formula. */
import { stringify } from 'csv-stringify/sync'
import type { Graded } from '../class/graded.ts'
import { levelNumbered } from '../../levels/register.ts'
import { gradeOf, speedOf } from '../report/grade.ts'
import { plain } from '../report/plain.ts'
import type { Result } from '../result.ts'

/** The text of the file, row by row, the header first. */
export async function* gradesCsv(
  class_: Iterable<Graded> | AsyncIterable<Graded>,
): AsyncIterable<string> {
  let tasks: readonly string[] | undefined
  for await (const { id, name, result } of class_) {
    if (tasks === undefined) {
      tasks = tasksOf(result)
      yield row([...LEARNER, ...tasks, ...CONDITIONS])
    }
    const { earned, possible, percent, standing } = gradeOf(result)
    const points = new Map(result.tasks.map((task) => [task.id, task.earned]))
    yield row([
      plain(id),
      plain(name),
      percent === null ? '' : earned,
      percent === null ? '' : possible,
      percent ?? '',
      result.start === null ? standing : `${standing} (${result.start.code})`,
      ...tasks.map((task) => (percent === null ? '' : (points.get(task) ?? ''))),
      speedOf(result)?.earned ?? '',
      result.level,
      result.course,
      result.seed,
      result.sandbox,
      result.machine.node,
      result.startedAt,
    ])
  }
  if (tasks === undefined) yield row([...LEARNER, ...CONDITIONS])
}

const LEARNER = ['id', 'name', 'score', 'possible', 'percent', 'standing']

const CONDITIONS = ['speed', 'level', 'course', 'seed', 'sandbox', 'node', 'graded']

/** All of the level's, whichever were graded for the first row. */
function tasksOf({ level, tasks }: Result): readonly string[] {
  return levelNumbered(level)?.tasks.map(({ id }) => id) ?? tasks.map(({ id }) => id)
}

/** One record. A cell that begins like a formula gets an apostrophe before it, which spreadsheets do not show. */
export function row(cells: readonly (string | number)[]): string {
  return stringify([cells], { escape_formulas: true, record_delimiter: 'windows' })
}
