/** What a stranger packed is opened by a process that may read, and do nothing else that root may. */
import { existsSync } from 'node:fs'
import { chmod, stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { takeInApart } from '../../grader/class/take-in-apart.ts'
import { folderWith } from '../kit/folders.ts'

const LEVEL = { 'anna/level1/main.ts': 'export {}\n', 'anna/package.json': '{}' }

const job = async (from: string) => ({
  from,
  isPacked: true,
  level: 1,
  folder: await folderWith(),
})

describe('a submission that is taken in', () => {
  it('lies in a folder of its own, with a note of what was left', async () => {
    const wanted = await job(await folderWith(LEVEL))
    const intake = await takeInApart(wanted)
    expect(intake.folder).toBe(path.join(wanted.folder, 'source'))
    expect(intake.files).toEqual(['level1/main.ts'])
    expect(intake.ignored).toEqual(['package.json'])
  })

  it('is refused with the words of whoever refused it', async () => {
    const refused = takeInApart(await job(await folderWith({ 'notes.txt': '' })))
    await expect(refused).rejects.toMatchObject({ name: 'SubmissionFault', code: 'NO_LEVEL' })
  })

  it.runIf(process.getuid?.() === 0)(
    'may lie where only root may read, and is written by somebody else',
    async () => {
      const from = await folderWith(LEVEL)
      await chmod(path.join(from, 'anna/level1/main.ts'), 0o600)
      await chmod(from, 0o700)
      const { folder } = await takeInApart(await job(from))
      const copy = path.join(folder, 'level1/main.ts')
      expect(existsSync(copy)).toBe(true)
      expect((await stat(copy)).uid).not.toBe(0)
    },
  )
})
