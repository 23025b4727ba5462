/** Each believable fault, alone, fails the tests of level 2 that are about it, and no other. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../../grader/result.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { gradeFolder, inFolder } from '../level1/grading.ts'
import { wrongServers } from '../submissions/level2/wrong.ts'

const results = new Map<string, Result>()

describe('a server of level 2 that', () => {
  beforeAll(async () => {
    // Those of the later tasks take longest.
    await inLanes(3, wrongServers.toReversed(), (wrong) =>
      inFolder(async (folder) => {
        await writeEdited(wrong, 2, folder)
        results.set(wrong.name, await gradeFolder(wrong.task, folder))
      }),
    )
  }, 1_800_000)

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
