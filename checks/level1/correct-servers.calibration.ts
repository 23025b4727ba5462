/** Correct servers of other shapes than the reference pass every test of the level: none accuses correct code. */
import { cp, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { levels } from '../../levels/register.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { complaintsOf, gradeFolder, inFolder } from '../kit/grading.ts'

const shapes = path.join(root, 'checks', 'submissions', 'level1', 'correct')
/** Correct by the public test of task 1.7: the one that wraps `node:http`. */
const given = path.join(root, 'tests', 'public', 'level1', 'servers', 'correct')

const names = ['collects-then-regex', 'state-machine', 'one-byte-per-write', 'wraps-node-http']
const complaints = new Map<string, string[]>()

describe('a correct server of level 1 that', () => {
  beforeAll(async () => {
    await inLanes(2, names, (name) =>
      inFolder(async (folder) => {
        await assemble(name === 'wraps-node-http' ? given : path.join(shapes, name), folder)
        const result = await gradeFolder('level1', folder)
        complaints.set(name, complaintsOf(result))
      }),
    )
  }, 900_000)

  for (const name of names) {
    it(`${name.replaceAll('-', ' ')} passes every test of the level`, () => {
      expect(complaints.get(name)).toEqual([])
    })
  }

  it('is one of those that lie there', async () => {
    expect(names).toEqual(expect.arrayContaining(await readdir(shapes)))
  })
})

/** The fixture's files over the given ones and the reference's cases. */
async function assemble(fixture: string, folder: string): Promise<void> {
  const level = levels.find(({ number }) => number === 1)
  await mkdir(path.join(folder, 'level1'))
  for (const file of new Set([...(level?.given ?? []), 'listen.ts', 'cases.ts'])) {
    await cp(path.join(root, 'solutions', 'level1', file), path.join(folder, 'level1', file))
  }
  await cp(fixture, folder, { recursive: true })
}
