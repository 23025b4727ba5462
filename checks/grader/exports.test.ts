/** Each export holds to the format that it is made for, whatever the names in a class are. */
import { parse } from 'csv-parse/sync'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { chmod, readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openPromise } from 'yauzl'
import { z } from 'zod'
import { canvasCsv } from '../../grader/export/canvas.ts'
import { classroomFiles } from '../../grader/export/classroom.ts'
import { classroomOutput } from '../../grader/export/classroom-step.ts'
import { gradesCsv } from '../../grader/export/csv.ts'
import { writePieces, type Pieces } from '../../grader/export/files.ts'
import { GradescopeResults, gradescopeResults } from '../../grader/export/gradescope.ts'
import { junitXml } from '../../grader/export/junit.ts'
import { levelNumbered } from '../../levels/register.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { junitFaults } from '../kit/junit.ts'
import { failure, kinds, madeUpClass, madeUpResult, names } from '../kit/made-up-class.ts'

const CLASS_SIZE = 60
const level3 = levelNumbered(3)

async function rowsOf(pieces: Pieces): Promise<string[][]> {
  let text = ''
  for await (const piece of pieces) text += piece
  return parse(text, { record_delimiter: '\r\n' })
}

/** What a spreadsheet would take for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/

describe('grades.csv', async () => {
  const [header = [], ...rows] = await rowsOf(gradesCsv(madeUpClass(CLASS_SIZE)))
  const cell = (row: readonly string[], column: string) => row[header.indexOf(column)]

  it('has a row of as many cells for each learner', () => {
    expect(rows).toHaveLength(CLASS_SIZE)
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([header.length]))
  })

  it('has no cell that a spreadsheet takes for a formula', () => {
    expect(rows.flat().filter((text) => FORMULA.test(text))).toEqual([])
    expect(rows.map((row) => cell(row, 'name'))).toContain("'=cmd|'/C calc'!A0")
  })

  it('holds no control and no bidirectional character, and keeps emoji whole', () => {
    expect(
      rows.flat().filter((text) => /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)),
    ).toEqual([])
    expect(rows.map((row) => cell(row, 'name'))).toContain('👩‍💻 Ünï çødé')
  })

  it('gives no score where there is none, instead of a zero', () => {
    const interrupted = rows.filter((row) => cell(row, 'standing') === 'interrupted')
    expect(interrupted.length).toBeGreaterThan(0)
    for (const row of interrupted) expect(cell(row, 'score')).toBe('')
  })

  it('says why a server was never tried', () => {
    const row = rows.find((row) => cell(row, 'standing')?.startsWith('not started'))
    expect(row === undefined ? undefined : [cell(row, 'standing'), cell(row, 'percent')]).toEqual([
      'not started (OTHER_PORT)',
      '0',
    ])
  })

  it('lowers nobody’s percent by a fault of ours', async () => {
    const whole = madeUpResult(() => 'passed')
    const faulty = madeUpResult((task, _suite, place) =>
      task === 1 && place === 0 ? 'fault' : 'passed',
    )
    const [, ...both] = await rowsOf(
      gradesCsv([whole, faulty].map((result, place) => ({ id: String(place), name: '', result }))),
    )
    expect(both.map((row) => cell(row, 'percent'))).toEqual(['100', '100'])
    expect(both.map((row) => cell(row, 'score'))).toEqual(['100', '98.5'])
  })
})

describe('the CSV for Canvas', () => {
  it('has the columns of a grade book, the points possible, and a row for each learner', async () => {
    const [header, possible, ...rows] = await rowsOf(
      canvasCsv(madeUpClass(CLASS_SIZE), { outOf: 50 }),
    )
    expect(header).toEqual([
      'Student',
      'ID',
      'SIS User ID',
      'SIS Login ID',
      'Section',
      'Level 3: Production',
    ])
    expect(possible).toEqual(['    Points Possible', '', '', '', '', '50'])
    expect(rows).toHaveLength(CLASS_SIZE)
    expect(rows[0]?.at(-1)).toBe('50')
    expect(rows.flat().filter((text) => FORMULA.test(text))).toEqual([])
  })

  it('takes the identity of a learner from an exported grade book, and leaves others out', async () => {
    const gradebook =
      '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Old (1)\r\n    Points Possible,,,,,10\r\n"Doe, Jane",77,u77,s020,A,3\r\n"Roe, Rick",78,u78,nobody,A,\r\n'
    const leftOut: string[] = []
    const made: unknown[] = []
    const [header, , ...rows] = await rowsOf(
      canvasCsv(madeUpClass(CLASS_SIZE), {
        gradebook,
        assignment: 'Level 3 (4711)',
        onLeftOut: (id) => leftOut.push(id),
        onNewColumn: (...column) => made.push(column),
      }),
    )
    expect(header?.at(-1)).toBe('Level 3 (4711)')
    expect(made).toEqual([['Level 3 (4711)', ['Old (1)']]])
    expect(rows).toEqual([['Doe, Jane', '77', 'u77', 's020', 'A', '76.6']])
    expect(leftOut).toHaveLength(CLASS_SIZE - 1)
  })

  it('says of a grade book that is none what is wrong with it', async () => {
    const broken = 'Student,ID\r\n"Doe, Jane,77'
    const rows = rowsOf(canvasCsv(madeUpClass(CLASS_SIZE), { gradebook: broken }))
    await expect(rows).rejects.toThrow(/The grade book is no CSV .*export it in Canvas/)
  })
})

describe('results.json of Gradescope', () => {
  for (const [kind, result] of Object.entries(kinds)) {
    it(`holds to the documented schema: ${kind}`, () => {
      const results = gradescopeResults(result)
      expect(GradescopeResults.parse(results)).toEqual(results)
      expect(results?.tests).toHaveLength(10)
    })
  }

  it('hides no test, which would hide the total', () => {
    const text = JSON.stringify(gradescopeResults(kinds.half))
    expect(JSON.parse(text)).toMatchObject({ visibility: 'visible', stdout_visibility: 'hidden' })
    expect(text).not.toContain('after_')
  })

  it('gives back what a fault of ours took from the sum', () => {
    const faulty = madeUpResult((task, _suite, place) =>
      task === 1 && place === 0 ? 'fault' : 'passed',
    )
    expect(gradescopeResults(faulty)?.score).toBe(100)
  })

  it('is not written when nothing could be judged', () => {
    expect(gradescopeResults(madeUpResult(() => 'fault'))).toBeNull()
  })
})

const Status = z.enum(['pass', 'fail', 'error'])

/** As the actions of classroom-resources exchange it. */
const ClassroomResult = z.strictObject({
  version: z.literal(1),
  status: Status,
  max_score: z.number(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      status: Status,
      score: z.number(),
      message: z.string(),
      test_code: z.string(),
      filename: z.string(),
      line_no: z.number(),
      duration: z.number(),
    }),
  ),
})

