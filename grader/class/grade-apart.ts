/**
 * Grades one submission in a worker process of its own.
 *
 * Whatever the submission, or what it does to the worker, a result comes back: the real one, the refusal at the door,
 * or a fault of ours with what was known so far.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { BenchRecord } from '../../bench/record.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { takeIn, type Intake } from '../../harness/intake.ts'
import { releaseGroup, temporaryFolder, watchGroup } from '../../harness/reaper.ts'
import { handOver, isolated, unprivileged } from '../../harness/sandbox/worker.ts'
import { root } from '../course.ts'
import { failed, refused, type Grading } from '../grade.ts'
import type { Result } from '../result.ts'
import { MESSAGES, type Job, type Message } from './worker.ts'

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
  /** Finds the folder that holds `level1`, …: an archive is unpacked first. */
  readonly locate?: (into: string, note: (ignored: string) => void) => Promise<string>
}

/** So many names of what was left alone say it. */
const MOST_NOTES = 50

/** No room on the disk: nothing that a submission did, and no result. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom'
}

/** @throws {NoRoom} */
export async function gradeApart(apart: Apart): Promise<Result> {
  const { grading, limitMs } = apart
  try {
    const { result, soFar, fault, end } = await inWorker(apart, false)
    if (result !== undefined) return result
    if (fault !== undefined) return failed(grading, fault)
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
export async function benchApart(apart: Apart): Promise<BenchRecord | string> {
  try {
    const { bench, fault, end } = await inWorker(apart, true)
    return bench ?? fault ?? `the process that measured it ended (${end})`
  } catch (error) {
    if (error instanceof NoRoom) throw error
    return error instanceof Error ? error.message : String(error)
  }
}

export function isNoRoom(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOSPC'
}

/** Takes a submission in, and has a worker handle it. */
async function inWorker(apart: Apart, bench: boolean): Promise<Heard & { readonly end: string }> {
  const { grading } = apart
  const scratch = await temporaryFolder(apart.scratchIn)
  try {
    const beside: string[] = []
    const unpacked = path.join(scratch, 'unpacked')
    const from = (await apart.locate?.(unpacked, (each) => beside.push(each))) ?? grading.from
    const { level } = grading.target
    const intake = await takeIn(from, level.number, path.join(scratch, 'source'), grading.earlier)
      // Where that lies is nothing to its author.
      .catch((error: unknown) => {
        if (!(error instanceof SubmissionFault)) throw error
        const message = error.message.replaceAll(from, 'what was handed in')
        throw new SubmissionFault(error.code, message, error.detail)
      })
    await handOver(scratch)
    const ignored = [...new Set([...beside, ...intake.ignored])].slice(0, MOST_NOTES)
    const heard = await handled(apart, { ...intake, ignored }, bench, scratch)
    if (/ENOSPC/.test(heard.fault ?? '')) throw noRoom(scratch)
    return heard
  } catch (error) {
    throw isNoRoom(error) ? noRoom(scratch) : error
  } finally {
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 })
  }
}

function noRoom(folder: string): NoRoom {
  return new NoRoom(`There is no room left for ${folder}.`)
}

async function handled(
  apart: Apart,
  intake: Intake,
  bench: boolean,
  scratch: string,
): Promise<Heard & { readonly end: string }> {
  const { target, grading, limitMs } = apart
  const { suites, seed, from, name, sandbox = 'default', allowAnyImport = false } = grading
  const job: Job = { target, from, name, intake, suites, seed, sandbox, allowAnyImport, bench }
  const child = startWorker(apart, scratch)
  const pid = child.pid ?? 0
  watchGroup(pid)
  const kill = () => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  let late = false
  const limit = setTimeout(() => {
    late = true
    kill()
  }, limitMs)
  grading.signal?.addEventListener('abort', kill, { once: true })
  try {
    child.stdin?.on('error', () => undefined).end(JSON.stringify(job))
    const heard = listen(child, grading)
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
    return {
      ...(await heard),
      end: late ? 'late' : (signal ?? `exit code ${code ?? 'unknown'}`),
    }
  } finally {
    clearTimeout(limit)
    grading.signal?.removeEventListener('abort', kill)
    releaseGroup(pid)
  }
}

function startWorker({ grading, cache }: Apart, scratch: string): ChildProcess {
  const node = ['--disable-sigusr1', path.join(root, 'grader', 'class', 'worker.ts')]
  const { program, arguments: args } =
    grading.sandbox === 'strong'
      ? isolated(process.execPath, node)
      : unprivileged(process.execPath, node)
  return spawn(program, args, {
    cwd: scratch,
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: scratch,
      TMPDIR: scratch,
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
    },
  })
}

interface Heard {
  result?: Result
  soFar?: Result
  bench?: BenchRecord
  fault?: string
}

async function listen(child: ChildProcess, grading: Grading): Promise<Heard> {
  const heard: Heard = {}
  for await (const line of createInterface({ input: child.stdio[MESSAGES] as Readable })) {
    const message = readMessage(line)
    // The worker was ended in the middle of it.
    if (message === undefined) continue
    Object.assign(heard, message)
    if ('soFar' in message) grading.onProgress?.(message.soFar)
  }
  return heard
}

function readMessage(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
