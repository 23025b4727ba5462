/** Hostile before a line of them runs: entries 5 to 10 and 35 of the study. */
import { execFileSync } from 'node:child_process'
import { link, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { reference, main, type Hostile, type Place } from './making.ts'

const withReference =
  (then: (level: string, place: Place) => unknown) =>
  async (place: Place): Promise<void> => {
    await reference(() => '')(place)
    await then(path.join(place.folder, 'level1'), place)
  }

export const atTheDoor: readonly Hostile[] = [
  {
    number: '5',
    what: 'imports the reference',
    make: main(`import '../../../solutions/level1/server.ts'\n`),
    want: { start: 'IMPORT_OUTSIDE' },
  },
  {
    number: '6',
    what: 'links to a file outside',
    make: withReference((level, { secret }) => symlink(secret, path.join(level, 'a.ts'))),
    want: { start: 'SYMBOLIC_LINK' },
  },
  {
    number: '7',
    what: 'has a hard link to a file outside',
    make: withReference((level, { secret }) => link(secret, path.join(level, 'a.ts'))),
    want: { start: 'HARD_LINK' },
  },
  {
    number: '8a',
    what: 'has a FIFO for a server',
    make: withReference(async (level) => {
      await rm(path.join(level, 'server.ts'))
      execFileSync('mkfifo', [path.join(level, 'server.ts')])
    }),
    want: { start: 'NOT_A_FILE' },
  },
  {
    number: '8b',
    what: 'has a socket for a server',
    make: withReference(async (level) => {
      await rm(path.join(level, 'server.ts'))
      const listening = createServer().listen(path.join(level, 'server.ts'))
      listening.unref()
      await new Promise((resolve) => listening.once('listening', resolve))
    }),
    want: { start: 'NOT_A_FILE' },
  },
  {
    number: '9a',
    what: 'has 10,000 files',
    make: withReference(async (level) => {
      for (let file = 0; file < 10_000; file++) await writeFile(path.join(level, `f${file}.ts`), '')
    }),
    want: { start: 'TOO_MANY_FILES' },
  },
  {
    number: '9b',
    what: 'has a file of 1 GB',
    make: withReference(async (level) => {
      await writeFile(path.join(level, 'large.ts'), '')
      await truncate(path.join(level, 'large.ts'), 2 ** 30)
    }),
    want: { start: 'FILE_TOO_LARGE' },
  },
  {
    number: '9c',
    what: 'nests 300 folders',
    make: withReference((level) =>
      mkdir(path.join(level, ...Array.from({ length: 300 }, () => 'd')), { recursive: true }),
    ),
    want: { start: 'TOO_DEEP' },
  },
  {
    number: '9d',
    what: 'has a newline in a name',
    make: withReference((level) => writeFile(path.join(level, 'a\nb.ts'), '')),
    want: { start: 'BAD_NAME' },
  },
  {
    number: '9e',
    what: 'has two names that differ in letter case',
    make: withReference((level) => writeFile(path.join(level, 'Server.ts'), '')),
    want: { start: 'SAME_NAME' },
  },
  {
    number: '10',
    what: 'brings settings for npm, git, TypeScript and vitest that run a command',
    make: withReference(async (_level, { folder, canary }) => {
      const touch = `node -e "require('fs').writeFileSync('${canary}','')"`
      const brought: Readonly<Record<string, string>> = {
        'package.json': JSON.stringify({ scripts: { preinstall: touch, test: touch } }),
        'vitest.config.ts': `import { writeFileSync } from 'node:fs'\nwriteFileSync('${canary}', '')\n`,
        'tsconfig.json': '{ "compilerOptions": { "paths": { "node:net": ["./evil.ts"] } } }',
        '.npmrc': `script-shell=${canary}\n`,
        '.env': 'NODE_OPTIONS=--require=./evil.js\n',
        '.git/config': `[core]\n\tfsmonitor = "${touch}"\n`,
        'node_modules/ws/index.js': `require('fs').writeFileSync('${canary}', '')\n`,
        'level1/package.json': '{ "type": "commonjs" }',
        'level1/tsconfig.json': '{ "extends": "../../../../etc/passwd" }',
      }
      for (const [name, text] of Object.entries(brought)) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
        await writeFile(path.join(folder, name), text)
      }
    }),
    want: { score: 'in full' },
  },
  {
    number: '35a',
    what: 'has types that the compiler never finishes with',
    make: reference(
      () =>
        `type Double<T extends unknown[], N extends number> = N extends T['length'] ? T : Double<[...T, ...T], N>
type Tree<N, D extends 0[] = []> = D['length'] extends 40 ? N : Tree<N, [...D, 0]> | Tree<[N], [...D, 0]>
export const bomb: Tree<0> = 0 as never
export type Other = Double<[0], 1e9>`,
    ),
    want: { score: 'in full' },
  },
  {
    number: '35b',
    what: 'has a source of 5 MB in one line',
    make: withReference((level) =>
      writeFile(path.join(level, 'long.ts'), `export const x = '${'x'.repeat(5_000_000)}'`),
    ),
    want: { start: 'FILE_TOO_LARGE' },
  },
]
