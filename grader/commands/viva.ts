/** `npm run viva -- submissions/anna.zip --level 3`: six questions for a talk of ten minutes. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { SubmissionFault } from '../../harness/faults.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { strongSandboxMissing } from '../../harness/sandbox/detect.ts'
import { gradeApart } from '../class/grade-apart.ts'
import { statusOf } from '../class/submissions.ts'
import { takeInApart } from '../class/take-in-apart.ts'
import { nameOf, readTarget, UsageError, type Target } from '../course.ts'
import { digestOf } from '../digest.ts'
import { cannotRead } from '../file-refused.ts'
import { Result } from '../result.ts'
import { printable, wrap } from '../terminal/style.ts'
import { questionsFor, type Asked } from '../viva/viva.ts'

/** The public tests of a correct level 3 take some twenty seconds. */
const LIMIT_MS = 5 * 60_000

export interface VivaCommandOptions {
  readonly level: string
  /** The `result.json` of a grading. */
  readonly result?: string
  readonly seed?: number
}

export async function viva(submission: string, options: VivaCommandOptions): Promise<void> {
  const target = readTarget(options.level)
  const seed = options.seed ?? 1
  const known = options.result === undefined ? undefined : readResult(options.result, target)
  await statusOf(submission)
  const folder = await temporaryFolder()
  try {
    const { folder: copy, files } = await takeInApart({
      from: path.resolve(submission),
      isPacked: true,
      level: target.level.number,
      folder,
    })
    const names = files.filter((name) => name.startsWith(`level${target.level.number}/`))
    const sources = await Promise.all(
      names.map(async (name) => ({ name, text: await readFile(path.join(copy, name), 'utf8') })),
    )
    const digest = await digestOf({ folder: copy, files }, target.level.number)
    if (known !== undefined) mustBeAbout(known, submission, digest)
    const result = known?.result ?? (await graded(copy, target, seed))
    const asked = questionsFor({ level: target.level, sources, result, seed })
    process.stdout.write(sheet(path.basename(submission), target, asked, seed))
  } catch (error) {
    if (!(error instanceof SubmissionFault)) throw error
    process.stderr.write(`No questions: ${printable(error.message)}\n`)
    process.exitCode = 1
  } finally {
    await removeFolder(folder)
  }
}

/** A result, and where it was read. */
interface Known {
  readonly file: string
  readonly result: Result
}

function readResult(file: string, { level }: Target): Known {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw cannotRead(file, error, 'After --result stands the result.json of npm run grade.')
  }
  const parsed = Result.safeParse(parseJson(text))
  if (!parsed.success)
    throw new UsageError(
      `${file} is no result of a grading: npm run grade writes one, result.json.`,
    )
  if (parsed.data.level !== level.number)
    throw new UsageError(
      `${file} is about level ${parsed.data.level}, not ${level.number}: name a result of level ${level.number}, or ask with --level ${parsed.data.level}.`,
    )
  return { file, result: parsed.data }
}

/**
 * Somebody else's failures are no questions for this one, nor are those of files that have changed since.
 *
 * @throws {UsageError} unless the same files were graded
 */
function mustBeAbout({ file, result }: Known, submission: string, digest: string): void {
  const whose = printable(result.submission)
  if (result.digest === undefined)
    process.stderr.write(
      `${file} is a result of ${whose}; it does not tell which files were graded, so make sure that they are those of ${submission}.\n\n`,
    )
  else if (result.digest !== digest)
    throw new UsageError(
      `${file} is a result of ${whose}, and other files were graded than those in ${submission}: name the result of this submission, or leave out --result.`,
    )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Grades with the public tests, where a stranger's code can be run; elsewhere the code alone must do. */
async function graded(from: string, target: Target, seed: number): Promise<Result | undefined> {
  const missing = await strongSandboxMissing()
  if (missing !== undefined) {
    process.stderr.write(
      `The questions are about the code only: ${printable(missing.reason)} Name the result of a grading with --result to have questions about what it did.\n\n`,
    )
    return undefined
  }
  process.stderr.write('Grading with the public tests …\n')
  return await gradeApart({
    target: nameOf(target),
    grading: { target, from, sandbox: 'strong', suites: ['public'], seed },
    limitMs: LIMIT_MS,
  })
}

function sheet(name: string, { level }: Target, asked: readonly Asked[], seed: number): string {
  const heading = `Viva: ${printable(name)}, level ${level.number} — ${level.title} (${asked.length} questions, ten minutes, seed ${seed})`
  return `${[heading, ...asked.map(question)].join('\n\n')}\n`
}

function question({ task, ask, place, good }: Asked, index: number): string {
  const at =
    place === undefined
      ? []
      : [`   ${printable(place.file)}, line ${place.line}: ${printable(place.text).slice(0, 100)}`]
  return [
    `${index + 1}. Task ${task.id} — ${task.title}`,
    ...at,
    `   ${wrap(ask, 3)}`,
    '   A good answer:',
    ...good.map((each) => `   - ${wrap(each, 5)}`),
    ...(task.sections.length === 0 ? [] : [`   To look up: ${task.sections.join(', ')}`]),
  ].join('\n')
}
