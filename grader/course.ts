/** Where things are in this checkout, and what a learner may call them. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { levels, type Level, type Task } from '../levels/register.ts'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

/** A learner's edition has none in the clear. */
export const hasHiddenTests = existsSync(path.join(root, 'tests', 'hidden'))

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  readonly version: string
  readonly loadbearing?: { readonly given?: readonly number[] }
}

/** The version that stands in every result. */
export const courseVersion = manifest.version

/** Levels of the register that are here: a handout may have fewer. */
export const levelsHere: readonly Level[] = levels.filter(({ number }) =>
  existsSync(path.join(root, 'tests', 'public', `level${number}`)),
)

/** Levels that a handout has finished. */
export const givenLevels: readonly number[] = manifest.loadbearing?.given ?? []

/** This is a learner's edition: it lacks the reference, the hidden tests and the instructor's commands. */
export const isHandout = !existsSync(path.join(root, 'checks'))

/**
 * The reference: a folder that holds `level1`, `level2`, …
 *
 * @throws {UsageError} in a handout
 */
export function referenceFolder(): string {
  const folder = path.join(root, 'solutions')
  if (existsSync(folder)) return folder
  throw new UsageError(
    'This edition of the workbook comes without the reference, which --solution and --on-reference take.',
  )
}

/** Something said on the command line that we cannot do; told in a sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A level, or one task of it. */
export interface Target {
  readonly level: Level
  readonly tasks: readonly Task[]
}

/**
 * Reads `level1`, `1`, `1.3` or, for several tasks of a level, `1.1,1.2`.
 *
 * @throws {UsageError} naming the known ones
 */
export function readTarget(text: string): Target {
  const [first, ...others] = text
    .replace(/[\s,]+$/, '')
    .split(',')
    .map(readOne)
  if (first === undefined || others.length === 0) return readOne(text)
  if (others.some(({ level }) => level !== first.level)) {
    throw new UsageError(`The tasks "${text}" are of several levels. Grade one level at a time.`)
  }
  const named = new Set([first, ...others].flatMap(({ tasks }) => tasks))
  return { level: first.level, tasks: first.level.tasks.filter((task) => named.has(task)) }
}

/** What `readTarget` reads. */
export function nameOf({ level, tasks }: Target): string {
  if (tasks.length === level.tasks.length) return `level${level.number}`
  return tasks.map(({ id }) => id).join(',')
}

function readOne(text: string): Target {
  const match = /^(?:level)?[ -]?(\d+)(?:\.(\d+))?$/i.exec(text.trim())
  const level = levelsHere.find(({ number }) => number === Number(match?.[1]))
  if (match === null || level === undefined) {
    const known = levelsHere.map(({ number, title }) => `level${number} (${title})`).join(', ')
    throw new UsageError(
      `There is no level or task "${text}". The levels are: ${known}. A task is called like 1.3.`,
    )
  }
  if (match[2] === undefined) return { level, tasks: level.tasks }
  const task = level.tasks.find(({ id }) => id === `${match[1]}.${match[2]}`)
  if (task === undefined) {
    const known = level.tasks.map(({ id, title }) => `${id} (${title})`).join(', ')
    throw new UsageError(`Level ${level.number} has no task "${text}". Its tasks are: ${known}.`)
  }
  return { level, tasks: [task] }
}

/** Reads `1.3`. */
export function readTask(text: string): { readonly level: Level; readonly task: Task } {
  const { level, tasks } = readTarget(text)
  const [task] = tasks
  if (tasks.length !== 1 || task === undefined) {
    throw new UsageError(
      `Name a task, for instance ${level.tasks[0]?.id ?? '1.1'}: ${level.tasks.map(({ id, title }) => `${id} (${title})`).join(', ')}.`,
    )
  }
  return { level, task }
}

/** The file of a task's tests. */
export function testFile(suite: 'public' | 'hidden', level: Level, task: Task): string {
  return path.join(root, 'tests', suite, `level${level.number}`, `${task.module}.test.ts`)
}
