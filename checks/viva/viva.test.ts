import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { digestOf } from '../../grader/digest.ts'
import type { Result, TestResult } from '../../grader/result.ts'
import { bank } from '../../grader/viva/bank.ts'
import { questionsFor, type Viva } from '../../grader/viva/viva.ts'
import { levels, type Level } from '../../levels/register.ts'
import { courseFiles, text } from '../course/files.ts'
import { zipOf } from '../kit/archives.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { level1 } from '../kit/submission.ts'

/** The reference of a level, as a submission. */
function referenceOf({ number }: Level) {
  const files = courseFiles().filter(
    (file) => file.startsWith(`solutions/level${number}/`) && file.endsWith('.ts'),
  )
  return files.map((file) => ({ name: file.replace('solutions/', ''), text: text(file) }))
}

/** A golden result of level 1, with other tests in one task. */
function resultWith(id: string, tests: readonly TestResult[]): Result {
  const result = JSON.parse(text('checks/golden/perfect.json')) as Result
  const tasks = result.tasks.map((task) => ({
    ...task,
    tests: task.id === id ? [...tests] : task.tests.map((test) => ({ ...test, durationMs: 1 })),
  }))
  return { ...result, startedAt: new Date(0).toISOString(), tasks }
}

const failed: TestResult = {
  suite: 'public',
  title: 'counts bytes, not characters',
  verdict: 'failed',
  durationMs: 5,
  failure: { steps: [], expected: '5', received: '2', why: 'bytes are counted' },
}

describe('the questions', () => {
  it('are about tasks of the course, cite sections of theirs, and one of each task is for everybody', () => {
    const tasks = levels.flatMap((level) => level.tasks)
    for (const { task } of bank) expect(tasks.map(({ id }) => id)).toContain(task)
    for (const { id } of tasks) {
      const general = bank.filter(({ task, about }) => task === id && about === undefined)
      expect(general.length, id).toBeGreaterThan(0)
    }
    for (const { ask, good } of bank) {
      expect(good.length, ask).toBeGreaterThanOrEqual(2)
      expect(ask).toMatch(/[?.]$/)
    }
    expect(new Set(bank.map(({ ask }) => ask)).size).toBe(bank.length)
  })

  it('find the place that they are about in the reference, each of them', () => {
    const places = levels.flatMap((level) => {
      const sources = referenceOf(level)
      const seeds = Array.from({ length: 60 }, (_, seed) => seed)
      return seeds.flatMap((seed) => questionsFor({ level, sources, seed }))
    })
    const found = places.filter(({ place }) => place !== undefined).map(({ ask }) => ask)
    const about = bank.filter((question) => question.about !== undefined)
    // Some ask about ways that the reference did not choose.
    expect(new Set(found).size).toBeGreaterThan(about.length / 2)
  })

  for (const level of levels) {
    it(`are six for level ${level.number}, of tasks in their order, the same for the same seed`, () => {
      for (const sources of [[], referenceOf(level)]) {
        const viva = { level, sources, seed: 7 }
        const asked = questionsFor(viva)
        expect(asked).toHaveLength(6)
        expect(new Set(asked.map(({ ask }) => ask)).size).toBe(6)
        const order = asked.map(({ task }) => level.tasks.indexOf(task))
        expect(order).toEqual(order.toSorted((a, b) => a - b))
        expect(questionsFor(viva)).toEqual(asked)
        const others = Array.from({ length: 8 }, (_, seed) => questionsFor({ ...viva, seed }))
        expect(others.some((other) => JSON.stringify(other) !== JSON.stringify(asked))).toBe(true)
      }
    })
  }

  it('show the line of the code that they are about', () => {
    const sources = [
      {
        name: 'level1/server.ts',
        text: "// content-length\nconst x = headers.get('content-length')\n",
      },
    ]
    const asked = questionsFor({ level: level1(), sources, seed: 1 })
    expect(asked.find(({ task }) => task.id === '1.3')?.place).toEqual({
      file: 'level1/server.ts',
      line: 2,
      text: "const x = headers.get('content-length')",
    })
  })
})

