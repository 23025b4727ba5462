import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { link, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { takeIn } from '../../harness/intake.ts'
import { folderWith } from '../kit/folders.ts'

const good = { 'level1/main.ts': 'export {}\n', 'level1/server.ts': 'export {}\n' }

async function intakeOf(folder: string) {
  return await takeIn(folder, 1, path.join(await folderWith(), 'copy'))
}

describe('intake', () => {
  it('copies the source files of the level, and names what it leaves alone', async () => {
    const folder = await folderWith({
      ...good,
      'level1/parts/a.ts': '',
      'level1/README.md': '',
      'level1/public/index.html': '',
      'level1/package.json': '{}',
      'level1/node_modules/x/index.ts': '',
      'level2/main.ts': '',
    })
    const intake = await intakeOf(folder)
    expect(intake.files.toSorted()).toEqual([
      'level1/main.ts',
      'level1/parts/a.ts',
      'level1/server.ts',
    ])
    expect(intake.ignored.toSorted()).toEqual(['level1/node_modules', 'level1/package.json'])
  })

  it('takes the levels below from the reference when asked', async () => {
    const folder = await folderWith({ 'level2/main.ts': '2' })
    const reference = await folderWith({ 'level1/main.ts': '1', 'level2/main.ts': 'not this' })
    const intake = await takeIn(folder, 2, path.join(await folderWith(), 'copy'), reference)
    expect(intake.files.toSorted()).toEqual(['level1/main.ts', 'level2/main.ts'])
  })

  const traps: [title: string, code: string, set: (level: string) => unknown][] = [
    [
      'a symbolic link',
      'SYMBOLIC_LINK',
      (level) => symlink('/etc/hostname', path.join(level, 'a.ts')),
    ],
    ['a link to a folder', 'SYMBOLIC_LINK', (level) => symlink('/etc', path.join(level, 'a.ts'))],
    [
      'a hard link',
      'HARD_LINK',
      (level) => link(path.join(level, 'server.ts'), path.join(level, 'a.ts')),
    ],
    ['a FIFO', 'NOT_A_FILE', (level) => execFileSync('mkfifo', [path.join(level, 'a.ts')])],
    [
      'a file that is too large',
      'FILE_TOO_LARGE',
      (level) => writeFile(path.join(level, 'a.ts'), 'x'.repeat(300_000)),
    ],
    ['a name with a newline', 'BAD_NAME', (level) => writeFile(path.join(level, 'a\nb.ts'), '')],
    [
      'two names that differ in letter case',
      'SAME_NAME',
      (level) => writeFile(path.join(level, 'Server.ts'), ''),
    ],
    [
      'folders nested too deeply',
      'TOO_DEEP',
      (level) => mkdir(path.join(level, 'a/b/c/d/e/f/g/h/i'), { recursive: true }),
    ],
    [
      'too many files',
      'TOO_MANY_FILES',
      (level) =>
        Promise.all(
          Array.from({ length: 201 }, (_, n) => writeFile(path.join(level, `f${n}.ts`), '')),
        ),
    ],
    [
      'too many bytes in all',
      'TOO_LARGE',
      (level) =>
        Promise.all(
          Array.from({ length: 9 }, (_, n) =>
            writeFile(path.join(level, `f${n}.ts`), 'x'.repeat(250_000)),
          ),
        ),
    ],
    ['no main.ts', 'NO_MAIN', (level) => rm(path.join(level, 'main.ts'))],
    [
      'a main.ts that is a folder',
      'NO_MAIN',
      async (level) => {
        await rm(path.join(level, 'main.ts'))
        await mkdir(path.join(level, 'main.ts'))
      },
    ],
    ['no level at all', 'NO_LEVEL', (level) => rm(level, { recursive: true })],
  ]
  for (const [title, code, set] of traps) {
    it(`refuses ${title}, in a sentence`, async () => {
      const folder = await folderWith(good)
      await set(path.join(folder, 'level1'))
      await expect(intakeOf(folder)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(/^[^\n]+\.$/) as string,
      })
    })
  }

  it.runIf(process.platform === 'linux')(
    'reads nothing through a link that takes the place of a folder meanwhile',
    async () => {
      const folder = await folderWith({ ...good, 'level1/parts/a.ts': 'mine' })
      const elsewhere = await folderWith({ 'a.ts': 'secret' })
      const swap = `const { renameSync, symlinkSync, unlinkSync } = process.getBuiltinModule('node:fs')
        for (;;) {
          renameSync('parts', 'away')
          symlinkSync(${JSON.stringify(elsewhere)}, 'parts')
          unlinkSync('parts')
          renameSync('away', 'parts')
        }`
      const cwd = path.join(folder, 'level1')
      const swapper = spawn(process.execPath, ['--eval', swap], { cwd, stdio: 'ignore' })
      const copied = new Set<string>()
      let refused = 0
      try {
        while (refused < 100 || copied.size === 0) {
          const intake = await intakeOf(folder).catch(() => undefined)
          if (intake === undefined) refused++
          else if (intake.files.includes('level1/parts/a.ts'))
            copied.add(await readFile(path.join(intake.folder, 'level1/parts/a.ts'), 'utf8'))
        }
      } finally {
        swapper.kill('SIGKILL')
        await once(swapper, 'close')
      }
      expect([...copied]).toEqual(['mine'])
    },
  )
})
