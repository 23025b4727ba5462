import { existsSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { ClassJournal } from '../../grader/class/journal.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** A database that some statements have made. */
async function databaseOf(...statements: readonly string[]): Promise<string> {
  const file = path.join(await folderWith(), 'class.sqlite')
  const database = new DatabaseSync(file)
  for (const statement of statements) database.exec(statement)
  database.close()
  return file
}

describe('the journal of a class', () => {
  it('is found again as it was left', async () => {
    const file = path.join(await folderWith(), 'below', 'class.sqlite')
    const first = new ClassJournal(file)
    const round = { level: 3, suites: 'public,hidden', seed: 7, course: '1.0.0' }
    first.begin(round)
    first.close()
    const again = new ClassJournal(file)
    expect(again.lastRound()).toEqual({ ...round, number: 1, published: false })
    again.close()
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
    journal.begin({ level: 1, suites: 'public,hidden', seed: 7, course: '1.0.0' })
    journal.close()
    const options = ['--level', '1', '--out', out, '--seed', '8', '--unsafe-no-sandbox']
    const { code, stderr } = await loadbearing(['class', from, ...options])
    expect(stderr).toContain('begun with seed 7')
    expect(code).toBe(2)
  })
})
