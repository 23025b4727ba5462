/** A class: resumed after `kill -9`, regraded with the differences first, and never graded without a wall by accident. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { Result } from '../../grader/result.ts'
import { ClassJournal } from '../../grader/class/journal.ts'
import { begin, loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** Ends before it listens: the quickest grade that there is. */
const QUICK = 'process.exit(7)\n'

async function classOf(...ids: readonly string[]): Promise<string> {
  return await folderWith(Object.fromEntries(ids.map((id) => [`${id}/level1/main.ts`, QUICK])))
}

const grades = (submissions: string, out: string, ...more: readonly string[]) =>
  ['class', submissions, '--level', '1', '--out', out, '--unsafe-no-sandbox', ...more] as const

function rows(out: string, query: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path.join(out, 'class.sqlite'), { readOnly: true })
  try {
    return database.prepare(query).all()
  } finally {
    database.close()
  }
}

describe.runIf(process.platform === 'linux')('npm run class', () => {
  it.concurrent(
    'keeps a row for each submission, whatever is wrong with it, with the sandbox in it',
    async () => {
      const submissions = await folderWith({
        'ends/level1/main.ts': QUICK,
        'no-syntax/level1/main.ts': 'const = 1\n',
        '=cmd()/level1/main.ts': QUICK,
        'nothing/notes.txt': '',
        'a.zip': 'no archive',
        'beside/package.json': '{}',
        'beside/level1/main.ts': QUICK,
      })
      const out = await folderWith()
      const { code, stdout } = await loadbearing(grades(submissions, out))
      expect({ code, stdout }).toMatchObject({ code: 0 })
      const graded = rows(
        out,
        'select submission, start_code, result from grading order by submission',
      )
      expect(graded.map(({ submission, start_code }) => [submission, start_code])).toEqual([
        ['=cmd()', 'EXITED'],
        ['a', 'BAD_ARCHIVE'],
        ['beside', 'EXITED'],
        ['ends', 'EXITED'],
        ['no-syntax', 'SYNTAX_ERROR'],
        ['nothing', 'NO_LEVEL'],
      ])
      const results = graded.map(({ result }) => Result.parse(JSON.parse(String(result))))
      expect(results.every(({ sandbox }) => sandbox.startsWith('default'))).toBe(true)
      expect(results[2]?.ignored).toEqual(['package.json'])
    },
  )

  it.concurrent(
    'gives nothing to who has handed in nothing, and grades what they hand in later',
    async () => {
      const submissions = await folderWith({
        'class.csv': 'id,name,path\ns1,Ada,work/ada\ns2,Bob,work/bob\n',
        'work/ada/level1/main.ts': QUICK,
      })
      const roster = path.join(submissions, 'class.csv')
      const out = await folderWith()
      const dry = await loadbearing(grades(roster, out, '--dry-run'))
      expect(dry.stdout).toMatch(
        /s1 \(Ada\) {2}\S+ada\n {2}s2 \(Bob\) {2}\S+bob {2}\(nothing handed in\)/,
      )
      expect((await loadbearing(grades(roster, out))).code).toBe(0)
      expect(countingCodes(out)).toEqual(['EXITED', 'NOTHING_HANDED_IN'])
      await mkdir(path.join(submissions, 'work/bob/level1'), { recursive: true })
      await writeFile(path.join(submissions, 'work/bob/level1/main.ts'), QUICK)
      const { code, stdout } = await loadbearing(grades(roster, out))
      expect({ code, stdout }).toMatchObject({ code: 0 })
      expect(stdout).toContain('1 are graded already')
      expect(countingCodes(out)).toEqual(['EXITED', 'EXITED'])
    },
  )

  it.concurrent('goes on after kill -9 where it stopped, and grades nothing twice', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `s${index}`)
    const submissions = await classOf(...ids)
    const out = await folderWith()
    const child = begin(grades(submissions, out, '--jobs', '1'))
    // A line is printed when its row is on the disk.
    for await (const line of child.stdout?.setEncoding('utf8') ?? [])
      if (/^\[2 of 6\]/m.test(line as string)) child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const first = rows(out, 'select submission, graded_at from grading order by submission')
    expect(first.length).toBeGreaterThanOrEqual(2)
    expect(first.length).toBeLessThan(6)
    expect((await loadbearing(grades(submissions, out))).code).toBe(0)
    const all = rows(out, 'select submission, graded_at from grading order by submission')
    expect(all.map(({ submission }) => submission)).toEqual(ids)
    expect(all).toEqual(expect.arrayContaining(first))
  })

  it.concurrent('shows what a regrading changes before it counts', async () => {
    const submissions = await classOf('ada', 'bob')
    const out = await folderWith()
    await loadbearing(grades(submissions, out))
    await writeFile(path.join(submissions, 'bob/level1/main.ts'), 'const = 1\n')
    const regraded = await loadbearing(grades(submissions, out, '--regrade'))
    expect(regraded.stdout).toContain('bob: 0 of 100, EXITED → 0 of 100, SYNTAX_ERROR')
    expect(regraded.stdout).not.toContain('ada:')
    expect(countingCodes(out)).toEqual(['EXITED', 'EXITED'])
    const { stdout } = await loadbearing(grades(submissions, out, '--publish'))
    expect(stdout).toMatch(/^Published\.\n2 pages/m)
    expect(countingCodes(out)).toEqual(['EXITED', 'SYNTAX_ERROR'])
  })

  it.concurrent(
    'grades who is new, and nobody whose grade counts, whatever was regraded',
    async () => {
      const submissions = await classOf('ada', 'bob')
      const out = await folderWith()
      await loadbearing(grades(submissions, out))
      await writeFile(path.join(submissions, 'ada/level1/main.ts'), 'const = 1\n')
      await writeFile(path.join(submissions, 'bob/level1/main.ts'), 'const = 1\n')
      await loadbearing(grades(submissions, out, '--regrade', '--only', 'bob'))
      const undecided = await loadbearing(grades(submissions, out))
      expect(undecided).toMatchObject({ code: 2 })
      expect(undecided.stderr).toContain('A regrading')
      await loadbearing(grades(submissions, out, '--publish'))
      await mkdir(path.join(submissions, 'eve/level1'), { recursive: true })
      await writeFile(path.join(submissions, 'eve/level1/main.ts'), QUICK)
      const { stdout } = await loadbearing(grades(submissions, out))
      expect(stdout).toContain('2 are graded already')
      expect(countingCodes(out)).toEqual(['EXITED', 'SYNTAX_ERROR', 'EXITED'])
    },
  )

  it.concurrent('is done with a regrading that changes nothing', async () => {
    const submissions = await classOf('ada')
    const out = await folderWith()
    await loadbearing(grades(submissions, out))
    const { code, stdout } = await loadbearing(grades(submissions, out, '--regrade'))
    expect(code).toBe(0)
    expect(stdout).toContain('changes no test and no score')
    expect(rows(out, 'select number from round where published_at is null')).toEqual([])
    expect(await loadbearing(grades(submissions, out, '--publish'))).toMatchObject({
      code: 0,
      stdout: `Nothing was waiting to be published. The pages are written again:\n1 page: ${out}/index.html\n`,
    })
  })

  it.concurrent('takes no other class for the one that it has graded', async () => {
    const out = await folderWith()
    await loadbearing(grades(await classOf('ada', 'bob'), out))
    const sameNames = await loadbearing(grades(await classOf('ada', 'bob'), out))
    expect(sameNames).toMatchObject({ code: 2 })
    expect(sameNames.stderr).toMatch(/2 of the submissions graded in .* lay elsewhere then: ada/)
    const others = await loadbearing(grades(await classOf('eve'), out))
    expect(others).toMatchObject({ code: 2 })
    expect(others.stderr).toContain('holds the grades of another class')
    expect(rows(out, 'select submission from grading')).toHaveLength(2)
  })

  it.concurrent('grades all of a class though nobody reads what it prints', async () => {
    const out = await folderWith()
    const child = begin(grades(await classOf('ada', 'bob'), out))
    child.stdout?.destroy()
    await once(child, 'exit')
    expect(child.exitCode).toBe(0)
    expect(rows(out, 'select submission from grading')).toHaveLength(2)
  })

  it.concurrent('grades only who is named, and names nobody on a dry run', async () => {
    const submissions = await classOf('ada', 'bob')
    const out = await folderWith()
    const dry = await loadbearing(grades(submissions, out, '--dry-run'))
    expect(dry.stdout).toMatch(/would grade 2[^]*ada[^]*bob/)
    await loadbearing(grades(submissions, out, '--only', 'bob'))
    expect(rows(out, 'select submission from grading')).toEqual([{ submission: 'bob' }])
    const unknown = await loadbearing(grades(submissions, out, '--only', 'eve'))
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain('"eve"')
  })

  it.concurrent('refuses without a strong sandbox, and names the remedy', async () => {
    const submissions = await classOf('ada')
    const out = await folderWith()
    // A PATH on which there is nothing but Node.
    const programs = await folderWith()
    await symlink(process.execPath, path.join(programs, 'node'))
    const { code, stderr } = await loadbearing(
      ['class', submissions, '--level', '1', '--out', out],
      { PATH: programs },
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/strong sandbox only\. .*install.*--unsafe-no-sandbox/s)
  })

  it.concurrent(
    'stops in a sentence when the disk is full, and keeps what was graded',
    async () => {
      const submissions = await classOf('s0', 's1', 's2', 's3', 's4', 's5')
      const out = await folderWith()
      // A file that may not grow is what a full disk is to SQLite.
      const limited = ['--fsize=24576', process.execPath, path.join(root, 'grader/main.js')]
      const full = spawn('prlimit', [...limited, ...grades(submissions, out)])
      expect(await text(full.stderr)).toMatch(
        /^There is no room left for .*class\.sqlite\. Everything that was graded/m,
      )
      expect(full.exitCode ?? (await once(full, 'exit'))[0]).toBe(3)
      const before = rows(out, 'select submission from grading').length
      expect(before).toBeGreaterThan(0)
      expect(before).toBeLessThan(6)
      expect((await loadbearing(grades(submissions, out))).code).toBe(0)
      expect(rows(out, 'select submission from grading')).toHaveLength(6)
    },
  )
})

function countingCodes(out: string): (string | undefined)[] {
  const journal = new ClassJournal(path.join(out, 'class.sqlite'))
  try {
    return [...journal.graded()].map(({ result }) => result.start?.code)
  } finally {
    journal.close()
  }
}
