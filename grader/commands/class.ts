/** `npm run class -- submissions/ --level 3 --out reports/`: grades a class of strangers, and reports. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { strongSandboxMissing } from '../../harness/sandbox/detect.ts'
import { sandboxes, type SandboxName } from '../../harness/sandbox/sandbox.ts'
import {
  checkApart,
  checkGoesOn,
  checkSameClass,
  checkTogether,
  earlierFor,
  selected,
} from '../class/asked.ts'
import { benchClass, gradeClass, type ClassRun } from '../class/class.ts'
import { NoRoom } from '../class/grade-apart.ts'
import { holdFolder } from '../class/only-one.ts'
import { ClassJournal, faultsOf, type Round } from '../class/journal.ts'
import { isHandedIn } from '../class/handed-in.ts'
import { duration, Progress } from '../class/progress.ts'
import { listSubmissions, type Entry } from '../class/submissions.ts'
import { counted } from './export.ts'
import { courseVersion, readTarget, root, UsageError, type Target } from '../course.ts'
import { hasBench } from '../measure.ts'
import { publish } from '../report/publish.ts'
import { plain } from '../report/plain.ts'
import { readWeights } from '../report/weights.ts'
import { printable } from '../terminal/style.ts'

export interface ClassOptions {
  readonly level: string
  readonly out: string
  readonly only?: readonly string[]
  readonly regrade?: boolean
  readonly publish?: boolean
  readonly discard?: boolean
  readonly dryRun?: boolean
  readonly jobs?: number
  readonly seed?: number
  readonly onReference?: boolean
  readonly weights?: string
  readonly releaseDetails?: boolean
  readonly bench?: boolean
  /** `--no-sandbox` would read as a mere convenience. */
  readonly unsafeNoSandbox?: boolean
}

/** Most of a grading is waiting for servers to start and for time limits of theirs. */
const DEFAULT_JOBS = availableParallelism() + 1

/** Of those that a regrading changes, for each submission. */
const MOST_TESTS_SHOWN = 10

export async function classCommand(from: string, options: ClassOptions): Promise<void> {
  const target = readTarget(options.level)
  if (target.tasks.length < target.level.tasks.length)
    throw new UsageError('A class is graded by whole levels: --level 3.')
  checkTogether(options)
  checkApart(from, options.out)
  const all = await listSubmissions(from)
  const entries = selected(all, from, options)
  const file = path.join(path.resolve(options.out), 'class.sqlite')
  if ((options.publish || options.discard) && !options.regrade && !existsSync(file))
    throw new UsageError(`Nothing is graded in ${options.out} yet: it holds no class.sqlite.`)
  // To look at what would be done leaves nothing behind.
  const letGo = options.dryRun ? () => undefined : holdFolder(path.resolve(options.out))
  let journal: ClassJournal | undefined
  try {
    journal = new ClassJournal(options.dryRun && !existsSync(file) ? ':memory:' : file)
    if (options.publish && !options.regrade) return await publishLast(journal, options)
    if (options.discard) return discardLast(journal)
    checkSameClass(journal, all, options)
    await gradeAndReport(journal, target, entries, options)
  } catch (error) {
    if (!(error instanceof NoRoom)) throw error
    process.stderr.write(
      `${error.message} Everything that was graded is in the journal: make room, and give the same command again.\n`,
    )
    process.exitCode = 3
  } finally {
    journal?.close()
    letGo()
  }
}

async function gradeAndReport(
  journal: ClassJournal,
  target: Target,
  entries: readonly Entry[],
  options: ClassOptions,
): Promise<void> {
  const sandbox = await sandboxFor(options)
  const last = journal.lastRound()
  if (last !== undefined && last.level !== target.level.number) {
    throw new UsageError(
      `${journal.file} is the journal of level ${last.level}. Name another folder with --out for level ${target.level.number}.`,
    )
  }
  const isNew = last === undefined || (options.regrade === true && last.published)
  if (!isNew) checkGoesOn(last, options)
  const graded = isNew
    ? new Set<string>()
    : options.regrade
      ? journal.gradedIn(last)
      : journal.gradedUpTo(last)
  const todo = entries.filter(({ id }) => !graded.has(id))
  say(
    `${entries.length} ${entries.length === 1 ? 'submission' : 'submissions'}, level ${target.level.number}, ${sandboxes[sandbox].describe()}.`,
    ...(todo.length === entries.length
      ? []
      : [`${entries.length - todo.length} are graded already.`]),
  )
  if (options.dryRun) return await dryRun(todo, isNew)
  const round = isNew ? begin(journal, target, last, options) : last
  if (!(await work({ journal, round, target, sandbox, entries, todo, options }))) return
  await finish(journal, round, options)
}

async function dryRun(todo: readonly Entry[], isNew: boolean): Promise<void> {
  say(`This would grade ${todo.length}${isNew ? ', in a new round' : ''}:`)
  for (const { id, name, path: where } of todo) {
    const nothing = (await isHandedIn(where)) ? '' : '  (nothing handed in)'
    say(`  ${plain(id)}${name === id ? '' : ` (${plain(name)})`}  ${printable(where)}${nothing}`)
  }
}

/** The same seed as before, so that a difference is the submission's, or the course's. */
function begin(
  journal: ClassJournal,
  target: Target,
  last: Round | undefined,
  options: ClassOptions,
): Round {
  return journal.begin({
    level: target.level.number,
    suites: 'public,hidden',
    seed: options.seed ?? last?.seed ?? Math.floor(Math.random() * 1e9),
    course: courseVersion,
    earlier: earlierFor(options),
  })
}

