/**
 * The process in which one submission is graded: reads a job, grades, says what it found out.
 *
 * It writes no result: it tells the supervisor, which alone does, so that nothing that runs here or below could
 * touch what others were given.
 */
import { z } from 'zod'
import { BenchRecord } from '../../bench/record.ts'
import type { Intake } from '../../harness/intake.ts'
import type { SandboxName } from '../../harness/sandbox/sandbox.ts'
import { readTarget } from '../course.ts'
import { grade, type Suite } from '../grade.ts'
import { Result } from '../result.ts'
import { doJob } from './apart.ts'

/** What a worker is told, as JSON on its stdin. */
export interface Job {
  /** `level3`, `3.4` */
  readonly target: string
  /** Where the submission was found. */
  readonly from: string
  readonly name?: string | undefined
  /** What was taken in from there; the worker may write in that folder. */
  readonly intake: Intake
  readonly suites: readonly Suite[]
  readonly seed: number
  readonly sandbox: SandboxName
  readonly allowAnyImport: boolean
  /** Measures it beside the reference, instead of testing it. */
  readonly bench: boolean
}

/** What it says. */
export const Message = z.union([
  z.object({ soFar: Result }),
  z.object({ result: Result }),
  z.object({ bench: BenchRecord }),
  z.object({ fault: z.string() }),
])
export type Message = z.infer<typeof Message>

/** The result so far is for the case that this process dies: now and then is often enough. */
const BETWEEN_MS = 2_000

if (import.meta.main) {
  await doJob<Job, Message>(async (job, say) => {
    try {
      if (job.bench) say({ bench: await bench(job) })
      else say({ result: await test(job, (soFar) => say({ soFar })) })
    } catch (error) {
      say({ fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}

async function test(job: Job, onProgress: (soFar: Result) => void): Promise<Result> {
  let last = Date.now()
  return await grade({
    ...job,
    target: readTarget(job.target),
    onProgress(soFar) {
      if (Date.now() - last < BETWEEN_MS) return
      last = Date.now()
      onProgress(soFar)
    },
  })
}

/** In few rounds: a class is long, and what is too close to call costs nobody points. */
async function bench({ target, intake, from, name, seed, sandbox }: Job): Promise<BenchRecord> {
  const { measure } = await import('../measure.ts')
  const record = await measure(
    readTarget(target),
    { from: intake.folder, quick: true },
    { seed, sandbox, signal: new AbortController().signal, onProgress: () => undefined },
  )
  return { ...record, submission: name ?? from }
}
