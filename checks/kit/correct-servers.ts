/** What a suite must never do: accuse a correct server, however it is built. */
import { existsSync, readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { shapes, writeShaped } from '../submissions/shapes.ts'
import { complaintsOf, gradeFolder, inFolder } from './grading.ts'

export interface CorrectServer {
  readonly name: string
  readonly what: string
  /** Puts its `level1`, `level2`, … into a folder. */
  readonly lay: (into: string) => Promise<void>
}

/** Grades each server, two side by side; all of them pass everything. */
export function checkCorrectServers(
  level: number,
  tasks: string,
  servers: readonly CorrectServer[],
): void {
  const complaints = new Map<string, string[]>()

  describe(`a correct server of level ${level} that`, () => {
    beforeAll(async () => {
      await inLanes(2, servers, ({ name, lay }) =>
        inFolder(async (folder) => {
          await lay(folder)
          complaints.set(name, complaintsOf(await gradeFolder(tasks, folder)))
        }),
      )
    }, 1_800_000)

    for (const { name, what } of servers) {
      it(`${what} passes every test`, () => {
        expect(complaints.get(name)).toEqual([])
      })
    }
  })
}

/** The reference in every shape that a server may have on the wire. */
export function shaped(level: number): CorrectServer[] {
  return shapes.map((shape) => ({
    name: shape.name,
    what: shape.what,
    lay: (into) => writeShaped(shape, level, into),
  }))
}

/** The reference with the choices that it did not make. */
export function edited(level: number, servers: readonly Edited[]): CorrectServer[] {
  return servers.map((server) => ({
    name: server.name,
    what: server.what,
    lay: (into) => writeEdited(server, level, into),
  }))
}

/** Those that somebody wrote, each a folder of files that take the place of the reference's, of the levels below too. */
export function written(level: number): CorrectServer[] {
  const folder = (number: number) =>
    path.join(root, 'checks', 'submissions', `level${number}`, 'correct')
  return readdirSync(folder(level)).map((name) => ({
    name,
    what: name.replaceAll('-', ' '),
    lay: async (into) => {
      await writeEdited({ name, what: '', edits: [] }, level, into)
      for (let number = 1; number <= level; number++) {
        const its = path.join(folder(number), name)
        if (existsSync(its)) await cp(its, into, { recursive: true })
      }
    },
  }))
}
