import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { built, level1 } from '../kit/submission.ts'

describe('build', () => {
  it('keeps each file in its place, and turns imports of .ts into imports of .js', async () => {
    const build = await built({
      'level1/main.ts': '',
      'level1/parts/a.ts': `import { b } from './b.ts'\nexport const a: number = b\n`,
      'level1/parts/b.ts': 'export const b = 1\n',
    })
    expect(await readFile(path.join(build.folder, 'level1/parts/a.js'), 'utf8')).toMatch(
      /from "\.\/b\.js";[^]*\ba = b/,
    )
  })

  it('starts a server from one file, in which each module keeps an import.meta of its own', async () => {
    const build = await built({
      'level1/main.ts': `import { told } from './parts/a.ts'
        const __dirname = import.meta.dirname
        console.log(JSON.stringify([told, [import.meta.url, import.meta.main, __dirname]]))`,
      'level1/parts/a.ts': `export const told = [import.meta.url, import.meta.main, import.meta.dirname]`,
    })
    await rm(path.join(build.folder, 'level1/parts'), { recursive: true })
    const main = path.join(build.folder, 'level1/main.js')
    const { stdout } = await promisify(execFile)(process.execPath, [main])
    const part = path.join(build.folder, 'level1/parts/a.js')
    expect(JSON.parse(stdout)).toEqual([
      [pathToFileURL(part).href, false, path.dirname(part)],
      [pathToFileURL(main).href, true, path.dirname(main)],
    ])
  })

  it('lets an error name the line of the file that it came from', async () => {
    const build = await built({
      'level1/main.ts': `import { fail } from './parts/a.ts'\nfail()\n`,
      'level1/parts/a.ts': `export const here = import.meta.url\n\nexport function fail(): never {\n  throw new TypeError(here)\n}\n`,
    })
    const main = path.join(build.folder, 'level1/main.js')
    const running = promisify(execFile)(process.execPath, ['--enable-source-maps', main])
    await expect(running).rejects.toMatchObject({
      stderr: expect.stringMatching(/level1\/parts\/a\.ts:4/) as string,
    })
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

  it.each([
    [`const http = process.getBuiltinModule('node:http')`, 'process.getBuiltinModule'],
    [`const { getBuiltinModule: load } = process; load('http')`, 'process.getBuiltinModule'],
    [`(process as any).binding('http_parser')`, 'process.binding'],
    [`const name = process.env.X ?? ''; await import(name)`, 'import() with a name'],
    [`let kind = 'http'; await import('node:' + kind)`, 'import() with a name'],
  ])('refuses a way to a module that no import names: %s', async (text, detour) => {
    await expect(
      built({ 'level1/main.ts': `import './a.ts'\n`, 'level1/a.ts': text }),
    ).rejects.toMatchObject({
      code: 'FORBIDDEN_IMPORT',
      message: expect.stringContaining(`level1/a.ts uses ${detour}`) as string,
    })
  })

  it('lets a module be loaded late, and words stand in comments', async () => {
    const { folder } = await built({
      'level1/main.ts': `// not process.getBuiltinModule, nor import(name)\nawait import('./a.ts')\n`,
      'level1/a.ts': `export const { sep } = process.getBuiltinModule('node:path') /* process.binding */\n`,
    })
    expect(await readFile(path.join(folder, 'level1/a.js'), 'utf8')).toContain('getBuiltinModule')
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
