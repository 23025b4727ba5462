/** Every graded test passes on the reference, and fails on the starter or says why it cannot. */
import { describe, expect, it } from 'vitest'
import { Result, type TestResult } from '../../grader/result.ts'
import { levels } from '../../levels/register.ts'
import { passesOnStarter } from '../../tests/passes-on-starter.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

interface Named extends TestResult {
  /** `level1/refusals: title` */
  readonly name: string
}

async function testsOf(level: number, ...args: readonly string[]): Promise<Named[]> {
  const { stdout } = await loadbearing([
    'grade',
    `level${level}`,
    '--no-bench',
    '--json',
    '--seed',
    '1',
    '--out',
    await folderWith(),
    ...args,
  ])
  const result = Result.parse(JSON.parse(stdout))
  expect(result.start).toBe(null)
  expect(result.faults).toEqual([])
  const modules = new Map(
    levels.flatMap(({ tasks }) => tasks.map(({ id, module }) => [id, module])),
  )
  return result.tasks.flatMap(({ id, tests }) =>
    tests.map((test) => ({
      ...test,
      name: `level${level}/${modules.get(id) ?? id}: ${test.title}`,
    })),
  )
}

for (const { number, tasks } of levels) {
  describe(`the suites of level ${number}`, { timeout: 600_000 }, () => {
    it('pass on the reference, every test of them', async () => {
      const tests = await testsOf(number, '--solution')
      expect(tests.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
      expect(tests.length).toBeGreaterThanOrEqual(2 * tasks.length)
    })

    it('fail on the starter, except for the tests that say why they cannot; no two have one title', async () => {
      const tests = await testsOf(number)
      const passed = tests.filter(({ verdict }) => verdict === 'passed').map(({ name }) => name)
      const excused = Object.keys(passesOnStarter).filter((name) =>
        name.startsWith(`level${number}/`),
      )
      expect(passed.toSorted()).toEqual(excused.toSorted())
      // What a hunter has caught is told, and nothing else of a hidden test.
      const hidden = tests.filter(({ suite, failure }) => suite === 'hidden' && failure)
      const opened = hidden.filter(({ failure }) => failure?.open).map(({ name }) => name)
      expect(opened).toEqual(
        hidden.map(({ name }) => name).filter((name) => name.includes('/cases: ')),
      )
      const names = tests.map(({ suite, name }) => `${suite} ${name}`)
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    })
  })
}
