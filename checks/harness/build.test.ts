import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { built, level1 } from '../kit/submission.ts'

describe('build', () => {
  it('keeps each file in its place, and turns imports of .ts into imports of .js', async () => {
    const build = await built({
      'level1/main.ts': `import { a } from './parts/a.ts'\nconsole.log(a)\n`,
      'level1/parts/a.ts': 'export const a: number = 1\n',
    })
    expect(await readFile(path.join(build.folder, 'level1/main.js'), 'utf8')).toContain(
      'from "./parts/a.js"',
    )
    expect(await readFile(path.join(build.folder, 'level1/parts/a.js'), 'utf8')).toMatch(/\ba = 1/)
  })

  it('turns the file that a worker starts from into its built twin', async () => {
    const build = await built({
      'level1/main.ts': `export const url = new URL('./worker.ts', import.meta.url)\n`,
      'level1/worker.ts': '',
    })
    expect(await readFile(path.join(build.folder, 'level1/main.js'), 'utf8')).toContain(
      './worker.js',
    )
  })

  it('names file and line of a syntax error, with a caret below it', async () => {
    const building = built({ 'level1/main.ts': 'const a = 1\nconst b = = 2\n' })
    await expect(building).rejects.toMatchObject({
      code: 'SYNTAX_ERROR',
      message: expect.stringContaining('level1/main.ts, line 2') as string,
      detail: expect.stringMatching(/2 \| const b = = 2\n\s+\| {11}\^/) as string,
    })
  })

  const imports: [specifier: string, code: string][] = [
    ['node:http', 'FORBIDDEN_IMPORT'],
    ['http', 'FORBIDDEN_IMPORT'],
    ['express', 'FORBIDDEN_IMPORT'],
    ['../../solutions/level1/server.ts', 'IMPORT_OUTSIDE'],
    ['/etc/passwd', 'IMPORT_OUTSIDE'],
    ['./nowhere.ts', 'IMPORT_MISSING'],
  ]
  for (const [specifier, code] of imports) {
    it(`refuses to import ${specifier}`, async () => {
      await expect(
        built({ 'level1/main.ts': `import ${JSON.stringify(specifier)}\n` }),
      ).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`level1/main.ts imports "${specifier}"`) as string,
      })
    })
  }

  it('sees a forbidden import that is written as a call', async () => {
    await expect(built({ 'level1/main.ts': `await import('node:http')\n` })).rejects.toMatchObject({
      code: 'FORBIDDEN_IMPORT',
    })
  })

  it('ignores the compiler options that a submission brings', async () => {
    const build = await built(
      {
        'level1/main.ts': 'export const a = 1\n',
        'level1/tsconfig.json': '{ this is no JSON',
        'tsconfig.json': '{',
      },
      level1(),
    )
    expect(await readFile(path.join(build.folder, 'level1/main.js'), 'utf8')).toMatch(/\ba = 1/)
  })
})
