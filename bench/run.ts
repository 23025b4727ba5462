/** Measures a level: starts both servers, runs its scenarios, and writes down what was found out. */
import { loadavg } from 'node:os'
import type { Build } from '../harness/build.ts'
import { SubmissionFault } from '../harness/faults.ts'
import { machine } from '../harness/machine.ts'
import { removeFolder, temporaryFolder } from '../harness/reaper.ts'
import { sandboxes } from '../harness/sandbox/sandbox.ts'
import type { Level } from '../levels/register.ts'
import { probesAfterTheLoad } from './after.ts'
import { Bench } from './bench.ts'
import { Contender } from './contender.ts'
import { level1 } from './level1.ts'
import { level2 } from './level2.ts'
import { level3, level3Settings, makeFiles } from './level3.ts'
import { generatorName, LoadGenerator, LoadProblem } from './load/generator.ts'
import type { LoadName } from './load/job.ts'
import { placement, placementInWords } from './placement.ts'
import { randomFrom } from './random.ts'
import type { BenchRecord, TargetRecord, Void } from './record.ts'
import { targetsOf, type Target } from './targets.ts'
import { CONFIDENCE } from './verdict.ts'

export interface BenchRun {
  readonly level: Level
  /** How the submission is called in the record. */
  readonly submission: string
  readonly build: Build
  /** Runs beside it; none where the checkout has no solutions. */
  readonly reference: Build | undefined
  readonly seed: number
  readonly quick?: boolean
  /** Who makes the load on persistent connections [autocannon]. */
  readonly load?: LoadName
  /** Held to these targets [those of the level]. */
  readonly targets?: Readonly<Record<string, Target>>
  /** Called with the record so far, after each scenario. */
  readonly onProgress?: (record: BenchRecord) => void
  readonly signal?: AbortSignal
}

/** The levels that have a bench. */
export const benchedLevels = [1, 2, 3] as const

/**
 * Measures a submission beside the reference. Whatever the submission does, a record comes back.
 *
 * @throws {LoadProblem} when there is no load generator
 */
export async function runBench(run: BenchRun): Promise<BenchRecord> {
  const writer = new Writer(run)
  const folder = await temporaryFolder()
  const load = new LoadGenerator(run.signal)
  const contenders: Contender[] = []
  try {
    const files = await makeFiles(randomFrom(run.seed, 'files'), folder)
    const start = async (name: Contender['name'], build: Build) => {
      const environment =
        run.level.number < 3 ? {} : { ...level3Settings, STATIC_ROOT: files.folder }
      const contender = await Contender.start(name, build, environment, { read: [files.folder] })
      contenders.push(contender)
      return contender
    }
    const notReady = (error: unknown) => {
      // Nobody else's fault: the absolute numbers are still there.
      if (!(error instanceof SubmissionFault)) throw error
      writer.note(
        `The reference did not start, and there is nothing to compare with: ${error.message}`,
      )
      return undefined
    }
    const submission = await start('submission', run.build)
    const reference = run.reference && (await start('reference', run.reference).catch(notReady))
    const bench = new Bench({
      submission,
      reference,
      load,
      placement: writer.placement,
      targets: writer.goals,
      seed: run.seed,
      quick: run.quick ?? false,
      by: run.load ?? 'autocannon',
      signal: run.signal,
      onProgress: () => run.onProgress?.(writer.record(bench, false)),
    })
    writer.bench = bench
    if (run.level.number === 1) await level1(bench)
    else if (run.level.number === 2) await level2(bench)
    else await level3(bench, files)
    if (bench.void === null) {
      const random = randomFrom(run.seed, 'after the load')
      writer.takeAfter(await probesAfterTheLoad(submission.address, run.level.number, random))
    }
  } catch (error) {
    writer.takeProblem(error)
  } finally {
    await Promise.all([load.stop(), ...contenders.map((each) => each.stop())])
    await removeFolder(folder)
  }
  return writer.record(writer.bench, true)
}

const VERIFIED =
  'Verified: status and length of every response, and all of its content up to 1 KB (of files the beginning, middle and end).'
const SAMPLED =
  'wrk cannot look at content: of its own responses the status is verified, and fifty times a second a request of the same kind is sent beside it. What wrk does not send:'

/** Makes the record from what is known at any moment. */
class Writer {
  readonly #run: BenchRun
  readonly #startedAt = new Date()
  readonly #machine = { ...machine(), loadAverage: loadavg()[0] ?? 0 }
  readonly #generator: string
  readonly placement = placement()
  readonly goals: Readonly<Record<string, Target>>
  bench: Bench | undefined
  #afterTheLoad: readonly string[] = []
  #void: Void | null = null
  readonly #notes: string[] = []

