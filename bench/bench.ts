/** One run of a bench: two servers, the load, and what was found out so far. */
import { VoidFigures, type Contender } from './contender.ts'
import type { Job, LoadName, LoadReport } from './load/job.ts'
import { LoadProblem, type LoadGenerator } from './load/generator.ts'
import { allTogether } from './load/tally.ts'
import { allCores, place, type Placement } from './placement.ts'
import { randomFrom, type Random } from './random.ts'
import type { Round, ScenarioRecord, ServerFigures, TargetRecord, Void } from './record.ts'
import type { Figures, Judgement } from './verdict.ts'
import type { Target } from './targets.ts'

export interface BenchParts {
  readonly submission: Contender
  /** None where the checkout has no solutions. */
  readonly reference: Contender | undefined
  readonly load: LoadGenerator
  readonly placement: Placement | undefined
  readonly targets: Readonly<Record<string, Target>>
  readonly seed: number
  readonly quick: boolean
  readonly by: LoadName
  readonly signal: AbortSignal | undefined
  /** Called whenever something was found out. */
  readonly onProgress: () => void
}

/** What a server showed in one scenario, while it is being measured. */
export class Sheet {
  readonly rounds: Round[] = []
  readonly #histograms: string[] = []
  growth: ServerFigures['growth'] = null
  timeline: ServerFigures['timeline'] = null
  offered: ServerFigures['offered'] = null

  add(round: Round, { histogram }: LoadReport): void {
    this.rounds.push(round)
    this.#histograms.push(histogram)
  }

  figures({ startUpMs, idle, peak }: Contender): ServerFigures {
    return {
      startUpMs,
      rounds: this.rounds,
      latencyMs: this.#histograms.length === 0 ? null : allTogether(this.#histograms),
      idleAnonymousBytes: idle?.anonymous ?? null,
      peakAnonymousBytes: peak.anonymous || null,
      peakResidentBytes: peak.resident || null,
      growth: this.growth,
      timeline: this.timeline,
      offered: this.offered,
    }
  }
}

/** The sheets of both servers. That of a reference that is not there stays empty. */
export type Sheets = Readonly<Record<Contender['name'], Sheet>>

/** What a scenario is called, and how wide it is. */
export type Heading = Pick<ScenarioRecord, 'id' | 'title' | 'connections' | 'pipelining'>

/** After this time, what decides nothing is left out, and what decides something gets a pair of rounds: a level is done within 90 s. */
const LEVEL_MS = 60_000

export class Bench {
  readonly #begun = performance.now()
  readonly parts: BenchParts
  readonly scenarios: ScenarioRecord[] = []
  readonly targets: TargetRecord[] = []
  readonly notes: string[] = []
  /** Why nothing of the submission counts any more. */
  void: Void | null = null
  #order = 0

  constructor(parts: BenchParts) {
    this.parts = parts
  }

  random(name: string): Random {
    return randomFrom(this.parts.seed, name)
  }

  /** The machine is so slow, or the servers are, that the run must come to its end. */
  get isLate(): boolean {
    return performance.now() - this.#begun > LEVEL_MS
  }

  /** The servers, in turns: A B, then B A. Neither always meets the warmer machine. */
  inTurns(pair: number): readonly Contender[] {
    const { submission, reference } = this.parts
    if (reference === undefined) return [submission]
    return pair % 2 === 0 ? [submission, reference] : [reference, submission]
  }

  /** Both servers, or the one there is. */
  get both(): readonly Contender[] {
    return this.inTurns(0)
  }

  /** Gives the servers a core of their own, or all of them. */
  spread(threads: boolean): void {
    const { placement, load } = this.parts
    if (placement === undefined) return
    const all = allCores()
    for (const { pid } of this.both) place(pid, threads ? all : placement.server)
    place(load.pid, threads ? all : placement.load)
  }

  /**
   * Has this server run, and the other stand still: one that slowed its neighbour down would look the better for it.
   * To be called before whatever is measured.
   */
  alone(contender: Contender): void {
    for (const each of this.both) each.server.signal(each === contender ? 'SIGCONT' : 'SIGSTOP')
  }

