/**
 * `npm run export -- <format> <source>`: a class, or one result, as others read it.
 *
 * What is made of hidden tests is decided by the feedback policy alone (`grader/report/feedback.ts`).
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Graded } from '../class/graded.ts'
import { ClassJournal } from '../class/journal.ts'
import { readTarget, root, UsageError } from '../course.ts'
import { printPieces, writePieces, type Pieces } from '../export/files.ts'
import { cannotRead } from '../file-refused.ts'
import { told, type Feedback } from '../report/feedback.ts'
import { plain } from '../report/plain.ts'
import { readWeights, weighted, type Weights } from '../report/weights.ts'
import { Result } from '../result.ts'

export interface ExportOptions {
  readonly level?: string
  readonly out?: string
  readonly releaseDetails?: boolean
  readonly weights?: string
  readonly gradebook?: string
  readonly assignment?: string
  readonly outOf?: number
  readonly onReference?: boolean
}

type Option = keyof ExportOptions

interface Format {
  readonly what: string
  /** The options that it knows, made from results and for a level. */
  readonly options?: readonly Option[]
  readonly levelOptions?: readonly Option[]
  /** From a class, or from the one result of `npm run grade`. */
  readonly ofResults?: (
    class_: Iterable<Graded>,
    options: ExportOptions & Feedback,
  ) => Promise<Pieces>
  /** For `--level`: what a grading system needs before there are results. */
  readonly ofLevel?: (level: string, options: ExportOptions) => Promise<void>
}

const formats: Readonly<Record<string, Format>> = {
  pages: {
    what: 'the pages of a class, its index and grades.csv, into the folder --out',
    options: ['releaseDetails'],
    ofResults: async (class_, options) => {
      const { publish } = await import('../report/publish.ts')
      const out = path.resolve(options.out ?? 'published')
      const { rows } = await publish(class_, out, options)
      process.stderr.write(
        `${rows.length} ${rows.length === 1 ? 'page' : 'pages'}: ${path.relative(process.cwd(), out)}/index.html\n`,
      )
      return []
    },
  },
  csv: {
    what: 'a row a learner, for a spreadsheet',
    ofResults: async (class_) => (await import('../export/csv.ts')).gradesCsv(class_),
  },
  canvas: {
    what: 'a CSV for Canvas (--gradebook exported.csv, --assignment "Level 3 (4711)", --out-of 100)',
    options: ['gradebook', 'assignment', 'outOf'],
    ofResults: async (class_, options) => {
      const { canvasCsv } = await import('../export/canvas.ts')
      const { gradebook, assignment, outOf } = options
      return canvasCsv(class_, {
        ...(assignment === undefined ? {} : { assignment }),
        ...(outOf === undefined ? {} : { outOf }),
        ...(gradebook === undefined ? {} : { gradebook: readText(gradebook, GRADEBOOK) }),
        onLeftOut: (id) =>
          process.stderr.write(
            `Left out, since the grade book has no such learner: ${plain(id)}\n`,
          ),
        onNewColumn: (heading, known) =>
          process.stderr.write(
            `The grade book has no column "${plain(heading)}": Canvas would make a new assignment of it.${
              known.length === 0
                ? ''
                : ` --assignment names one that is there: ${known.map((name) => `"${plain(name)}"`).join(', ')}.`
            }\n`,
          ),
      })
    },
  },
  junit: {
    what: 'JUnit XML',
    options: ['releaseDetails'],
    ofResults: async (class_, options) =>
      (await import('../export/junit.ts')).junitXml(class_, options),
  },
  gradescope: {
    what: 'results.json of Gradescope; with --level 3 the autograder, a zip',
    options: ['releaseDetails'],
    levelOptions: ['releaseDetails', 'onReference'],
    ofResults: async (class_, options) => {
      const { gradescopeResults } = await import('../export/gradescope.ts')
      const results = gradescopeResults(onlyOne(class_, 'gradescope'), options)
      if (results === null) {
        process.exitCode = 3
        throw new UsageError(
          'Nothing could be judged, by a fault of the grader: no results are better than a zero.',
        )
      }
      return [`${JSON.stringify(results, null, 2)}\n`]
    },
    ofLevel: async (
      text,
      { out = 'autograder.zip', onReference = false, releaseDetails = false },
    ) => {
      const { writeAutograder } = await import('../export/autograder.ts')
      await writeAutograder(path.resolve(out), readTarget(text).level, {
        onReference,
        releaseDetails,
      })
      process.stderr.write(`${out}\n`)
    },
  },
  classroom: {
    what: 'the output of a step for GitHub Classroom; with --level 3 its workflow, into the folder --out',
    options: ['releaseDetails'],
    ofResults: async (class_, options) => {
      const { classroomOutput } = await import('../export/classroom-step.ts')
      return [classroomOutput(told(onlyOne(class_, 'classroom'), options))]
    },
    ofLevel: async (text, { out }) => {
      const { classroomFiles } = await import('../export/classroom.ts')
      const folder = path.resolve(out ?? '.')
      for (const [name, content] of Object.entries(classroomFiles(readTarget(text).level))) {
        await writePieces(path.join(folder, name), [content])
        process.stderr.write(`${path.join(out ?? '.', name)}\n`)
      }
    },
  },
}

