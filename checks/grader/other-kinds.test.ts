/** Modules that return what no signature says: a failure of theirs, and no fault of ours. */
import { describe, expect, it } from 'vitest'
import { writeEdited, type Edit } from '../../tests/kit/edited.ts'
import { gradeFolder, inFolder } from '../kit/grading.ts'

const modules: [title: string, task: string, edit: Edit][] = [
  [
    'a rate limiter that returns nothing',
    '3.8',
    {
      file: 'level3/rate-limiter.ts',
      find: '    const now = this.#readClock()\n    const place',
      replace:
        '    if (remoteAddress !== "") return undefined as never\n    const now = this.#readClock()\n    const place',
    },
  ],
  [
    'a log that writes no JSON',
    '3.6',
    {
      file: 'level3/log.ts',
      find: 'escapeControls(JSON.stringify(fields))',
      replace: '`request ${Object.keys(fields).length}`',
    },
  ],
]

describe('no fault of ours is', () => {
  for (const [title, task, edit] of modules) {
    it.concurrent(title, async () => {
      await inFolder(async (folder) => {
        await writeEdited({ name: 'other', what: title, edits: [edit] }, 3, folder)
        const { faults, tasks } = await gradeFolder(task, folder)
        const verdicts = tasks.flatMap(({ tests }) => tests.map(({ verdict }) => verdict))
        expect(faults).toEqual([])
        expect(verdicts).not.toContain('fault')
        expect(verdicts).toContain('failed')
      })
    })
  }
})
