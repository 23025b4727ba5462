/**
 * The journal of a class: one SQLite file, which any SQLite tool reads. Only the supervisor writes it.
 *
 * Its tables (times are ISO 8601, in UTC):
 *
 * `round`: one run over the class. A second one is a regrading.
 * - `number` 1, 2, …
 * - `level` a number · `suites` `public,hidden` · `seed` repeats its random values · `course` version of the workbook
 * - `earlier` whose levels below it was graded on: `submission` or `reference`; null where a version before this one began it
 * - `started_at` · `published_at` null until its gradings count
 *
 * `submission`: who is in the class.
 * - `id` as the folder, archive or roster calls it · `name` for people · `path` where it was found last
 *
 * `grading`: what one run found out about one submission. A row is replaced when
 * its speed is measured, when it had faults, or when nothing had been handed in; else it stays.
 * - `round`, `submission`: which, of whom
 * - `graded_at` · `duration_ms` · `sandbox` the mode in words · `earned`, `possible` points
 * - `start_code` why nothing could be tested (a heading of TROUBLESHOOTING.md), or null
 * - `faults` how many of ours; a grading with faults never replaces one without
 * - `result` the whole result as JSON (`grader/result.ts`)
 *
 * The grading that counts is the latest of a published round, one without faults before one with. For example:
 *
 *     select submission, earned, possible from grading join round on round.number = grading.round
 *     where published_at is not null and faults = 0 group by submission having round = max(round);
 */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { UsageError } from '../course.ts'
import { Result } from '../result.ts'
import { NoRoom } from './grade-apart.ts'
import type { Graded } from './graded.ts'
import type { Entry } from './submissions.ts'
import { makeFolder } from '../make-folder.ts'

const SCHEMA = `
create table if not exists round (
  number integer primary key, level integer not null, suites text not null, seed integer not null,
  course text not null, started_at text not null, published_at text,
  earlier text
) strict;
create table if not exists submission (
  id text primary key, name text not null, path text not null
) strict;
create table if not exists grading (
  round integer not null references round, submission text not null references submission,
  graded_at text not null, duration_ms integer not null, sandbox text not null,
  earned real not null, possible real not null, start_code text, faults integer not null,
  result text not null,
  primary key (round, submission)
) strict;
`

/** "Loadbearing", in the four bytes that SQLite keeps for an application. */
const APPLICATION_ID = 0x4c42_7231

/** Of the tables, and of the results in them. */
const VERSION = 2

/** What makes the tables of the version before those of now. */
const FROM_1_TO_2 = 'alter table round add column earlier text'

/** SQLite's own names for a disk without room. */
const FULL = 13
const IO_ERROR = 10
/** And for a change that ended with its process: only whoever may write can take it back. */
const CUT_SHORT = 776

interface SqliteError extends Error {
  readonly errcode?: number
  readonly code?: string
}

/** The grading of each submission that counts, of the rounds up to a number. */
const COUNTS = `
select submission, result, earned, possible, faults, start_code from (
  select grading.*, row_number() over (
    partition by submission order by grading.faults > 0, grading.round desc
  ) as place
  from grading join round on round.number = grading.round
  where round.number <= ? and (published_at is not null or round.number = ?)
) where place = 1`

/** Faults of ours are tried again, and where nothing was handed in, something may lie by now. */
const DONE = `faults = 0 and start_code is not 'NOTHING_HANDED_IN'`

export interface Round {
  readonly number: number
  readonly level: number
  readonly suites: string
  readonly seed: number
  readonly course: string
  readonly published: boolean
  /** Whose levels below the graded one it stands on. */
  readonly earlier: 'submission' | 'reference' | undefined
}

/** What a regrading changes for one submission. */
export interface Difference {
  readonly id: string
  /** Its score, and why it could not be tested. */
  readonly before: string
  readonly after: string
  /** Each test that says something else now: `3.4 hidden: title: passed → failed`. */
  readonly tests: readonly string[]
}

export class ClassJournal {
  readonly #database: DatabaseSync
  readonly file: string

