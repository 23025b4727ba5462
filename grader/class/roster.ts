/** Reads a roster: a CSV file with the columns `id`, `name` and `path`, as a learning platform or a spreadsheet exports it. */
import { CsvError, parse } from 'csv-parse/sync'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../course.ts'
import { plain } from '../report/plain.ts'
import { printable } from '../terminal/style.ts'
import { isHandedIn, placeOf } from './handed-in.ts'
import type { Entry } from './submissions.ts'

const COLUMNS = ['id', 'name', 'path'] as const
const SHOWN_PROBLEMS = 10

/** A record, and the line that it ends on. */
interface Row {
  readonly record: readonly string[]
  readonly line: number
}

/**
 * The submissions of a roster. Paths are relative to its folder; other columns may stand in any place.
 * Where a path leads to nothing, nothing was handed in; where all do, it is the roster that is wrong.
 *
 * @throws {UsageError} one sentence for each line that is wrong
 */
export async function readRoster(file: string): Promise<Entry[]> {
  const name = path.basename(file)
  const [header, ...rows] = parseCsv(await textOf(file), name)
  if (header === undefined)
    throw new UsageError(`${name} is empty: it needs the columns ${COLUMNS.join(', ')}.`)
  const place = columnsOf(header, name)
  const problems: string[] = []
  const lines = new Map<string, number>()
  const entries: Entry[] = []
  for (const { record, line } of rows) {
    const [id = '', shownName = '', to = ''] = place.map((column) => record[column]?.trim() ?? '')
    // As an export writes it: characters that nobody sees tell nobody apart.
    const before = lines.get(plain(id))
    if (record.length !== header.record.length) {
      problems.push(
        `line ${line} has ${record.length} columns, the first line has ${header.record.length}: a comma in a name needs quotes around it`,
      )
    } else if (id === '') problems.push(`line ${line} has no id`)
    else if (before !== undefined)
      problems.push(`line ${line} has the id "${printable(id)}" of line ${before}`)
    else if (to === '')
      problems.push(
        `line ${line} has no path: write where it would lie, also for somebody who has handed in nothing`,
      )
    else {
      const place = await placeOf(path.resolve(path.dirname(file), to))
      entries.push({ id, name: shownName === '' ? id : shownName, path: place })
    }
    if (id !== '' && before === undefined) lines.set(plain(id), line)
  }
  if (problems.length > 0) throw new UsageError(sentences(name, problems))
  const [first] = entries
  if (first === undefined) throw new UsageError(`${name} names no submission.`)
  for (const each of entries) if (await isHandedIn(each.path)) return entries
  throw new UsageError(
    `${name} leads nowhere: at none of its paths lies a file or a folder, the first is ${printable(first.path)}. They are read from the folder of ${name}.`,
  )
}

async function textOf(file: string): Promise<string> {
  const bytes = await readFile(file)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(
      `${path.basename(file)} is not encoded as UTF-8: save it again as "CSV UTF-8".`,
    )
  }
}

function parseCsv(text: string, name: string): Row[] {
  try {
    const parsed = parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[]
    return parsed.map(({ record, info }) => ({ record, line: info.lines }))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines } = error as CsvError & { lines?: number }
    const what =
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? `a quote that opens in line ${lines ?? '?'} is never closed`
        : `line ${lines ?? '?'} has a quote in a wrong place: a field with quotes needs quotes around it, and "" for each one in it`
    throw new UsageError(`${name} cannot be read: ${what}.`)
  }
}

/** Where each of our columns stands. */
function columnsOf({ record }: Row, name: string): number[] {
  const header = record.map((cell) => cell.trim().toLowerCase())
  const missing = COLUMNS.filter((column) => !header.includes(column))
  if (missing.length > 0) {
    throw new UsageError(
      `${name}, line 1: the first line names the columns, separated by commas, and ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not among them. It reads: ${printable(record.join(',')).slice(0, 200)}`,
    )
  }
  return COLUMNS.map((column) => header.indexOf(column))
}

function sentences(name: string, problems: readonly string[]): string {
  const shown = problems.slice(0, SHOWN_PROBLEMS)
  const more = problems.length - shown.length
  return [
    `${name} cannot be used as it is:`,
    ...shown.map((problem) => `  ${problem}.`),
    ...(more > 0 ? [`  … and ${more} more.`] : []),
  ].join('\n')
}