interface Work {
  readonly journal: ClassJournal
  readonly round: Round
  readonly target: Target
  readonly sandbox: SandboxName
  /** All that were asked for, and those of them that are not graded yet. */
  readonly entries: readonly Entry[]
  readonly todo: readonly Entry[]
  readonly options: ClassOptions
}

/** @returns whether it came to its end; Ctrl-C stops it, and the same command goes on */
async function work(work: Work): Promise<boolean> {
  const { journal, round, target, sandbox, entries, options } = work
  const stop = new AbortController()
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const run = {
    journal,
    round,
    target,
    sandbox,
    entries,
    earlier: options.onReference ? path.join(root, 'solutions') : undefined,
    jobs: options.jobs ?? DEFAULT_JOBS,
    signal: stop.signal,
  }
  try {
    await testAll(work, run)
    if (options.bench !== false && hasBench(target)) await benchAll(run)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  if (!stop.signal.aborted) return true
  say('Stopped. Everything that was graded is in the journal; the same command goes on.')
  process.exitCode = 130
  return false
}

async function testAll({ todo }: Work, run: Omit<ClassRun, 'onGraded'>): Promise<void> {
  if (todo.length === 0) return
  const progress = new Progress(process.stdout, todo.length)
  const startedAt = Date.now()
  let faults = 0
  try {
    await gradeClass({
      ...run,
      entries: todo,
      onGraded(entry, result, durationMs) {
        if (faultsOf(result) > 0) faults++
        progress.graded(entry.id, result, durationMs)
      },
    })
  } finally {
    progress.end()
  }
  if (run.signal.aborted) return
  say(`Graded ${todo.length} in ${duration(Date.now() - startedAt)}.`)
  if (faults === 0) return
  say(
    `${faults} of them met a fault of the grader, which costs nobody anything: give the same command again to grade them anew.`,
  )
  process.exitCode = 3
}

async function benchAll(run: Omit<ClassRun, 'onGraded'>): Promise<void> {
  if (run.signal.aborted) return
  await benchClass({ ...run, onGraded: () => undefined }, (id, problem) =>
    say(
      `measured ${plain(id)}${problem === undefined ? '' : `: no figures (${printable(problem)})`}`,
    ),
  )
}

async function finish(journal: ClassJournal, round: Round, options: ClassOptions): Promise<void> {
  const isFirst = round.number === 1 || round.published
  if (!isFirst) {
    const count = showDifferences(journal, round)
    if (count === 0) say('Regrading changes no test and no score: nothing is left to decide.')
    else if (!options.publish) {
      say(
        `${count} would change. Nothing is published yet: the same command with --publish (without --regrade and --only) makes this count, with --discard forgets it.`,
      )
      return
    }
  }
  if (options.only !== undefined && isFirst && !round.published) {
    say('Only a part of the class is graded: nothing is published yet.')
    return
  }
  if (!round.published) journal.publish(round)
  await report(journal, options)
}

function showDifferences(journal: ClassJournal, round: Round): number {
  let count = 0
  for (const { id, before, after, tests } of journal.differences(round)) {
    count++
    say(`  ${plain(id)}: ${before === after ? before : `${before} → ${after}`}`)
    for (const test of tests.slice(0, MOST_TESTS_SHOWN)) say(`      ${test}`)
    if (tests.length > MOST_TESTS_SHOWN)
      say(`      and ${tests.length - MOST_TESTS_SHOWN} more tests`)
  }
  return count
}

async function publishLast(journal: ClassJournal, options: ClassOptions): Promise<void> {
  const last = journal.lastRound()
  if (last === undefined) throw new UsageError('Nothing is graded yet.')
  if (!last.published) {
    showDifferences(journal, last)
    journal.publish(last)
    say('Published.')
  } else say('Nothing was waiting to be published. The pages are written again:')
  await report(journal, options)
}

function discardLast(journal: ClassJournal): void {
  const last = journal.lastRound()
  if (last === undefined || last.published || last.number === 1)
    throw new UsageError('There is no regrading that was not published.')
  journal.discard(last)
  say('Forgotten.')
}

async function report(
  journal: ClassJournal,
  { out, weights, releaseDetails = false }: ClassOptions,
): Promise<void> {
  const shares = weights === undefined ? new Map<string, number>() : readWeights(weights)
  try {
    const { rows } = await publish(counted(journal.graded(), shares), path.resolve(out), {
      releaseDetails,
    })
    say(`${rows.length} ${rows.length === 1 ? 'page' : 'pages'}: ${path.join(out, 'index.html')}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    process.stderr.write(
      `The pages cannot be written to ${out} (${code}, ${message}). The gradings are in the journal; the same command writes the pages again.\n`,
    )
    process.exitCode = 3
  }
}

/** @throws {UsageError} without a strong sandbox, unless that was asked for in so many words */
async function sandboxFor({ unsafeNoSandbox }: ClassOptions): Promise<SandboxName> {
  if (unsafeNoSandbox) {
    process.stderr.write(
      'Without a strong sandbox, a submission can read the hidden tests and write what it likes, also into the grades of others. This stands in every result.\n',
    )
    return 'default'
  }
  const missing = await strongSandboxMissing()
  if (missing === undefined) return 'strong'
  throw new UsageError(
    `Submissions of strangers are graded in a strong sandbox only. ${missing.reason} ${missing.remedy} If you trust everybody who handed in: --unsafe-no-sandbox.`,
  )
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