  /**
   * @param readOnly - to look at what is there, where nothing may be written either
   * @throws {UsageError} when the file is no journal, or of another version
   */
  constructor(file: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.file = file
    if (!readOnly) makeFolder(path.dirname(file))
    try {
      this.#database = new DatabaseSync(file, { timeout: 5_000, readOnly })
      if (readOnly) {
        if (this.#checkKind() === undefined) throw new Error('it is empty')
        return
      }
      // In one step, whatever ends it.
      this.#database.exec('begin immediate')
      if (this.#checkKind() === 1) this.#database.exec(FROM_1_TO_2)
      this.#database.exec(SCHEMA)
      this.#database.exec(
        `pragma application_id = ${APPLICATION_ID}; pragma user_version = ${VERSION}; commit`,
      )
    } catch (error) {
      if (!readOnly && isFull(error)) throw new NoRoom(`There is no room left for ${file}.`)
      if (readOnly) throw unreadable(file, error as SqliteError)
      throw new UsageError(
        `${file} cannot be used as the journal of a class (${(error as Error).message}). Name another folder with --out.`,
      )
    }
  }

  close(): void {
    this.#database.close()
  }

  /** The version of its tables, if there are any. What only reads gets along with every version. */
  #checkKind(): number | undefined {
    const tables = this.#number('select count(*) as tables from sqlite_schema', 'tables')
    if (tables === 0) return undefined
    const id = this.#number('pragma application_id', 'application_id')
    if (id !== APPLICATION_ID) throw new Error('another application wrote it')
    const version = this.#number('pragma user_version', 'user_version')
    if (version !== 1 && version !== VERSION)
      throw new Error(`its tables are those of version ${version}, and these are of ${VERSION}`)
    return version
  }

  /** The round that was begun last. */
  lastRound(): Round | undefined {
    const row = this.#database.prepare('select * from round order by number desc limit 1').get()
    if (row === undefined) return undefined
    const { number, level, suites, seed, course, published_at, earlier } = row
    return {
      number: Number(number),
      level: Number(level),
      suites: String(suites),
      seed: Number(seed),
      course: String(course),
      published: published_at !== null,
      earlier: earlier === 'reference' || earlier === 'submission' ? earlier : undefined,
    }
  }

  begin(round: Omit<Round, 'number' | 'published'>): Round {
    const number = (this.lastRound()?.number ?? 0) + 1
    this.#write(
      'insert into round (number, level, suites, seed, course, earlier, started_at) values (?, ?, ?, ?, ?, ?, ?)',
      number,
      round.level,
      round.suites,
      round.seed,
      round.course,
      round.earlier ?? null,
      now(),
    )
    return { ...round, number, published: false }
  }

  publish(round: Round): void {
    this.#write('update round set published_at = ? where number = ?', now(), round.number)
  }

  /** Forgets a round that was never published. */
  discard(round: Round): void {
    this.#write('delete from grading where round = ?', round.number)
    this.#write('delete from round where number = ? and published_at is null', round.number)
  }

  /** Where each submission that it knows was found last, by id. */
  paths(): Map<string, string> {
    const rows = this.#database.prepare('select id, path from submission').all()
    return new Map(rows.map(({ id, path: where }) => [String(id), String(where)]))
  }

  /** Ids of the submissions that this round need not grade any more. */
  gradedIn(round: Round): Set<string> {
    const rows = this.#database.prepare(
      `select submission from grading where round = ? and ${DONE}`,
    )
    return new Set(rows.all(round.number).map(({ submission }) => String(submission)))
  }

  /** Ids of the submissions of which such a grading counts, or will once this round does. */
  gradedUpTo(round: Round): Set<string> {
    const rows = this.#database.prepare(`select submission from (${COUNTS}) where ${DONE}`)
    return new Set(rows.all(round.number, round.number).map(({ submission }) => String(submission)))
  }

  /** What was found out in this round about the submissions whose speed is not measured, and could be. */
  *notMeasured(round: Round): Generator<{ readonly id: string; readonly result: Result }> {
    const query = `select submission from grading where round = ? and start_code is null and faults = 0
      and json_extract(result, '$.complete') and json_extract(result, '$.bench') is null order by submission`
    const one = this.#database.prepare(
      'select result from grading where round = ? and submission = ?',
    )
    for (const { submission } of this.#database.prepare(query).all(round.number)) {
      const id = String(submission)
      const result = one.get(round.number, id)?.['result']
      yield { id, result: Result.parse(JSON.parse(String(result))) }
    }
  }

  /** Keeps a grading. When this returns, it is on the disk. */
  keep(round: Round, { id, name, path: from }: Entry, result: Result, durationMs: number): void {
    this.#write(
      'insert into submission values (?, ?, ?) on conflict (id) do update set name = excluded.name, path = excluded.path',
      id,
      name,
      from,
    )
    this.#write(
      'insert or replace into grading values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      round.number,
      id,
      now(),
      Math.round(durationMs),
      result.sandbox,
      result.score.earned,
      result.score.possible,
      result.start?.code ?? null,
      faultsOf(result),
      JSON.stringify(result),
    )
  }

  /** The gradings that count, one by one, in the order of their ids; with a round that is not published yet, if named. */
  *graded(round?: Round): Generator<Graded> {
    const until = round?.number ?? Number.MAX_SAFE_INTEGER
    const rows = this.#database
      .prepare(
        `select id, name, result from (${COUNTS}) join submission on submission.id = submission order by id`,
      )
      .iterate(until, round?.number ?? -1)
    for (const { id, name, result } of rows) {
      yield { id: String(id), name: String(name), result: Result.parse(JSON.parse(String(result))) }
    }
  }

  /** What would count otherwise if this round were published. */
  *differences(round: Round): Generator<Difference> {
    const counting = this.#database.prepare(`${COUNTS} and submission = ?`)
    const inRound = this.#database.prepare(
      'select submission, result, earned, possible, faults, start_code from grading where round = ? order by submission',
    )
    for (const row of inRound.iterate(round.number)) {
      const id = String(row['submission'])
      const earlier = counting.get(round.number - 1, -1, id)
      const [before, after] = [inWords(earlier), inWords(row)]
      const tests = differingTests(resultIn(earlier), resultIn(row))
      if (before !== after || tests.length > 0) yield { id, before, after, tests }
    }
  }

  #number(query: string, column: string): number {
    return Number(this.#database.prepare(query).get()?.[column])
  }

  #write(statement: string, ...values: (string | number | null)[]): void {
    try {
      this.#database.prepare(statement).run(...values)
    } catch (error) {
      if (isFull(error)) throw new NoRoom(`There is no room left for ${this.file}.`)
      throw error
    }
  }
}