/** `.github/classroom/autograding.json` of education/autograding@v1. */
const ClassroomLegacy = z.strictObject({
  tests: z.array(
    z.strictObject({
      name: z.string(),
      setup: z.string(),
      run: z.string(),
      input: z.string(),
      output: z.string(),
      comparison: z.enum(['exact', 'included', 'regex']),
      timeout: z.number().positive(),
      points: z.number().positive(),
    }),
  ),
})

describe('the autograder for Gradescope', () => {
  it('has two programs at its root, and all that grades, but nothing that checks the workbook', async () => {
    const folder = await folderWith()
    const file = path.join(folder, 'autograder.zip')
    const { code } = await loadbearing(['export', 'gradescope', '--level', '3', '--out', file])
    expect(code).toBe(0)
    const entries = await entriesOf(file)
    const modes = new Map(entries.map(({ name, mode }) => [name, mode]))
    expect([modes.get('setup.sh'), modes.get('run_autograder')]).toEqual([0o755, 0o755])
    for (const needed of [
      'grader/main.js',
      'tests/hidden/level3/cases.test.ts',
      'package-lock.json',
    ])
      expect(modes.has(`workbook/${needed}`)).toBe(true)
    const others = [...modes.keys()].filter((name) =>
      /\/(checks|node_modules|\.git|\.loadbearing)\//.test(name),
    )
    expect(others).toEqual([])
    for (const { text } of entries.filter(({ text }) => text.startsWith('#!/usr/bin/env bash'))) {
      const script = await folderWith({ script: text })
      await promisify(execFile)('bash', ['-n', path.join(script, 'script')])
    }
  })

  it('grades what was handed in, however it is packed, and nothing that a link leads to', async () => {
    const file = path.join(await folderWith(), 'autograder.zip')
    await loadbearing(['export', 'gradescope', '--level', '3', '--out', file])
    const script = (await entriesOf(file)).find(({ name }) => name === 'run_autograder')?.text ?? ''
    const elsewhere = await folderWith({ 'level3/main.ts': '' })
    /** What the grader is told to grade, seen from the folder of the autograder. */
    const graded = async (
      files: Readonly<Record<string, string>>,
      links: Readonly<Record<string, string>> = {},
    ) => {
      const home = await folderWith({
        run_autograder: script,
        // Says what it was called with, instead of grading.
        'source/node': '#!/bin/sh\necho "$@"\n',
        'source/workbook/grader/main.js': '',
        'submission/README.md': '',
        ...Object.fromEntries(
          Object.entries(files).map(([name, content]) => [`submission/${name}`, content]),
        ),
      })
      await chmod(path.join(home, 'source/node'), 0o755)
      for (const [name, to] of Object.entries(links))
        await symlink(to, path.join(home, 'submission', name))
      const { stdout } = await promisify(execFile)('bash', [path.join(home, 'run_autograder')])
      return /--from (\S+)/.exec(stdout)?.[1]?.replace(`${home}/`, '')
    }
    expect(await graded({ 'levels/level3/main.ts': '' })).toBe('submission/levels')
    expect(await graded({ 'level3/main.ts': '' })).toBe('submission')
    expect(await graded({ 'main.ts': '' })).toBe('work/from')
    expect(await graded({}, { levels: elsewhere })).toBe('work/from')
  })
})

