/**
 * Grades one submission in a worker process of its own.
 *
 * Whatever the submission, or what it does to the worker, a result comes back: the real one, the refusal at the door,
 * or a fault of ours with what was known so far.
 */
import { tmpdir } from 'node:os'
import type { BenchRecord } from '../../bench/record.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { isolated, unprivileged } from '../../harness/sandbox/worker.ts'
import { failed, refused, type Grading } from '../grade.ts'
import type { Result } from '../result.ts'
import { apart } from './apart.ts'
import { takeInApart } from './take-in-apart.ts'
import { Message, type Job } from './worker.ts'

export interface Apart {
  /** `level3`, `3.4` */
  readonly target: string
  readonly grading: Grading
  /** Where what our own code compiles to may be kept for the next worker. */
  readonly cache?: string
  /** Where its folder is made [among the temporary ones]. */
  readonly scratchIn?: string
  /** The worker is ended after so long. */
  readonly limitMs: number
  /** What was handed in is an archive, or a folder around the levels. */
  readonly isPacked?: boolean
}

/** No room on the disk: nothing that a submission did, and no result. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom'
}

/** @throws {NoRoom} */
export async function gradeApart(submission: Apart): Promise<Result> {
  const { grading, limitMs } = submission
  try {
    const { result, soFar, fault, end } = await inWorker(submission, false)
    if (result !== undefined) return result
    if (fault !== undefined) return failed(grading, fault)
    if (grading.signal?.aborted) return soFar ?? failed(grading)
    const reason =
      end === 'late'
        ? `not done after ${Math.round(limitMs / 60_000)} minutes, and ended`
        : `the process that graded it ended (${end})`
    return soFar === undefined
      ? failed(grading, reason)
      : { ...soFar, complete: false, faults: [...soFar.faults, reason] }
  } catch (error) {
    if (error instanceof SubmissionFault) return refused(grading, error)
    if (error instanceof NoRoom) throw error
    return failed(grading, error instanceof Error ? error.message : String(error))
  }
}

/**
 * Measures one submission beside the reference, in a worker process as well.
 *
 * @returns why not, where nothing could be measured
 * @throws {NoRoom}
 */
export async function benchApart(submission: Apart): Promise<BenchRecord | string> {
  try {
    const { bench, fault, end } = await inWorker(submission, true)
    return bench ?? fault ?? `the process that measured it ended (${end})`
  } catch (error) {
    if (error instanceof NoRoom) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

export function isNoRoom(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOSPC'
}

/** What a worker said, the latest of each kind; and how it ended. */
interface Heard {
  result?: Result
  soFar?: Result
  bench?: BenchRecord
  fault?: string
}

/** Takes a submission in, and has a worker handle it. */
async function inWorker(
  { target, grading, cache, limitMs, scratchIn, isPacked = false }: Apart,
  bench: boolean,
): Promise<Heard & { readonly end: string }> {
  const folder = await temporaryFolder(scratchIn).catch((error: unknown) => {
    throw isNoRoom(error) ? noRoom(scratchIn ?? tmpdir()) : error
  })
  try {
    const { suites, seed, from, name, earlier, signal } = grading
    const { sandbox = 'default', allowAnyImport = false } = grading
    const level = grading.target.level.number
    const intake = await takeInApart({ from, isPacked, level, earlier, folder }, signal)
    const job: Job = { target, from, name, intake, suites, seed, sandbox, allowAnyImport, bench }
    const as = sandbox === 'strong' ? isolated : unprivileged
    const heard: Heard = {}
    const script = { file: 'worker.ts', as, folder, cache, limitMs, signal }
    const end = await apart(script, job, Message, (message) => {
      Object.assign(heard, message)
      if ('soFar' in message) grading.onProgress?.(message.soFar)
    })
    if (/ENOSPC/.test(heard.fault ?? '')) throw noRoom(folder)
    return { ...heard, end }
  } catch (error) {
    throw isNoRoom(error) ? noRoom(folder) : error
  } finally {
    await removeFolder(folder)
  }
}

function noRoom(folder: string): NoRoom {
  return new NoRoom(`There is no room left for ${folder}.`)
}
