/** What a suite is worth: a server with one fault fails exactly the tests that are about it. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Result } from '../../grader/result.ts'
import { levelNumbered } from '../../levels/register.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { gradeFolder, inFolder } from './grading.ts'

/** The reference with one believable fault. */
export interface WrongServer extends Edited {
  /** The task that is about the fault. */
  readonly task: string
  /** Public tests only: where the hidden ones would take long to say the same. */
  readonly publicOnly?: true
  /** The tests that fail, by their title, or as `module: title`. No other fails. */
  readonly fails: readonly string[]
  /** Tests that fail or pass, as a race goes. */
  readonly mayFail?: readonly string[]
}

/**
 * Grades each server, several side by side, and compares what fails with what must.
 *
 * @param scope - what is graded: the task of the fault, or the whole level
 */
export function checkWrongServers(
  level: number,
  servers: readonly WrongServer[],
  scope: 'task' | 'level' = 'task',
): void {
  const results = new Map<string, Result>()

  describe(`a server of level ${level} that`, () => {
    it('has the cases of the reference', () => {
      const edited = servers.flatMap(({ edits }) => edits.map(({ file }) => file))
      expect(edited).not.toContain(`level${level}/cases.ts`)
    })

    beforeAll(async () => {
      // Those of the later tasks take longest.
      await inLanes(3, servers.toReversed(), (wrong) =>
        inFolder(async (folder) => {
          await writeEdited(wrong, level, folder)
          const suites = wrong.publicOnly ? 'public' : 'public and hidden'
          const target = scope === 'level' ? tasksOfServer(level) : wrong.task
          results.set(wrong.name, await gradeFolder(target, folder, suites))
        }),
      )
    }, 1_800_000)

    for (const { name, what, task, fails, mayFail = [] } of servers) {
      const where = scope === 'level' ? 'exactly the tests' : `task ${task} by exactly the tests`
      it(`${what} fails ${where} about that`, () => {
        const result = results.get(name)
        expect(result).toMatchObject({ start: null, faults: [] })
        const racing = mayFail.map(titleOf)
        const tests = (result?.tasks ?? [])
          .flatMap((graded) => graded.tests.map((test) => ({ ...test, of: graded.id })))
          .filter(({ title }) => !racing.includes(title))
        const failed = tests.filter(({ verdict }) => verdict === 'failed')
        expect(failed.map(({ title }) => title).toSorted()).toEqual(fails.map(titleOf).toSorted())
        // What builds on the fault says so, names a task that shows it, and is not counted twice.
        const others = tests
          .filter(({ verdict }) => verdict !== 'passed' && verdict !== 'failed')
          .filter(
            ({ verdict, reason = '' }) =>
              scope === 'task' ||
              verdict !== 'blocked' ||
              !failed.some(({ of }) => reason.startsWith(`${of}: `)),
          )
        expect(others).toEqual([])
      })
    }
  })
}

/** `module: title`, or the title alone. */
function titleOf(test: string): string {
  return test.replace(/^[a-z-]+: /, '')
}

/** All tasks but the one about `cases.ts`: it never starts the server, and no edit touches what it judges. */
function tasksOfServer(level: number): string {
  const tasks = levelNumbered(level)?.tasks ?? []
  return tasks
    .filter(({ module }) => module !== 'cases')
    .map(({ id }) => id)
    .join(',')
}