  /** One load on one server. */
  async round(
    contender: Contender,
    job: Omit<Job, 'address'>,
    beside?: Omit<Job, 'address'>,
  ): Promise<[Round, LoadReport]> {
    const { load, by, signal } = this.parts
    signal?.throwIfAborted()
    this.alone(contender)
    const { address } = contender
    return await contender.round(this.#order++, async () => {
      const jobs = [job, ...(beside === undefined ? [] : [beside])]
      const [report] = await load.run(...jobs.map((each) => ({ by, ...each, address })))
      if (report === undefined) throw new LoadProblem('the load process did nothing')
      return report
    })
  }

  /** Requests on schedule: here it is no fault to leave some unanswered. A wrong answer is one. */
  async offer(contender: Contender, job: Omit<Job, 'address'>): Promise<LoadReport> {
    const { load, signal } = this.parts
    signal?.throwIfAborted()
    this.alone(contender)
    const [report] = await load.run({ ...job, address: contender.address })
    await contender.verify(report, Infinity)
    return report
  }

  /**
   * Measures one scenario and keeps what came of it, also when it ends early.
   *
   * @param targets - names of the targets that it decides
   * @param mayBeLeftOut - when the run is late [where it decides none]
   */
  async scenario(
    heading: Heading,
    targets: readonly string[],
    measure: (sheets: Sheets) => Promise<void>,
    mayBeLeftOut = targets.length === 0,
  ): Promise<Sheets> {
    const { submission, reference, signal, onProgress } = this.parts
    const sheets = { submission: new Sheet(), reference: new Sheet() }
    if (this.void !== null) {
      for (const id of targets) this.miss(id, heading.id, this.void)
      return sheets
    }
    if (this.isLate && mayBeLeftOut) {
      this.notes.push(`"${heading.title}" was left out: the run had taken its time.`)
      return sheets
    }
    for (const each of this.both) each.forgetPeak()
    let reason: Void | null = null
    try {
      await measure(sheets)
    } catch (error) {
      reason = this.#whyVoid(error, targets, heading.id)
    } finally {
      // What follows is about it.
      this.alone(submission)
    }
    this.scenarios.push({
      ...heading,
      submission: sheets.submission.figures(submission),
      reference: reference === undefined ? null : sheets.reference.figures(reference),
      void: reason,
    })
    onProgress()
    signal?.throwIfAborted()
    return sheets
  }

  #whyVoid(error: unknown, targets: readonly string[], scenario: string): Void | null {
    if (this.parts.signal?.aborted) {
      return { code: 'interrupted', message: 'The run was interrupted in this scenario.' }
    }
    if (!(error instanceof VoidFigures)) throw error
    if (error.contender === 'reference') {
      this.notes.push(`The reference did not get through "${scenario}": ${error.message}`)
      for (const id of targets)
        this.unmeasured(id, scenario, `The reference itself failed: ${error.message}`)
      return null
    }
    for (const id of targets) this.miss(id, scenario, error.void)
    if (error.void.code === 'died') this.void = error.void
    return error.void
  }

  /** A target of the level. */
  target(id: string): Target {
    const target = this.parts.targets[id]
    if (target === undefined) throw new Error(`the table of targets has no ${id}`)
    return target
  }

  /** Keeps the verdict on a target. */
  judged(id: string, scenario: string, judgement: Judgement): void {
    const { title, unit, direction, absolute, share, points } = this.target(id)
    const known = { id, scenario, title, unit, direction, absolute, share, points }
    this.targets.push({ ...known, ...judgement })
  }

  /** A target whose figures do not count. */
  miss(id: string, scenario: string, { code, message }: Void): void {
    const verdict = code === 'interrupted' ? 'not measured' : 'missed'
    this.judged(id, scenario, { ...nothing, verdict, reason: `No figures: ${message}` })
  }

  /** What a scenario showed does not count after all. */
  revoke(id: string, reason: Void): void {
    for (const [index, scenario] of this.scenarios.entries()) {
      if (scenario.id === id) this.scenarios[index] = { ...scenario, void: reason }
    }
    for (const [index, target] of this.targets.entries()) {
      if (target.scenario !== id) continue
      this.targets[index] = {
        ...target,
        verdict: 'missed',
        reason: `No figures: ${reason.message}`,
      }
    }
  }

  unmeasured(id: string, scenario: string, reason: string): void {
    this.judged(id, scenario, { ...nothing, verdict: 'not measured', reason })
  }
}

/** No figure. */
export const nothing = { value: null, reference: null, shareReached: null } as const

/** The figures of all complete pairs. */
export function pairsOf(sheets: Sheets, figure: (round: Round) => number): Figures {
  return {
    submission: sheets.submission.rounds.map(figure),
    reference: sheets.reference.rounds.map(figure),
  }
}
