import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { ClassJournal } from '../../grader/class/journal.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { madeUpResult } from '../kit/made-up-class.ts'

/** A database that some statements have made. */
async function databaseOf(...statements: readonly string[]): Promise<string> {
  const file = path.join(await folderWith(), 'class.sqlite')
  const database = new DatabaseSync(file)
  for (const statement of statements) database.exec(statement)
  database.close()
  return file
}

const ROUND = {
  level: 1,
  suites: 'public,hidden',
  seed: 7,
  course: '1.0.0',
  earlier: 'submission',
} as const

const ADA = { id: 'ada', name: 'Ada', path: '/handed-in/ada' }

describe('the journal of a class', () => {
  it('is found again as it was left', async () => {
    const file = path.join(await folderWith(), 'below', 'class.sqlite')
    const first = new ClassJournal(file)
    const round = { ...ROUND, level: 3, earlier: 'reference' as const }
    first.begin(round)
    first.close()
    const again = new ClassJournal(file)
    expect(again.lastRound()).toEqual({ ...round, number: 1, published: false })
    again.close()
  })

  it('of version 1 is read on: on whose earlier levels its rounds stood is not known', async () => {
    const file = path.join(await folderWith(), 'class.sqlite')
    new ClassJournal(file).close()
    const database = new DatabaseSync(file)
    database.exec(`alter table round drop column earlier; pragma user_version = 1;
      insert into round values (1, 3, 'public,hidden', 7, '1.0.0', '2026-11-01T00:00:00Z', null)`)
    database.close()
    const journal = new ClassJournal(file)
    expect(journal.lastRound()).toMatchObject({ number: 1, earlier: undefined })
    journal.close()
  })

  it('is no database of another application, and none of another version', async () => {
    const theirs = await databaseOf('create table notes (text)')
    expect(() => new ClassJournal(theirs)).toThrow(/another application wrote it.*--out/)
    const later = path.join(await folderWith(), 'class.sqlite')
    new ClassJournal(later).close()
    const database = new DatabaseSync(later)
    database.exec('pragma user_version = 9')
    database.close()
    expect(() => new ClassJournal(later)).toThrow(/tables are those of version 9/)
  })
})

describe('the journal of a class, for whoever only reads', () => {
  it('is left as it is, also one of version 1', async () => {
    const file = path.join(await folderWith(), 'class.sqlite')
    new ClassJournal(file).close()
    const database = new DatabaseSync(file)
    database.exec('alter table round drop column earlier; pragma user_version = 1')
    database.close()
    const before = readFileSync(file)
    const journal = new ClassJournal(file, { readOnly: true })
    expect([...journal.graded()]).toEqual([])
    journal.close()
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('is refused with the folder as the remedy, not with --out', async () => {
    const empty = await folderWith({ 'class.sqlite': '' })
    const noDatabase = await folderWith({ 'class.sqlite': 'x'.repeat(1000) })
    for (const [folder, why] of [
      [empty, 'it is empty'],
      [noDatabase, 'file is not a database'],
    ] as const) {
      const { code, stderr } = await loadbearing(['export', 'csv', folder])
      expect(stderr).toBe(
        `${folder}/class.sqlite cannot be read as the journal of a class (${why}). Name the folder that npm run class wrote.\n`,
      )
      expect(code).toBe(2)
    }
  })

  it('is one that a crash left in the middle of a change, and says what takes that back', async () => {
    const [file, copy] = [await databaseOf('create table notes (text)'), await folderWith()]
    const database = new DatabaseSync(file)
    database.exec(`pragma cache_size = 1; begin; insert into notes
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000)
      select hex(zeroblob(500)) from n`)
    for (const end of ['', '-journal'])
      copyFileSync(`${file}${end}`, path.join(copy, `class.sqlite${end}`))
    database.close()
    expect(() => new ClassJournal(path.join(copy, 'class.sqlite'), { readOnly: true })).toThrow(
      /left in the middle of a change: give the command of npm run class again/,
    )
  })
})

describe('an export of a class', () => {
  it('of which nothing is published yet says so', async () => {
    const out = await folderWith()
    const journal = new ClassJournal(path.join(out, 'class.sqlite'))
    const passed = madeUpResult(() => 'passed')
    journal.keep(journal.begin(ROUND), ADA, passed, 10)
    journal.close()
    const { code, stdout, stderr } = await loadbearing(['export', 'csv', out])
    expect(stderr).toContain(`Nothing in ${out} is published yet`)
    expect(stdout).not.toContain('ada')
    expect(code).toBe(2)
  })
})

describe('a regrading', () => {
  it('shows each test that says something else, also where the score stays', async () => {
    const journal = new ClassJournal(path.join(await folderWith(), 'class.sqlite'))
    const failsAt = (failing: number) =>
      madeUpResult((task, suite, place) =>
        task === 0 && suite === 'hidden' && place === failing ? 'failed' : 'passed',
      )
    const first = journal.begin(ROUND)
    journal.keep(first, ADA, failsAt(1), 10)
    journal.publish(first)
    const second = journal.begin(ROUND)
    journal.keep(second, ADA, failsAt(2), 10)
    const [difference, ...more] = [...journal.differences(second)]
    expect(more).toEqual([])
    expect(difference?.before).toBe(difference?.after)
    expect(difference?.tests).toEqual([
      '3.1 hidden: keeps its word in case b: failed → passed',
      '3.1 hidden: keeps its word in case c: passed → failed',
    ])
    journal.close()
  })

  it('shows nothing where nothing changes', async () => {
    const journal = new ClassJournal(path.join(await folderWith(), 'class.sqlite'))
    for (const round of [journal.begin(ROUND), journal.begin(ROUND)]) {
      journal.keep(
        round,
        ADA,
        madeUpResult(() => 'passed'),
        10,
      )
      journal.publish(round)
    }
    expect([...journal.differences({ ...ROUND, number: 2, published: true })]).toEqual([])
    journal.close()
  })
})

describe('npm run class', () => {
  it('leaves nothing behind when it only says what it would do', async () => {
    const from = await folderWith({ 'ada/level1/main.ts': '' })
    const out = path.join(from, '..', `${path.basename(from)}-reports`)
    const options = ['--level', '1', '--out', out, '--dry-run', '--unsafe-no-sandbox']
    const { code, stdout } = await loadbearing(['class', from, ...options])
    expect(stdout).toMatch(/This would grade 1, in a new round:\n {2}ada/)
    expect(code).toBe(0)
    expect(existsSync(out)).toBe(false)
  })

  it('goes on with the seed with which a round was begun, and with no other', async () => {
    const from = await folderWith({ 'ada/level1/main.ts': '' })
    const out = await folderWith()
    const journal = new ClassJournal(path.join(out, 'class.sqlite'))
    journal.begin(ROUND)
    journal.close()
    const options = ['--level', '1', '--out', out, '--seed', '8', '--unsafe-no-sandbox']
    const { code, stderr } = await loadbearing(['class', from, ...options])
    expect(stderr).toContain('begun with seed 7')
    expect(code).toBe(2)
  })

  it('goes on with the earlier levels with which a round was begun, and with no others', async () => {
    const from = await folderWith({ 'ada/level1/main.ts': '' })
    const out = await folderWith()
    const journal = new ClassJournal(path.join(out, 'class.sqlite'))
    journal.begin(ROUND)
    journal.close()
    const options = ['--level', '1', '--out', out, '--on-reference', '--unsafe-no-sandbox']
    const { code, stderr } = await loadbearing(['class', from, ...options])
    expect(stderr).toContain('begun without --on-reference')
    expect(code).toBe(2)
  })
})