/** What a zip holds, as Gradescope unpacks it. */
async function entriesOf(file: string): Promise<{ name: string; mode: number; text: string }[]> {
  const zip = await openPromise(file)
  const entries: { name: string; mode: number; text: string }[] = []
  for await (const entry of zip.eachEntry()) {
    entries.push({
      name: entry.fileName,
      mode: (entry.externalFileAttributes >>> 16) & 0o777,
      text: await text(await zip.openReadStreamPromise(entry)),
    })
  }
  zip.close()
  return entries
}

describe('GitHub Classroom', () => {
  for (const [kind, result] of Object.entries(kinds)) {
    it(`gets a result of the documented form: ${kind}`, () => {
      const output = classroomOutput(result)
      expect(output).toMatch(/^result=[A-Za-z0-9+/]+=*\n$/)
      const decoded: unknown = JSON.parse(Buffer.from(output.slice(7), 'base64').toString())
      const parsed = ClassroomResult.parse(decoded)
      const sum = parsed.tests.reduce((sum, { score }) => sum + score, 0)
      expect(sum).toBeCloseTo(result.score.earned, 5)
    })
  }

  it('gets a workflow whose reporter reads the output of the step that grades', () => {
    const files = level3 === undefined ? {} : classroomFiles(level3)
    const workflow = files['.github/workflows/classroom.yml'] ?? ''
    const [, id = ''] = /^ {8}id: (\w+)$/m.exec(workflow) ?? []
    expect(id).toBe('level3')
    expect(workflow).toContain('uses: classroom-resources/autograding-grading-reporter@v1')
    expect(workflow).toContain(`${id.toUpperCase()}_RESULTS: \${{ steps.${id}.outputs.result }}`)
    expect(workflow).toMatch(new RegExp(`^ {10}runners: ${id}$`, 'm'))
  })

  it('gets tests of the legacy form that add up to the points of the level', () => {
    const files = level3 === undefined ? {} : classroomFiles(level3)
    const legacy = ClassroomLegacy.parse(
      JSON.parse(files['.github/classroom/autograding.json'] ?? ''),
    )
    expect(legacy.tests.reduce((sum, { points }) => sum + points, 0)).toBe(100)
  })
})

