/** Each fault of the starter, alone, fails the tests that are about it, and no other. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../../grader/result.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { wrongServers } from '../submissions/level1/wrong.ts'
import { gradeFolder, inFolder } from './grading.ts'

const results = new Map<string, Result>()

describe('a server of level 1 that', () => {
  beforeAll(async () => {
    // The one that takes longest begins first.
    const longestFirst = wrongServers.toSorted(
      (a, b) => Number(b.publicOnly ?? false) - Number(a.publicOnly ?? false),
    )
    await inLanes(3, longestFirst, (wrong) =>
      inFolder(async (folder) => {
        await writeEdited(wrong, 1, folder)
        results.set(
          wrong.name,
          await gradeFolder(wrong.task, folder, wrong.publicOnly ? 'public' : 'public and hidden'),
        )
      }),
    )
  }, 300_000)

  for (const { name, what, task, fails } of wrongServers) {
    it(`${what} fails task ${task} by exactly the tests about that`, () => {
      const result = results.get(name)
      expect(result).toMatchObject({ start: null, faults: [] })
      const tests = result?.tasks.flatMap((graded) => graded.tests) ?? []
      const failed = tests.filter(({ verdict }) => verdict === 'failed').map(({ title }) => title)
      expect(failed.toSorted()).toEqual(fails.toSorted())
      expect(tests.filter(({ verdict }) => verdict === 'passed')).toHaveLength(
        tests.length - fails.length,
      )
    })
  }
})
