/** Makes a handout: the learner's edition of the workbook, without solutions, hidden tests and the instructor's tools. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, UsageError } from '../course.ts'
import { editionFiles, filesIn } from './files.ts'
import { seal } from './seal.ts'
import { SEALED_FILE } from './sealed-file.ts'
import { writeAll } from './write.ts'

export interface HandoutOptions {
  readonly out: string
  readonly levels: readonly number[]
  /** Levels that are handed out finished: the reference's files. */
  readonly given: readonly number[]
  /** Public keys (age) of those who may use the hidden tests; none: these stay here. */
  readonly recipients: readonly string[]
}

/** Files that every edition has, as they are. */
const COMMON = ['.editorconfig', '.gitignore', '.npmrc', 'LICENSE', 'TROUBLESHOOTING.md']

const TOOLS = 'tools/handout'

/** The commands of a learner: the scripts of the handout's own package.json. */
export function learnerCommands(): string[] {
  const { scripts } = JSON.parse(text(`${TOOLS}/package.json`)) as {
    scripts: Record<string, string>
  }
  return Object.keys(scripts)
}

/**
 * Writes a handout. Returns the number of its files.
 *
 * @throws {UsageError} when the folder is in use, or the levels do not fit
 */
export async function makeHandout(options: HandoutOptions): Promise<number> {
  const { out, recipients } = options
  checkLevels(options)
  checkFolder(out)
  const files = learnerFiles(options)
  if (recipients.length > 0) files.set(SEALED_FILE, await seal(gradersFiles(options), recipients))
  writeAll(out, files)
  return files.size
}

function checkLevels({ levels, given }: HandoutOptions): void {
  const extra = given.filter((level) => !levels.includes(level))
  if (extra.length > 0)
    throw new UsageError(`--given names level ${extra.join(', ')}, which --levels does not.`)
  const own = levels.filter((level) => !given.includes(level))
  const [first] = own
  if (first === undefined)
    throw new UsageError('Every level would be handed out finished: give fewer with --given.')
  const later = given.filter((level) => level > first)
  if (later.length > 0) {
    throw new UsageError(
      `Level ${later.join(', ')} would be handed out finished, and level ${first} below it would not: --given names earlier levels.`,
    )
  }
  for (const level of levels) {
    const missing = levelsBelow(level).filter((below) => !levels.includes(below))
    if (missing.length > 0) {
      throw new UsageError(
        `Level ${level} builds on level ${missing.join(' and ')}: add it to --levels, and to --given if it is to be handed out finished.`,
      )
    }
  }
}

/** The levels that a level's reference imports. */
function levelsBelow(level: number): number[] {
  const folder = `solutions/level${level}`
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.ts'))
  const imported = names.flatMap((name) =>
    [...text(`${folder}/${name}`).matchAll(/'\.\.\/level(\d+)\//g)].map(([, number]) =>
      Number(number),
    ),
  )
  return [...new Set(imported)].toSorted()
}

function checkFolder(out: string): void {
  try {
    if (!existsSync(out) || readdirSync(out).length === 0) return
  } catch {
    throw new UsageError(`${out} is no folder that can be read: name another one with --out.`)
  }
  throw new UsageError(`${out} is not empty: name a folder that is, or does not exist yet.`)
}

/** What the learner gets. */
function learnerFiles(options: HandoutOptions): Map<string, Uint8Array> {
  const { levels, given } = options
  const { files } = editionFiles({
    commands: learnerCommands(),
    levels,
    perLevel: ['levels', 'tests/public'],
  })
  const all = new Map<string, Uint8Array>()
  for (const file of [...files, ...COMMON]) all.set(file, bytes(file))
  // The reference of a level has files that its starter has not.
  for (const file of given.flatMap((level) => filesIn(`solutions/level${level}`)))
    if (file.endsWith('.ts')) all.set(file.replace(/^solutions/, 'levels'), bytes(file))
  all.set('README.md', Buffer.from(readme(options)))
  all.set('HINTS.md', Buffer.from(withoutOtherSections(text('HINTS.md'), levels)))
  all.set('package.json', Buffer.from(manifest(given)))
  all.set('tsconfig.json', Buffer.from(ownCodeOnly(text('tsconfig.json'))))
  all.set('package-lock.json', bytes(`${TOOLS}/package-lock.json`))
  return all
}

/** An editor checks what the learner writes: of our own code, an edition lacks parts. */
function ownCodeOnly(config: string): string {
  return config.replace(/"include": \[.*\],\n.*"exclude": .*\n/, '"include": ["levels"]\n')
}

/** What whoever has the key grades with: a whole edition, so that nothing which a learner could change takes part. */
function gradersFiles({ levels }: HandoutOptions): Map<string, Uint8Array> {
  // The reference of each level stands on those below, also where these are not handed out.
  const all = Array.from({ length: Math.max(...levels) }, (_, index) => index + 1)
  const { files } = editionFiles({
    commands: learnerCommands(),
    levels: all,
    perLevel: ['levels', 'tests/public', 'tests/hidden', 'solutions'],
  })
  const names = [...files, 'HINTS.md', 'package.json', 'tsconfig.json']
  return new Map(names.map((name) => [name, bytes(name)]))
}

/** The README without the rows of other levels, and with the level that a learner begins with. */
function readme({ levels, given, recipients }: HandoutOptions): string {
  const isOther = (line: string) => {
    const level = /^\|.*\blevels\/level(\d+)\//.exec(line)?.[1]
    return level !== undefined && !levels.includes(Number(level))
  }
  const first = levels.find((level) => !given.includes(level)) ?? 1
  const words: Readonly<Record<string, string>> = {
    level: `level${first}`,
    task: `${first}.1`,
    given:
      given.length === 0
        ? ''
        : `${given.length === 1 ? 'Level' : 'Levels'} ${given.join(' and ')} you have finished already: this is code to read, and to build on.`,
    hidden:
      recipients.length === 0
        ? 'the hidden tests are with your instructor'
        : 'the hidden tests are in `hidden-tests.age`, for those who have the key',
  }
  return text(`${TOOLS}/README.md`)
    .split('\n')
    .filter((line) => !isOther(line))
    .join('\n')
    .replace(/\{\{(\w+)\}\}/g, (_, word: string) => words[word] ?? '')
    .replace(/\n{3,}/g, '\n\n')
}

function withoutOtherSections(markdown: string, levels: readonly number[]): string {
  return markdown
    .split(/^(?=## )/m)
    .filter((section) => {
      const level = /^## Level (\d+)\n/.exec(section)?.[1]
      return level === undefined || levels.includes(Number(level))
    })
    .join('')
}

function manifest(given: readonly number[]): string {
  const parsed = JSON.parse(text(`${TOOLS}/package.json`)) as object
  return `${JSON.stringify({ ...parsed, loadbearing: { given } }, null, 2)}\n`
}

function bytes(file: string): Uint8Array {
  return readFileSync(path.join(root, file))
}

function text(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}
