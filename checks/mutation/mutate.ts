/**
 * `npm run mutate -- level3`: how many small changes of the reference do the suites notice?
 *
 * Every finding is kept as it falls, so that a run that was stopped goes on where it was. A finding is for this reference:
 * when the changed file's text is another one, its mutants are tried again.
 */
import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { readTarget, root } from '../../grader/course.ts'
import { writeFile } from '../../grader/journal.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { Random } from '../../tests/kit/random.ts'
import { asEdited, mutantsOf, type Mutant } from './mutants.ts'
import { report, strengthOf, type Judged } from './report.ts'
import { judge, type Finding } from './trial.ts'

export interface MutateOptions {
  /** Tries so many, drawn at random. */
  readonly sample?: number
  /** Tries only the mutants of this file: `request-line.ts`. */
  readonly file?: string
  readonly seed?: number
  /** So many at a time. */
  readonly jobs?: number
}

/** What the suites must notice of the mutants that make a difference. */
const GOAL = 0.95

const folder = path.join(root, '.loadbearing', 'mutation')

export async function mutate(text: string, options: MutateOptions): Promise<void> {
  const { level } = readTarget(text)
  const all = await mutantsOf(level.number)
  const chosen = choose(all, options)
  const notes = new Notes(path.join(folder, `level${level.number}.jsonl`))
  const judged: Judged[] = []
  await inLanes(options.jobs ?? availableParallelism() + 1, chosen, async (mutant) => {
    const finding =
      notes.find(mutant) ??
      (await inFolder(mutant, level.number, (from) =>
        judge({ level: level.number, from, seed: 1, first: likely(mutant, judged) }),
      ))
    notes.keep(mutant, finding)
    judged.push({ mutant, finding })
    process.stdout.write(`${judged.length} of ${chosen.length}  ${told(finding)}  ${mutant.id}\n`)
  })
  const file = path.join(folder, `level${level.number}.md`)
  const page = report(level.number, judged, all.length)
  writeFile(file, page)
  process.stdout.write(`\n${page}\nReport: ${path.relative(process.cwd(), file)}\n`)
  process.exitCode = strengthOf(judged) >= GOAL ? 0 : 1
}

/** So many lines away, a change is still one of the same thing. */
const NEAR_LINES = 12

/** The tests that noticed the nearest changes of the same file, then those that noticed most of its changes. */
function likely({ file, line }: Mutant, judged: readonly Judged[]): string[] {
  const noticed = judged.flatMap(({ mutant, finding }) =>
    mutant.file === file && finding.outcome === 'killed'
      ? [{ title: finding.title, distance: Math.abs(mutant.line - line) }]
      : [],
  )
  const times = new Map<string, number>()
  for (const { title } of noticed) times.set(title, (times.get(title) ?? 0) + 1)
  const near = noticed
    .filter(({ distance }) => distance <= NEAR_LINES)
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ title }) => title)
  const often = [...times].toSorted(([, a], [, b]) => b - a).map(([title]) => title)
  return [...new Set([...near, ...often])]
}

function choose(all: readonly Mutant[], { sample, file, seed = 1 }: MutateOptions): Mutant[] {
  const random = new Random(seed, 'mutants')
  const some = all.filter((mutant) => file === undefined || path.basename(mutant.file) === file)
  if (sample === undefined) return some
  return some
    .map((mutant) => ({ mutant, place: random.integer(0, 2 ** 40) }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, sample)
    .map(({ mutant }) => mutant)
}

async function inFolder<T>(
  mutant: Mutant,
  level: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const into = await temporaryFolder()
  try {
    const reference = readFileSync(path.join(root, 'solutions', mutant.file), 'utf8')
    await writeEdited(asEdited(mutant, reference), level, into)
    return await work(into)
  } finally {
    await removeFolder(into)
  }
}

/** Findings of earlier runs, one line of JSON each. */
class Notes {
  readonly #file: string
  readonly #known = new Map<string, Finding>()

  constructor(file: string) {
    this.#file = file
    mkdirSync(path.dirname(file), { recursive: true })
    for (const line of readLines(file)) {
      const { key, finding } = JSON.parse(line) as { key: string; finding: Finding }
      this.#known.set(key, finding)
    }
  }

  find(mutant: Mutant): Finding | undefined {
    return this.#known.get(keyOf(mutant))
  }

  keep(mutant: Mutant, finding: Finding): void {
    const key = keyOf(mutant)
    if (this.#known.has(key) || finding.outcome === 'fault') return
    this.#known.set(key, finding)
    appendFileSync(this.#file, `${JSON.stringify({ key, id: mutant.id, finding })}\n`)
  }
}

function keyOf({ file, text }: Mutant): string {
  return createHash('sha256').update(`${file}\n${text}`).digest('hex').slice(0, 24)
}

function readLines(file: string): string[] {
  try {
    // A run that was killed may have left half a line.
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch {
    return []
  }
}

function told(finding: Finding): string {
  switch (finding.outcome) {
    case 'killed':
      return `killed (${finding.suite}, ${finding.task})`
    case 'fault':
      return `fault: ${finding.reason}`
    default:
      return finding.outcome
  }
}
