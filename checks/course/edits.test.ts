/** Every server that is the reference with an edit still finds what it edits, and still parses. */
import { transform } from 'esbuild'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { buildEdited, editedTexts, type Edited } from '../../tests/kit/edited.ts'

const catalogues = [
  ...filesIn('tests/hidden', /^(broken|correct)-servers\.ts$/),
  ...filesIn('checks/submissions', /^(wrong.*|dishonest)\.ts$/),
]

for (const { file, level } of catalogues) {
  describe(file, () => {
    it('names no server twice, each parses, and the last one builds', async () => {
      const lists = Object.values((await import(path.join(root, file))) as Record<string, unknown>)
      const servers = lists.filter(isCatalogue).flat()
      expect(servers.length).toBeGreaterThan(0)
      expect(new Set(servers.map(({ name }) => name)).size).toBe(servers.length)
      for (const server of servers) {
        for (const text of (await editedTexts(server, level)).values())
          await transform(text, { loader: 'ts' })
      }
      const [last] = servers.slice(-1)
      if (last !== undefined) await buildEdited(last, level)
    })
  })
}

function filesIn(folder: string, name: RegExp): { file: string; level: number }[] {
  return readdirSync(path.join(root, folder)).flatMap((sub) => {
    const level = Number(/^level(\d+)$/.exec(sub)?.[1] ?? 0)
    if (level === 0) return []
    return readdirSync(path.join(root, folder, sub))
      .filter((file) => name.test(file))
      .map((file) => ({ file: `${folder}/${sub}/${file}`, level }))
  })
}

function isCatalogue(value: unknown): value is Edited[] {
  return Array.isArray(value) && value.length > 0 && (value as unknown[]).every(isEdited)
}

function isEdited(value: unknown): value is Edited {
  return typeof value === 'object' && value !== null && 'edits' in value && 'name' in value
}