  constructor(run: BenchRun) {
    this.#run = run
    this.goals = run.targets ?? targetsOf(run.level.number)
    this.#generator = generatorName(run.load ?? 'autocannon')
  }

  note(sentence: string): void {
    this.#notes.push(sentence)
  }

  takeAfter(complaints: readonly string[]): void {
    this.#afterTheLoad = complaints
    const [first] = complaints
    if (first !== undefined) {
      this.#void = { code: 'wrong-answers', message: `After the load, ${first}` }
    }
  }

  /** Why the run ended early, if that is no fault of ours. */
  takeProblem(error: unknown): void {
    if (this.#run.signal?.aborted) {
      const message = 'The run was interrupted; what was measured before stands.'
      this.#void = { code: 'interrupted', message }
    } else if (error instanceof SubmissionFault) {
      this.#void = { code: 'not-ready', message: error.message }
    } else if (error instanceof LoadProblem) {
      this.bench?.notes.push(`The load could not be made: ${error.message}.`)
      this.#void = { code: 'interrupted', message: `The load could not be made: ${error.message}.` }
    } else throw error
  }

  record(bench: Bench | undefined, ended: boolean): BenchRecord {
    const { level, submission, build, seed, quick = false, load, signal } = this.#run
    const reason = this.#void ?? bench?.void ?? null
    const targets = this.#targets(bench, ended)
    return {
      format: 'loadbearing-bench',
      version: 1,
      level: level.number,
      title: level.title,
      submission,
      startedAt: this.#startedAt.toISOString(),
      durationMs: Date.now() - this.#startedAt.getTime(),
      complete: ended && !signal?.aborted,
      quick,
      seed,
      machine: this.#machine,
      sandbox: sandboxes[build.sandbox].describe(),
      load: {
        generator:
          level.number < 3
            ? 'our own client, a connection for each request (autocannon does not count answers after which the server closes)'
            : this.#generator,
        verification: load === 'wrk' && level.number >= 3 ? `${SAMPLED} ${VERIFIED}` : VERIFIED,
        placement: placementInWords(this.placement),
      },
      confidence: CONFIDENCE,
      scenarios: [...(bench?.scenarios ?? [])],
      targets,
      afterTheLoad: [...this.#afterTheLoad],
      points: pointsOf(targets),
      void: reason,
      notes: [...this.#notes, ...(bench?.notes ?? []), ...generatorNotes(bench)],
    }
  }

  /** In the order of the table. A target without a verdict says why it has none. */
  #targets(bench: Bench | undefined, ended: boolean): TargetRecord[] {
    const known = bench?.targets ?? []
    const reason = this.#void
    return Object.entries(this.goals).flatMap(([id, target]) => {
      const judged = known.find((each) => each.id === id)
      const ruined = reason !== null && reason.code !== 'interrupted'
      // One that has no figures has said why already.
      if (judged !== undefined && (!ruined || judged.value === null)) return [judged]
      if (!ended && judged === undefined) return []
      const { title, unit, direction, absolute, share, points } = target
      return [
        {
          value: null,
          reference: null,
          shareReached: null,
          ...judged,
          id,
          scenario: judged?.scenario ?? '',
          ...{ title, unit, direction, absolute, share, points },
          verdict: ruined ? 'missed' : 'not measured',
          reason: reason?.message ?? 'The run ended before it.',
        },
      ]
    })
  }
}

/** Too close to call never costs points; what was not measured is not counted at all. */
function pointsOf(targets: readonly TargetRecord[]): BenchRecord['points'] {
  const sum = (which: readonly TargetRecord['verdict'][]) =>
    targets
      .filter(({ verdict }) => which.includes(verdict))
      .reduce((points, each) => points + each.points, 0)
  return {
    earned: sum(['met', 'too close to call']),
    possible: sum(['met', 'too close to call', 'missed']),
    counts: null,
    reason: 'Points for speed count when the tests stand at 80 % or more: npm run grade runs both.',
  }
}

/** Where the load was what could do no more. */
function generatorNotes(bench: Bench | undefined): string[] {
  const limited = (bench?.scenarios ?? []).filter(({ submission }) => {
    const rounds = submission?.rounds ?? []
    return rounds.length > 0 && rounds.every(({ generatorShare }) => (generatorShare ?? 0) > 0.9)
  })
  if (limited.length === 0) return []
  const titles = limited.map(({ title }) => `"${title}"`).join(', ')
  return [
    `In ${titles} the load generator was at its limit: the servers may be faster than the figures, and differ more.`,
  ]
}
