/**
 * Mutants of the reference: each is the finished server with one small change, made by a machine.
 *
 * Stryker's instrumenter says where and what; its runner is of no use to us, since our suites talk to a server in another
 * process. So a mutant is a submission like any other.
 */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root, UsageError } from '../../grader/course.ts'
import { levelNumbered } from '../../levels/register.ts'
import type { Edited } from '../../tests/kit/edited.ts'

/** The reference with one change. */
export interface Mutant {
  /** `level1/request-line.ts:34:12 EqualityOperator "a === b" -> "a !== b"`, unique in its level. */
  readonly id: string
  /** `level1/request-line.ts` */
  readonly file: string
  readonly line: number
  readonly column: number
  /** Stryker's name for the kind of change: `EqualityOperator`, `StringLiteral`, … */
  readonly mutator: string
  readonly original: string
  readonly replacement: string
  /** The changed file, whole. */
  readonly text: string
  /** Where in it the replacement begins, and ends. */
  readonly start: number
  readonly end: number
}

/** Tasks 1.7 and 3.10 are graded by what their cases catch: a list of cases, not a part of the server. */
export const CASES_MODULE = 'cases'
const NOT_MUTATED = new Set(['cases.ts', 'case.ts', 'not-implemented.ts'])

interface Position {
  readonly line: number
  readonly column: number
}

/** What the instrumenter tells of a mutant; lines and columns from 0. */
interface Generated {
  readonly fileName: string
  readonly mutatorName: string
  readonly location: { readonly start: Position; readonly end: Position }
  readonly replacement: string
}

interface Instrumenter {
  instrument(
    files: readonly { name: string; mutate: boolean; content: string }[],
    options: object,
  ): Promise<{ readonly mutants: readonly Generated[] }>
}

/** Every mutant of one level's own files, in the order of their places. */
export async function mutantsOf(level: number): Promise<Mutant[]> {
  const folder = path.join(root, 'solutions', `level${level}`)
  // What is handed out finished is no part of a submission that a test could judge.
  const given = levelNumbered(level)?.given ?? []
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.ts') && !NOT_MUTATED.has(name) && !given.includes(name),
  )
  const files = await Promise.all(
    names.map(async (name) => ({
      name: `level${level}/${name}`,
      mutate: true,
      content: await readFile(path.join(folder, name), 'utf8'),
    })),
  )
  const { mutants } = await (
    await instrumenter()
  ).instrument(files, { plugins: null, excludedMutations: [], ignorers: [] })
  const texts = new Map(files.map(({ name, content }) => [name, content]))
  return mutants.map((generated) => mutantOf(generated, texts.get(generated.fileName) ?? ''))
}

function mutantOf(generated: Generated, text: string): Mutant {
  const { fileName: file, mutatorName: mutator, location, replacement } = generated
  const [from, to] = [offsetOf(text, location.start), offsetOf(text, location.end)]
  const original = text.slice(from, to)
  const { line, column } = location.start
  return {
    id: `${file}:${line + 1}:${column + 1} ${mutator} ${short(original)} -> ${short(replacement)}`,
    file,
    line: line + 1,
    column: column + 1,
    mutator,
    original,
    replacement,
    text: text.slice(0, from) + replacement + text.slice(to),
    start: from,
    end: from + replacement.length,
  }
}

/** The mutant as a server that `writeEdited` writes: one file replaced as a whole. */
export function asEdited({ id, file, text }: Mutant, reference: string): Edited {
  return { name: id, what: id, edits: [{ file, find: reference, replace: text }] }
}

async function instrumenter(): Promise<Instrumenter> {
  const require = createRequire(path.join(root, 'tools/mutate/package.json'))
  let entry: string
  try {
    entry = require.resolve('@stryker-mutator/instrumenter')
  } catch {
    throw new UsageError(
      'The mutant generator is not installed. Run "npm ci --prefix tools/mutate" first.',
    )
  }
  const { Instrumenter } = (await import(entry)) as {
    readonly Instrumenter: new (logger: object) => Instrumenter
  }
  const silent = new Proxy({}, { get: () => () => false })
  return new Instrumenter(silent)
}

function offsetOf(text: string, { line, column }: Position): number {
  let offset = 0
  for (let passed = 0; passed < line; passed++) offset = text.indexOf('\n', offset) + 1
  return offset + column
}

/** One line, and not a long one. */
function short(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 57)}…` : line)
}
