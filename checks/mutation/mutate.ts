/**
 * `npm run mutate -- level3`: how many small changes of the reference do the suites notice?
 *
 * Every finding is kept as it falls (findings.ts), so that a run that was stopped goes on where it was.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { readTarget, root } from '../../grader/course.ts'
import { writeFile } from '../../grader/journal.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { writeEdited } from '../../tests/kit/edited.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { Random } from '../../tests/kit/random.ts'
import { reasonToSurvive } from './equivalent.ts'
import { Findings } from './findings.ts'
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
  const chosen = doubtfulFirst(choose(all, options))
  const findings = new Findings(path.join(import.meta.dirname, 'findings', `level${level.number}`))
  const judged: Judged[] = []
  await inLanes(options.jobs ?? availableParallelism() + 1, chosen, async (mutant) => {
    const finding =
      known(findings, mutant) ??
      (await inFolder(mutant, level.number, (from) =>
        judge({ level: level.number, from, seed: 1, first: likely(mutant, judged) }),
      ))
    findings.keep(mutant, finding)
    judged.push({ mutant, finding })
    process.stdout.write(`${judged.length} of ${chosen.length}  ${told(finding)}  ${mutant.id}\n`)
  })
  const file = path.join(folder, `level${level.number}.md`)
  const page = report(level.number, judged, all.length)
  writeFile(file, page)
  process.stdout.write(`\n${page}\nReport: ${path.relative(process.cwd(), file)}\n`)
  process.exitCode = strengthOf(judged) >= GOAL ? 0 : 1
}

/** What is known of a mutant already. One that survived for no reason may be noticed by a test that is new. */
function known(findings: Findings, mutant: Mutant): Finding | undefined {
  const finding = findings.find(mutant)
  const isOpen = finding?.outcome === 'survived' && reasonToSurvive(mutant) === undefined
  return isOpen ? undefined : finding
}

/** So many lines away, a change is still one of the same thing. */
const NEAR_LINES = 12

/** The tests that noticed the nearest changes of the same file, then those that noticed most of its changes. */
function likely({ file, line }: Mutant, judged: readonly Judged[]): string[] {
  const noticed = judged.flatMap(({ mutant, finding }) =>
    mutant.file === file && finding.outcome === 'killed' && finding.title !== ''
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
  const drawn = new Set(
    some
      .map((mutant) => ({ mutant, place: random.integer(0, 2 ** 40) }))
      .toSorted((a, b) => a.place - b.place)
      .slice(0, sample)
      .map(({ mutant }) => mutant),
  )
  // In the order of their places: each tells which tests may notice the next.
  return some.filter((mutant) => drawn.has(mutant))
}

/** One with a reason to survive takes all tests there are, and tells least. */
function doubtfulFirst(mutants: readonly Mutant[]): Mutant[] {
  const isExplained = (mutant: Mutant) => Number(reasonToSurvive(mutant) !== undefined)
  return mutants.toSorted((a, b) => isExplained(a) - isExplained(b))
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
