/**
 * Grades a class: submissions in, rows of the journal out.
 *
 * Each submission is graded in a worker process of its own; several at a time, because most of a grading is
 * waiting. This process alone writes, a row as soon as a submission is graded, so that whatever ends it, even
 * `kill -9` or a full disk, costs only what was being graded at that moment.
 */
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { temporaryFolder } from '../../harness/reaper.ts'
import { handOver } from '../../harness/sandbox/worker.ts'
import type { SandboxName } from '../../harness/sandbox/sandbox.ts'
import { nameOf, type Target } from '../course.ts'
import { withBench } from '../measure.ts'
import type { Result } from '../result.ts'
import { benchApart, gradeApart, type Apart } from './grade-apart.ts'
import type { ClassJournal, Round } from './journal.ts'
import type { Entry } from './submissions.ts'

/** A correct submission of level 3 takes one minute by itself on two cores. */
const LIMIT_MS = 30 * 60_000

export interface ClassRun {
  readonly journal: ClassJournal
  readonly round: Round
  readonly target: Target
  readonly entries: readonly Entry[]
  readonly sandbox: SandboxName
  /** Where the levels below come from, if not from the submissions. */
  readonly earlier?: string | undefined
  /** How many at a time. */
  readonly jobs: number
  readonly signal: AbortSignal
  /** Called when a grading is in the journal. */
  readonly onGraded: (entry: Entry, result: Result, durationMs: number) => void
}

/** @throws {NoRoom} when the disk is full; what is in the journal stays there */
export async function gradeClass(run: ClassRun): Promise<void> {
  const { entries, jobs, signal } = run
  const folder = await temporaryFolder()
  const cache = path.join(folder, 'cache')
  await mkdir(cache)
  await handOver(folder)
  const stop = new AbortController()
  const stopping = AbortSignal.any([signal, stop.signal])
  const left = entries.values()
  const lane = async () => {
    for (const entry of left) {
      if (stopping.aborted) return
      await gradeOne(run, entry, cache, stopping)
    }
  }
  try {
    await Promise.all(
      Array.from({ length: jobs }, () =>
        lane().catch((error: unknown) => {
          stop.abort()
          throw error
        }),
      ),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Measures those whose tests are done, one at a time: two at once would measure each other.
 *
 * @throws {NoRoom}
 */
export async function benchClass(
  run: ClassRun,
  onMeasured: (id: string, problem: string | undefined) => void,
): Promise<void> {
  const entries = new Map(run.entries.map((entry) => [entry.id, entry]))
  for (const { id, result } of run.journal.notMeasured(run.round)) {
    const entry = entries.get(id)
    if (run.signal.aborted) return
    if (entry === undefined) continue
    const startedAt = Date.now()
    const record = await benchApart(apartFor(run, entry, run.signal))
    if (run.signal.aborted) return
    if (typeof record !== 'string')
      run.journal.keep(run.round, entry, withBench(result, record), Date.now() - startedAt)
    onMeasured(id, typeof record === 'string' ? record : undefined)
  }
}

async function gradeOne(
  run: ClassRun,
  entry: Entry,
  cache: string,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = Date.now()
  const result = await gradeApart({ ...apartFor(run, entry, signal), cache })
  if (signal.aborted) return
  const durationMs = Date.now() - startedAt
  run.journal.keep(run.round, entry, result, durationMs)
  run.onGraded(entry, result, durationMs)
}

function apartFor(
  { round, target, sandbox, earlier }: ClassRun,
  entry: Entry,
  signal: AbortSignal,
): Apart {
  return {
    target: nameOf(target),
    grading: {
      target,
      from: entry.path,
      name: entry.id,
      earlier,
      sandbox,
      suites: ['public', 'hidden'],
      seed: round.seed,
      signal,
    },
    limitMs: LIMIT_MS,
    isPacked: true,
  }
}