describe('the step of the workflow', () => {
  it('runs where nothing of the grader is', async () => {
    const step =
      level3 === undefined ? '' : (classroomFiles(level3)['.github/classroom/step.ts'] ?? '')
    const folder = await folderWith({ 'step.ts': step, 'result.json': JSON.stringify(kinds.half) })
    const { stdout } = await promisify(execFile)(process.execPath, ['step.ts', 'result.json'], {
      cwd: folder,
    })
    expect(stdout).toBe(classroomOutput(kinds.half))
  })
})

describe('JUnit XML', () => {
  it('holds to the structure that readers of JUnit agree on', () => {
    expect(junitFaults([...junitXml(madeUpClass(CLASS_SIZE))].join(''))).toEqual([])
    expect(junitFaults([...junitXml(madeUpClass(6), { releaseDetails: true })].join(''))).toEqual(
      [],
    )
  })

  it('stays well-formed with text that ends a CDATA section', () => {
    const hostile = madeUpResult(() => 'failed')
    const [first] = hostile.tasks[0]?.tests ?? []
    if (first !== undefined) first.failure = { ...failure, received: ']]> \ufffe \0 &amp; <a>' }
    expect(junitFaults([...junitXml([{ id: ']]>', name: '', result: hostile }])].join(''))).toEqual(
      [],
    )
  })

  it('is seen to be broken when it is', () => {
    const good = [...junitXml(madeUpClass(2))].join('')
    expect(junitFaults(good.replace('failures="', 'failures="1'))).not.toEqual([])
    expect(junitFaults(good.replace('</testcase>', ''))).not.toEqual([])
    expect(junitFaults(good.replace('<failure ', '<failed '))).not.toEqual([])
    expect(junitFaults(good.replace('time="', 'time="x'))).not.toEqual([])
  })
})

