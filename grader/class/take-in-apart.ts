/** Takes a submission in, in a process that may read, and nothing else. */
import path from 'node:path'
import { SubmissionFault } from '../../harness/faults.ts'
import type { Intake } from '../../harness/intake.ts'
import { handOver, isRoot, readsOnly } from '../../harness/sandbox/worker.ts'
import { apart } from './apart.ts'
import { TakenIn, type TakeIn } from './take-in.ts'

/** What is refused has been refused by then; a class of large archives on a slow disk takes seconds. */
const LIMIT_MS = 120_000

/**
 * @param job - its folder is given to the user as whom submissions are handled
 * @throws {SubmissionFault} for everything that a submission should not be or hold
 * @throws {Error} for what is no fault of it, with the system's `code` where there is one
 */
export async function takeInApart(job: TakeIn, signal?: AbortSignal): Promise<Intake> {
  const { folder } = job
  await handOver(folder)
  let said: TakenIn | undefined
  // No cache of compiled code: workers write there, and this process may read more than they.
  const file = job.isPacked ? 'take-in-packed.ts' : 'take-in.ts'
  const script = { file, as: readsOnly, folder, limitMs: LIMIT_MS, signal }
  const end = await apart(script, job, TakenIn, (message) => (said = message))
  signal?.throwIfAborted()
  return intakeOf(said, end, folder)
}

function intakeOf(said: TakenIn | undefined, end: string, folder: string): Intake {
  if (said === undefined) throw new Error(`the process that takes submissions in ended (${end})`)
  if ('intake' in said) return { ...said.intake, folder: path.join(folder, 'source') }
  if ('fault' in said) throw Object.assign(new Error(said.fault), { code: said.code })
  const { code, message, detail } = said.refused
  // Whoever handed it in cannot keep it from root, but from the user whom root becomes.
  if (isRoot && /\((EACCES|EPERM)\)/.test(message))
    throw new Error(`${message} Let everybody read what was handed in, and grade again.`)
  throw new SubmissionFault(code, message, detail)
}
