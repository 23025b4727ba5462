/** What was earned is kept on disk; where that fails, a sentence says why, and what helps. */
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Journal } from '../../grader/journal.ts'
import { folderWith } from '../kit/folders.ts'
import { kinds } from '../kit/made-up-class.ts'

describe('the journal of a run', () => {
  it('tries again after it could not be written, and leaves no draft behind', async () => {
    const folder = await folderWith()
    const file = path.join(folder, 'result.json')
    mkdirSync(file)
    const journal = new Journal(file)
    journal.write(kinds.half)
    expect(journal.problem).toBe(
      `${file} cannot be written (EISDIR): it is a folder. Name another folder with --out.`,
    )
    expect(readdirSync(folder)).toEqual(['result.json'])
    rmdirSync(file)
    journal.write(kinds.half)
    expect(journal.problem).toBeUndefined()
  })

  it('says that a file cannot hold a result', async () => {
    const folder = await folderWith({ file: '' })
    const journal = new Journal(path.join(folder, 'file', 'result.json'))
    journal.write(kinds.half)
    expect(journal.problem).toMatch(/\(ENOTDIR\): what lies above it is no folder\. Name another/)
  })
})
