/**
 * Which files make an edition of the workbook: what its commands and its tests import, and nothing else.
 *
 * A list written by hand would forget the next file. So the files are found as Node finds them, by their
 * imports; types count, because an editor reads them, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../course.ts'

/** What an edition consists of. */
export interface EditionFiles {
  /** Paths relative to the checkout. */
  readonly files: readonly string[]
  /** Packages that they import. */
  readonly packages: readonly string[]
}

export interface EditionParts {
  /** Names of commands, as the scripts of its package.json have them. */
  readonly commands: readonly string[]
  readonly levels: readonly number[]
  /** Folders that are in it as a whole for each level: `tests/public` for `tests/public/level1`, … */
  readonly perLevel: readonly string[]
}

const COMMANDS = 'grader/commands/'

/** `from './a.ts'`, `import './a.ts'`, `new URL('./a.ts', import.meta.url)`, `resolve('package/package.json')`. */
const AT_ONCE = /(?:\bfrom\s+|\bimport\s+|\bnew URL\(\s*|\bresolve\(\s*)'([^'\n]+)'/g

/** `import('./a.ts')`: when it is needed. */
const LATER = /\bimport\(\s*'([^'\n]+)'/g

/** Finds the files of an edition. */
export function editionFiles({ commands, levels, perLevel }: EditionParts): EditionFiles {
  const whole = new Set(
    levels.flatMap((level) => perLevel.flatMap((folder) => filesIn(`${folder}/level${level}`))),
  )
  const files = new Set<string>()
  const packages = new Set<string>()
  const waiting = ['grader/main.js', ...commands.map((name) => `${COMMANDS}${name}.ts`), ...whole]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue
    files.add(file)
    for (const specifier of referencesOf(file)) {
      const name = packageName(specifier)
      const target = path.posix.join(path.posix.dirname(file), specifier)
      if (name !== undefined) packages.add(name)
      else if (isShared(target) || whole.has(target)) waiting.push(target)
    }
  }
  return { files: [...files].toSorted(), packages: [...packages].toSorted() }
}

/** Belongs to every edition that reaches it. Levels and suites come as a whole; the workbook's own checks never. */
function isShared(file: string): boolean {
  const known = /^(harness|bench|grader|tests\/kit)\/.*\.[jt]s$|^levels\/register\.ts$/.test(file)
  return known && existsSync(path.join(root, file))
}

/** What a file names, but no command that it only calls: which commands there are, the edition says. */
function referencesOf(file: string): string[] {
  if (!/\.[jt]s$/.test(file)) return []
  const text = readFileSync(path.join(root, file), 'utf8')
  const named = (pattern: RegExp, besideCommands: boolean) =>
    [...text.matchAll(pattern)]
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => besideCommands || !isCommand(file, specifier))
  return [...named(AT_ONCE, file.startsWith(COMMANDS)), ...named(LATER, false)]
}

function isCommand(file: string, specifier: string): boolean {
  return path.posix.join(path.posix.dirname(file), specifier).startsWith(COMMANDS)
}

/** `preact` of `preact`, `vitest` of `vitest/node`; no name for what comes with Node. */
function packageName(specifier: string): string | undefined {
  const name = /^(@[\w.-]+\/)?[a-z][\w.-]*(?=\/|$)/.exec(specifier)?.[0]
  return name !== undefined && existsSync(path.join(root, 'node_modules', name)) ? name : undefined
}

/** All files below a folder; level 3 serves one whose name begins with a dot. */
export function filesIn(folder: string): string[] {
  const at = path.join(root, folder)
  if (!existsSync(at)) return []
  return readdirSync(at, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .flatMap((entry) => {
      const file = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesIn(file) : entry.isFile() ? [file] : []
    })
}
