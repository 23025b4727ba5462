/** What a suite is worth: a server with one fault fails exactly the tests that are about it. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../../grader/result.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { gradeFolder, inFolder } from './grading.ts'

/** The reference with one believable fault. */
export interface WrongServer extends Edited {
  /** The task that is about the fault, and is graded. */
  readonly task: string
  /** Public tests only: where the hidden ones would take long to say the same. */
  readonly publicOnly?: true
  /** The tests that fail, by their title, or as `module: title`. All others of the task pass. */
  readonly fails: readonly string[]
  /** Tests that fail or pass, as a race goes. */
  readonly mayFail?: readonly string[]
}

/** Grades each server, several side by side, and compares what fails with what must. */
export function checkWrongServers(level: number, servers: readonly WrongServer[]): void {
  const results = new Map<string, Result>()

  describe(`a server of level ${level} that`, () => {
    beforeAll(async () => {
      // Those of the later tasks take longest.
      await inLanes(3, servers.toReversed(), (wrong) =>
        inFolder(async (folder) => {
          await writeEdited(wrong, level, folder)
          const suites = wrong.publicOnly ? 'public' : 'public and hidden'
          results.set(wrong.name, await gradeFolder(wrong.task, folder, suites))
        }),
      )
    }, 1_800_000)

    for (const { name, what, task, fails, mayFail = [] } of servers) {
      it(`${what} fails task ${task} by exactly the tests about that`, () => {
        const result = results.get(name)
        expect(result).toMatchObject({ start: null, faults: [] })
        const racing = mayFail.map(titleOf)
        const tests = (result?.tasks.flatMap((graded) => graded.tests) ?? []).filter(
          ({ title }) => !racing.includes(title),
        )
        const failed = tests.filter(({ verdict }) => verdict === 'failed').map(({ title }) => title)
        expect(failed.toSorted()).toEqual(fails.map(titleOf).toSorted())
        expect(tests.filter(({ verdict }) => verdict === 'passed')).toHaveLength(
          tests.length - fails.length,
        )
      })
    }
  })
}

/** `module: title`, or the title alone. */
function titleOf(test: string): string {
  return test.replace(/^[a-z-]+: /, '')
}