function inWords(row: Readonly<Record<string, unknown>> | undefined): string {
  if (row === undefined) return 'no grading'
  const { earned, possible, faults, start_code } = row
  const score = `${String(earned)} of ${String(possible)}`
  const start = typeof start_code === 'string' ? `, ${start_code}` : ''
  return Number(faults) > 0
    ? `${score}${start}, with faults of the grader: does not count`
    : `${score}${start}`
}

function resultIn(row: Readonly<Record<string, unknown>> | undefined): Result | undefined {
  return row && Result.parse(JSON.parse(String(row['result'])))
}

function differingTests(before: Result | undefined, after: Result | undefined): string[] {
  if (before === undefined || after === undefined) return []
  const verdicts = (result: Result) =>
    new Map(
      result.tasks.flatMap(({ id, tests }) =>
        tests.map(({ suite, title, verdict }) => [`${id} ${suite}: ${title}`, verdict] as const),
      ),
    )
  const [old, now] = [verdicts(before), verdicts(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((test) => old.get(test) !== now.get(test))
    .map((test) => `${test}: ${old.get(test) ?? 'not there'} → ${now.get(test) ?? 'not there'}`)
}

/** Faults of ours in a result, also those of single tests. */
export function faultsOf({ faults, tasks }: Result): number {
  const inTests = tasks.flatMap(({ tests }) => tests).filter(({ verdict }) => verdict === 'fault')
  return faults.length + inTests.length
}

function unreadable(file: string, { message, errcode }: SqliteError): UsageError {
  return new UsageError(
    errcode === CUT_SHORT
      ? `${file} was left in the middle of a change: give the command of npm run class again, which takes that back.`
      : `${file} cannot be read as the journal of a class (${message}). Name the folder that npm run class wrote.`,
  )
}

function isFull(error: unknown): boolean {
  const { errcode, code } = error as SqliteError
  return code === 'ENOSPC' || errcode === FULL || ((errcode ?? 0) & 0xff) === IO_ERROR
}

function now(): string {
  return new Date().toISOString()
}