export async function exportCommand(
  name: string,
  source: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const format = formats[name]
  if (format === undefined) {
    const known = Object.entries(formats).map(
      ([format, { what }]) => `  ${format.padEnd(11)} ${what}`,
    )
    throw new UsageError(`There is no format "${name}". There are:\n${known.join('\n')}`)
  }
  if (options.level !== undefined) {
    if (format.ofLevel === undefined)
      throw new UsageError(`"${name}" is made from results, not for a level: leave --level away.`)
    if (source !== undefined)
      throw new UsageError(
        `"${name}" is made from results or for a level: leave ${source} or --level away.`,
      )
    refuseUnknown(name, ['level', 'out', ...(format.levelOptions ?? [])], options)
    await format.ofLevel(options.level, options)
    return
  }
  if (source === undefined || format.ofResults === undefined)
    throw new UsageError(
      `Export what? Name the folder that npm run class wrote, or a result.json: npm run export -- ${name} reports/`,
    )
  refuseUnknown(name, ['out', 'weights', ...(format.options ?? [])], options)
  const weights =
    options.weights === undefined ? new Map<string, number>() : readWeights(options.weights)
  const pieces = await format.ofResults(counted(gradedFrom(source), weights), options)
  if (name === 'pages') return
  if (options.out === undefined) await printPieces(pieces)
  else await writePieces(path.resolve(options.out), pieces)
}

const FLAGS: Readonly<Record<Option, string>> = {
  level: '--level',
  out: '--out',
  releaseDetails: '--release-details',
  weights: '--weights',
  gradebook: '--gradebook',
  assignment: '--assignment',
  outOf: '--out-of',
  onReference: '--on-reference',
}

/** @throws {UsageError} for options without an effect: whoever gave them would believe in one */
function refuseUnknown(name: string, known: readonly Option[], options: ExportOptions): void {
  const unknown = (Object.keys(FLAGS) as Option[]).filter(
    (option) => options[option] !== undefined && !known.includes(option),
  )
  if (unknown.length === 0) return
  const flags = unknown.map((option) => FLAGS[option]).join(' and ')
  throw new UsageError(
    `${flags} would change nothing in "${name}"${options.level === undefined ? '' : ' for a level'}: leave ${unknown.length === 1 ? 'it' : 'them'} away.`,
  )
}

export function* counted(class_: Iterable<Graded>, weights: Weights): Iterable<Graded> {
  for (const { result, ...learner } of class_)
    yield { ...learner, result: weighted(result, weights) }
}

/** What a class folder or one `result.json` holds. */
function gradedFrom(source: string): Iterable<Graded> {
  const file = path.resolve(source)
  if (!existsSync(file)) throw new UsageError(`There is no ${source}.`)
  if (statSync(file).isDirectory()) return classIn(source)
  const parsed = Result.safeParse(readJson(source))
  if (!parsed.success)
    throw new UsageError(
      `${source} is not a result of the grader: name a result.json that npm run grade wrote, or the folder of npm run class.`,
    )
  const name = calledAfter(parsed.data.submission)
  return [{ id: name, name, result: parsed.data }]
}

/** `../submissions/ada` is the submission of ada, and so is its folder `levels`; a path says nothing to a learner. */
function calledAfter(folder: string): string {
  const whole = path.resolve(root, folder)
  const name = path.basename(whole)
  return name === 'levels' && folder !== name ? path.basename(path.dirname(whole)) : name
}

/** The gradings that count, of the journal that `npm run class` keeps in its folder. */
function* classIn(source: string): Iterable<Graded> {
  const file = path.join(source, 'class.sqlite')
  if (!existsSync(file)) throw new UsageError(`${source} holds no graded class.`)
  const journal = new ClassJournal(file, { readOnly: true })
  try {
    let count = 0
    for (const graded of journal.graded()) {
      count++
      yield graded
    }
    if (count === 0)
      throw new UsageError(
        `Nothing in ${source} is published yet: the same npm run class goes on with it, and publishes when all are graded.`,
      )
  } finally {
    journal.close()
  }
}

function onlyOne(class_: Iterable<Graded>, format: string): Result {
  const [first, second] = [...class_]
  if (first === undefined || second !== undefined)
    throw new UsageError(`"${format}" is made from one result: name a result.json.`)
  return first.result
}

function readJson(source: string): unknown {
  try {
    return JSON.parse(readText(source, RESULT))
  } catch (error) {
    if (error instanceof UsageError) throw error
    return undefined
  }
}

const GRADEBOOK =
  'After --gradebook stands the grade book that Canvas exported (Gradebook, Export).'
const RESULT = 'Name a result.json of npm run grade, or the folder of npm run class.'

function readText(source: string, remedy: string): string {
  try {
    return readFileSync(path.resolve(source), 'utf8')
  } catch (error) {
    throw cannotRead(source, error, remedy)
  }
}