describe('npm run export', () => {
  it('writes what it is asked for from one result', async () => {
    const folder = await folderWith({ 'result.json': JSON.stringify(kinds.half) })
    const out = path.join(folder, 'results', 'results.json')
    const { code, stderr } = await loadbearing([
      'export',
      'gradescope',
      path.join(folder, 'result.json'),
      '--out',
      out,
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    GradescopeResults.parse(JSON.parse(await readFile(out, 'utf8')))
  })

  const called: [submission: string, id: string][] = [
    ['../submissions/ada', 'ada'],
    ['../submissions/ada/levels', 'ada'],
    ['/srv/submissions/ada', 'ada'],
    ['levels', 'levels'],
    ['=cmd()', "'=cmd()"],
  ]
  it.concurrent.for(called)(
    'calls the one submission of a result after its folder: %s',
    async ([submission, id], { expect }) => {
      const folder = await folderWith({
        'result.json': JSON.stringify({ ...kinds.half, submission }),
      })
      const { stdout } = await loadbearing(['export', 'csv', path.join(folder, 'result.json')])
      const [, [shown, name] = []] = await rowsOf([stdout])
      expect([shown, name]).toEqual([id, id])
    },
  )

  const places: [what: string, format: string, place: string, named: string, why: RegExp][] = [
    ['a folder', 'csv', 'taken', 'taken', /it is a folder/],
    ['a folder', 'gradescope', 'taken', 'taken', /it is a folder/],
    ['below a file', 'csv', 'file/x.csv', 'file/x.csv', /no folder/],
    ['below a file', 'pages', 'file', 'file/grades.csv', /no folder/],
  ]
  for (const [what, format, place, named, why] of places) {
    it.concurrent(`names the place that was asked for: ${format}, ${what}`, async ({ expect }) => {
      const result = { 'result.json': JSON.stringify(kinds.half) }
      const folder = await folderWith({ ...result, 'taken/x': '', file: '' })
      const source = path.join(folder, 'result.json')
      const out = path.join(folder, place)
      const { code, stderr } = await loadbearing(['export', format, source, '--out', out])
      expect(stderr).toMatch(why)
      expect(stderr.startsWith(`${path.join(folder, named)} cannot be used: `)).toBe(true)
      expect(code).toBe(3)
      expect(readdirSync(folder).toSorted()).toEqual(['file', 'result.json', 'taken'])
    })
  }

  it('names the place on a disk without room, and leaves nothing there', async () => {
    const folder = await folderWith()
    const full = Object.assign(new Error('no room'), { code: 'ENOSPC', syscall: 'write' })
    function* pieces(): Iterable<string> {
      yield 'first'
      throw full
    }
    const file = path.join(folder, 'grades.csv')
    const writing = writePieces(file, pieces())
    await expect(writing).rejects.toMatchObject({ code: 'ENOSPC', syscall: 'write', path: file })
    expect(readdirSync(folder)).toEqual([])
  })

  it('counts tasks by the weights it is given', async () => {
    const folder = await folderWith({ 'result.json': JSON.stringify(kinds.perfect) })
    const { stdout } = await loadbearing([
      'export',
      'csv',
      path.join(folder, 'result.json'),
      '--weights',
      '3.1=2,3.10=0.5',
    ])
    const [header = [], row] = await rowsOf([stdout])
    expect(row?.[header.indexOf('score')]).toBe('109')
  })

  const refused: [what: string, args: readonly string[], sentence: RegExp][] = [
    ['an unknown format', ['cvs', 'reports'], /There is no format "cvs"/],
    ['no source', ['csv'], /Export what\?/],
    ['a source that is not there', ['csv', '/nowhere/at/all'], /There is no \/nowhere/],
    ['a file that is no result', ['csv', 'package.json'], /is not a result of the grader/],
    ['an unknown level', ['classroom', '--level', '99'], /There is no level or task "99"/],
    ['a weight that is none', ['csv', 'package.json', '--weights', '3.1=x'], /The weight "3.1=x"/],
    ['a level for a format of results', ['csv', '--level', '3'], /leave --level away/],
    ['a level and a result', ['classroom', 'x', '--level', '3'], /leave x or --level away/],
    [
      'an option of another format',
      ['csv', 'package.json', '--gradebook', 'x', '--release-details'],
      /^--release-details and --gradebook would change nothing in "csv": leave them away/,
    ],
    [
      'an option of results for a level',
      ['classroom', '--level', '3', '--weights', '3.1=2'],
      /^--weights would change nothing in "classroom" for a level: leave it away/,
    ],
  ]
  it('says which file is meant, when there is no grade book', async () => {
    const folder = await folderWith({ 'result.json': JSON.stringify(kinds.half) })
    const source = path.join(folder, 'result.json')
    const { code, stderr } = await loadbearing(['export', 'canvas', source, '--gradebook', 'nope'])
    expect(stderr).toBe(
      'There is no file nope. After --gradebook stands the grade book that Canvas exported (Gradebook, Export).\n',
    )
    expect(code).toBe(2)
  })

  for (const [what, args, sentence] of refused) {
    it.concurrent(`answers ${what} with a sentence and exit code 2`, async ({ expect }) => {
      const { code, stdout, stderr } = await loadbearing(['export', ...args])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(sentence)
      expect(stderr).not.toMatch(/\n {4}at /)
    })
  }
})

describe('the made-up class', () => {
  it('has every name and every kind', () => {
    const class_ = [...madeUpClass(CLASS_SIZE)]
    expect(new Set(class_.slice(0, names.length).map(({ name }) => name)).size).toBe(names.length)
    expect(new Set(class_.map(({ result }) => result)).size).toBe(Object.keys(kinds).length)
  })
})