describe('what a submission did', () => {
  const viva = (tests: readonly TestResult[]): Viva => ({
    level: level1(),
    sources: referenceOf(level1()),
    result: resultWith('1.2', tests),
    seed: 3,
  })

  it('is asked about where it failed, with what was expected and why', () => {
    const asked = questionsFor(viva([failed])).filter(({ ask }) => ask.includes('fails the test'))
    expect(asked).toHaveLength(1)
    expect(asked[0]?.task.id).toBe('1.2')
    expect(asked[0]?.ask).toContain('“counts bytes, not characters”. Expected: 5. Received: 2.')
    expect(asked[0]?.good.join()).toContain('bytes are counted')
  })

  it('is asked why it could not be tried, if it could not', () => {
    const { result, ...rest } = viva([])
    const start = { code: 'EXITED', message: 'The server ended at once.', detail: '' }
    const tasks = (result?.tasks ?? []).map((task) => ({ ...task, tests: [] }))
    const asked = questionsFor({ ...rest, result: result && { ...result, tasks, start } })
    expect(asked).toHaveLength(6)
    expect(asked[0]?.ask).toContain('could not be tried: The server ended at once.')
  })

  it('is told of a hidden test by its title only', () => {
    const [asked] = questionsFor(viva([{ ...failed, suite: 'hidden' }])).filter(({ ask }) =>
      ask.includes('fails the test'),
    )
    expect(asked?.ask).toContain('counts bytes, not characters')
    expect(JSON.stringify(asked)).not.toMatch(/Expected|Received|bytes are counted/)
  })

  it('is asked about what took longest, if that was long', () => {
    const slow: TestResult = { ...failed, verdict: 'passed', title: 'waits', durationMs: 4200 }
    const asked = questionsFor(viva([slow])).map(({ ask }) => ask)
    expect(
      asked.filter((ask) => ask.includes('“waits” took longest with your server: 4.2 s')),
    ).toHaveLength(1)
    const quick = questionsFor(viva([{ ...slow, durationMs: 40 }])).map(({ ask }) => ask)
    expect(quick.filter((ask) => ask.includes('took longest'))).toEqual([])
  })
})

describe('npm run viva', () => {
  it('takes an archive and the result of its grading, and prints a sheet', async () => {
    const files = referenceOf(level1()).map(({ name }) => name)
    const digest = await digestOf({ folder: path.join(root, 'solutions'), files }, 1)
    const folder = await folderWith({
      'result.json': JSON.stringify({ ...resultWith('1.2', [failed]), digest }),
      'other.json': '{}',
    })
    const archive = path.join(folder, 'anna.zip')
    await writeFile(
      archive,
      zipOf(referenceOf(level1()).map(({ name, text }) => ({ name: `levels/${name}`, text }))),
    )
    const args = ['viva', archive, '--level', '1', '--result']
    const { code, stdout, stderr } = await loadbearing([...args, path.join(folder, 'result.json')])
    expect(stderr).toBe('')
    expect(stdout).toMatch(
      /^Viva: anna\.zip, level 1 — One at a time \(6 questions, ten minutes, seed 1\)/,
    )
    expect(stdout.match(/^\d\. Task 1\.\d — /gm)).toHaveLength(6)
    expect(stdout.match(/^ {3}A good answer:$/gm)).toHaveLength(6)
    expect(stdout).toMatch(/level1\/[\w-]+\.ts, line \d+: /)
    expect(code).toBe(0)
    const bad = await loadbearing([...args, path.join(folder, 'other.json')])
    expect(bad.stderr).toMatch(/other\.json is no result of a grading/)
    const missing = await loadbearing([...args, 'nope'])
    expect(missing.stderr).toMatch(
      /^There is no file nope\. After --result stands the result\.json/,
    )
    expect(bad.code).toBe(2)
  })

  it('refuses the result of another submission, of files that have changed since, and of another level', async () => {
    const folder = await folderWith({
      'anna/level1/main.ts': 'process.exit(1)\n',
      'ben/level1/main.ts': 'process.exit(2)\n',
    })
    const anna = path.join(folder, 'anna')
    const grading = await loadbearing(['test', 'level1', '--from', anna, '--out', folder])
    expect(grading.code).toBe(1)
    const file = path.join(folder, 'public-result.json')
    const ask = async (name: string, level = '1') =>
      await loadbearing(['viva', path.join(folder, name), '--level', level, '--result', file])

    const own = await ask('anna')
    expect(own.stderr).toBe('')
    expect(own.stdout).toContain('could not be tried')

    const other = await ask('ben')
    expect(other.stdout).toBe('')
    expect(other.stderr).toMatch(
      /public-result\.json is a result of \S+anna, and other files were graded than those in \S+ben: name the result of this submission, or leave out --result\.\n$/,
    )
    expect(other.code).toBe(2)

    const level = await ask('anna', '2')
    expect(level.stderr).toMatch(
      /is about level 1, not 2: name a result of level 2, or ask with --level 1\.\n$/,
    )
    expect(level.code).toBe(2)

    await writeFile(path.join(anna, 'level1/main.ts'), 'process.exit(3)\n')
    expect((await ask('anna')).stderr).toContain('other files were graded than those in')
  })

  it('says whose result it takes where that does not tell which files were graded', async () => {
    const folder = await folderWith({
      'anna/level1/main.ts': '',
      'result.json': JSON.stringify(resultWith('1.2', [failed])),
    })
    const args = ['viva', path.join(folder, 'anna'), '--level', '1', '--result']
    const { code, stderr } = await loadbearing([...args, path.join(folder, 'result.json')])
    expect(stderr).toMatch(/is a result of solutions; it does not tell which files were graded/)
    expect(code).toBe(0)
  })

  it('says in a sentence that there is nothing to ask about', async () => {
    const { code, stderr } = await loadbearing(['viva', '/nowhere/anna', '--level', '1'])
    expect(stderr).toBe('There is no file or folder /nowhere/anna.\n')
    expect(code).toBe(2)
  })
})
