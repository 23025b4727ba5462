import { execFileSync } from 'node:child_process'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { handout, type HandoutCommandOptions } from '../../grader/commands/handout.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { editionFiles, filesIn } from '../../grader/handout/files.ts'
import { learnerCommands, makeHandout, type HandoutOptions } from '../../grader/handout/handout.ts'
import { writeAll } from '../../grader/handout/write.ts'
import { levels } from '../../levels/register.ts'
import { text } from '../course/files.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { functionBodies, squeezed, testTitles } from '../kit/source-text.ts'

const all = levels.map(({ number }) => number)
const earlier = all.slice(0, -1)

const identity = await generateX25519Identity()
const recipient = await identityToRecipient(identity)

const editions: readonly ({ readonly title: string } & Omit<HandoutOptions, 'out'>)[] = [
  { title: 'with every level', levels: all, given: [], recipients: [] },
  { title: 'with level 1 only', levels: [1], given: [], recipients: [] },
  { title: 'with earlier levels finished', levels: all, given: earlier, recipients: [] },
  { title: 'with sealed tests', levels: all, given: [], recipients: [recipient] },
]

for (const { title, ...options } of editions) {
  describe(`a handout ${title}`, () => {
    let out = ''
    const contents = new Map<string, string>()
    beforeAll(async () => {
      out = path.join(await folderWith(), 'handout')
      await makeHandout({ ...options, out })
      for (const file of readdirSync(out, { recursive: true, withFileTypes: true })) {
        const name = path.relative(out, path.join(file.parentPath, file.name))
        if (file.isFile()) contents.set(name, readFileSync(path.join(out, name), 'latin1'))
      }
    })

    it('has types that an editor finds no fault with', async () => {
      // As installed: what it imports is a part of what we have.
      symlinkSync(path.join(root, 'node_modules'), path.join(out, 'node_modules'))
      const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
      const { stdout } = await promisify(execFile)(process.execPath, [compiler, '-p', out])
      expect(stdout).toBe('')
    })

    it('holds nothing of the instructor', () => {
      const wrong = [...contents.keys()].filter((name) =>
        /^(solutions|checks|tools)\/|hidden\/|NOTES\.md|^tests\/passes|^grader\/(similar|viva)\/|commands\/(check|class|export|handout)/.test(
          name,
        ),
      )
      expect(wrong).toEqual([])
      expect(contents.has('hidden-tests.age')).toBe(options.recipients.length > 0)
    })

    it('has no title of a hidden test in any file', async () => {
      const titles = await hiddenTitles(contents, options.given)
      expect(titles.length).toBeGreaterThan(100)
      expect(titles.flatMap((each) => placesOf(contents, (file) => file.includes(each)))).toEqual(
        [],
      )
    })

    it('has no function body of a reference in any file, but of what is handed out finished', async () => {
      const bodies = await referenceBodies(options.given)
      expect(bodies.length).toBeGreaterThan(100)
      const squeezedFiles = new Map([...contents].map(([name, file]) => [name, squeezed(file)]))
      const leaks = bodies.flatMap(({ from, body }) =>
        placesOf(squeezedFiles, (file) => file.includes(body)).map(
          (place) => `${from} in ${place}`,
        ),
      )
      expect(leaks).toEqual([])
    })

    it('speaks of no level and links to no file that it lacks', () => {
      for (const [name, file] of contents) {
        if (!name.endsWith('.md')) continue
        const dead = [...file.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
          .map(([, target = '']) => path.posix.join(path.posix.dirname(name), target))
          .filter((target) => !existsSync(path.join(out, target)))
        expect(dead, name).toEqual([])
        expect(file, name).not.toContain('{{')
      }
      const others = all.filter((level) => !options.levels.includes(level))
      for (const level of others) {
        expect(contents.get('README.md')).not.toContain(`level${level}/`)
        expect(contents.get('HINTS.md')).not.toContain(`## Level ${level}`)
      }
    })

    it('has the starters to be finished, and the reference of what is finished', () => {
      for (const level of options.levels) {
        const source = options.given.includes(level) ? 'solutions' : 'levels'
        const files = filesIn(`${source}/level${level}`).filter((name) => name.endsWith('.ts'))
        for (const file of files.map((name) => name.replace(/^solutions/, 'levels')))
          expect(contents.get(file)).toBe(
            readFileSync(path.join(root, file.replace(/^levels/, source)), 'latin1'),
          )
      }
    })
  })
}

/** Of the hidden suites and of what only they use; without what public suites, assignments and finished levels say, too. */
async function hiddenTitles(
  contents: ReadonlyMap<string, string>,
  given: readonly number[],
): Promise<string[]> {
  const secret = [...filesIn('tests/hidden'), ...filesIn('tests/kit')].filter(
    (file) => file.endsWith('.ts') && !contents.has(file),
  )
  const titles = (await Promise.all(secret.map(titlesIn))).flat()
  const open = [...filesIn('tests/public'), ...openSources(given)].map(text).join('\n')
  return [...new Set(titles)].filter((title) => title.length >= 12 && !open.includes(title))
}

/** Of more than three lines; without what is in the starters or in a finished level, too. */
async function referenceBodies(given: readonly number[]) {
  const known = squeezed(openSources(given).map(text).join('\n'))
  const files = filesIn('solutions').filter((file) => file.endsWith('.ts'))
  const found = files.map(async (from) =>
    (await bodiesIn(from))
      .map((body) => ({ from, body }))
      .filter(({ body }) => !known.includes(body)),
  )
  return (await Promise.all(found)).flat()
}

function openSources(given: readonly number[]): string[] {
  return [...filesIn('levels'), ...given.flatMap((level) => filesIn(`solutions/level${level}`))]
}

const titlesIn = onceEach((file) => testTitles(text(file)))
const bodiesIn = onceEach((file) => functionBodies(text(file), 3))

function onceEach(read: (file: string) => Promise<string[]>) {
  const known = new Map<string, Promise<string[]>>()
  return (file: string): Promise<string[]> => {
    const result = known.get(file) ?? read(file)
    known.set(file, result)
    return result
  }
}

function placesOf(files: ReadonlyMap<string, string>, holds: (file: string) => boolean): string[] {
  return [...files].filter(([, file]) => holds(file)).map(([name]) => name)
}

describe('the package.json of a handout', () => {
  const manifest = JSON.parse(text('tools/handout/package.json')) as Manifest
  const ours = JSON.parse(text('package.json')) as Manifest

  it('has the versions of the workbook, and what the learner’s files import, no more', () => {
    const { packages } = editionFiles({
      commands: learnerCommands(),
      levels: all,
      perLevel: ['levels', 'tests/public', 'solutions'],
    })
    const needed = new Set([...packages, ...levels.flatMap((level) => level.packages), 'node'])
    const types = ['@types/node', ...[...needed].map((name) => `@types/${name}`)]
    const expected = [...needed, ...types].filter((name) => name in ours.devDependencies)
    expect(Object.keys(manifest.devDependencies).toSorted()).toEqual(
      [...new Set(expected)].toSorted(),
    )
    for (const [name, version] of Object.entries(manifest.devDependencies))
      expect(version, name).toBe(ours.devDependencies[name])
    expect(manifest.version).toBe(ours.version)
  })

  it('has a lock that is about it', () => {
    const lock = JSON.parse(text('tools/handout/package-lock.json')) as {
      packages: Record<string, { devDependencies?: Record<string, string>; version?: string }>
    }
    expect(lock.packages['']?.devDependencies).toEqual(manifest.devDependencies)
    for (const [name, version] of Object.entries(manifest.devDependencies))
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
  })
})

interface Manifest {
  readonly version: string
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('npm run handout', () => {
  const wrong: [options: HandoutCommandOptions, sentence: RegExp][] = [
    [{ out: '/etc/passwd' }, /\/etc\/passwd is no folder/],
    [{ out: root }, /is not empty/],
    [{ out: 'x', levels: '1-9' }, /there are 1, 2, 3, and "1-9" names others/],
    [{ out: 'x', levels: 'two' }, /"two" names others/],
    [{ out: 'x', levels: '2' }, /Level 2 builds on level 1: add it/],
    [{ out: 'x', levels: '1', given: '2' }, /--given names level 2, which --levels does not/],
    [{ out: 'x', given: '2' }, /Level 2 would be handed out finished, and level 1 below it would/],
    [{ out: 'x', levels: '1', given: '1' }, /Every level would be handed out finished/],
    [{ out: 'x', seal: ['age1nonsense'] }, /"age1nonsense" is no public key/],
    [{ out: 'x', seal: [recipient, identity] }, /^That is a secret key: keep it(?!.*AGE-SECRET)/],
  ]
  for (const [options, sentence] of wrong) {
    it(`answers bad options with a sentence, and writes nothing: ${sentence.source}`, async () => {
      const problem = handout(options)
      await expect(problem).rejects.toThrow(sentence)
      await expect(problem).rejects.toMatchObject({ name: 'UsageError' })
      expect(existsSync('x')).toBe(false)
    })
  }

  it('takes back what it wrote when it is stopped, and nothing else', async () => {
    const folder = await folderWith({ 'empty/.keep': '' })
    rmSync(path.join(folder, 'empty/.keep'))
    const files = new Map(
      ['a/b/first', 'second', 'second/below'].map((name) => [name, Buffer.of(1)]),
    )
    for (const out of ['empty', 'new/deep']) {
      expect(() => writeAll(path.join(folder, out), files)).toThrow(/^ENOTDIR.*second\/below/)
      expect(readdirSync(folder, { recursive: true })).toEqual(['empty'])
    }
  })

  it('is written whole when Ctrl-C comes in the middle', async () => {
    const out = path.join(await folderWith(), 'new')
    const write = new URL('../../grader/handout/write.ts', import.meta.url).href
    const script = `import { writeAll } from ${JSON.stringify(write)}
      class Files extends Map {
        *[Symbol.iterator]() {
          yield ['first', Buffer.of(1)]
          process.kill(process.pid, 'SIGINT')
          yield ['second', Buffer.of(2)]
        }
      }
      writeAll(${JSON.stringify(out)}, new Files())`
    execFileSync(process.execPath, ['--input-type=module', '--eval', script])
    expect(readdirSync(out)).toEqual(['first', 'second'])
  })

  it('says what it wrote, and how to begin', async () => {
    const out = path.join(await folderWith(), 'new')
    const args = ['--out', out, '--levels', '1,2', '--given', '1', '--seal', recipient]
    const { code, stdout } = await loadbearing(['handout', ...args])
    expect(stdout).toMatch(/^Wrote \d+ files to .*: level 1, 2, of these finished: 1\.\n/)
    expect(stdout).toContain('sealed for 1 key.\n')
    expect(stdout).toContain('npm ci && npm test -- level2\n')
    expect(code).toBe(0)
  })
})
