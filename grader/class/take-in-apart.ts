/** Takes a submission in, in a process that may read, and nothing else. */
import { SubmissionFault } from '../../harness/faults.ts'
import type { Intake } from '../../harness/intake.ts'
import { handOver, readsOnly } from '../../harness/sandbox/worker.ts'
import { apart, type Script } from './apart.ts'
import type { TakeIn, TakenIn } from './take-in.ts'

/** What is refused has been refused by then; a class of large archives on a slow disk takes seconds. */
const LIMIT_MS = 120_000

/**
 * @param job - its folder is given to the user as whom submissions are handled
 * @throws {SubmissionFault} for everything that a submission should not be or hold
 * @throws {Error} for what is no fault of it, with the system's `code` where there is one
 */
export async function takeInApart(
  job: TakeIn,
  options: Pick<Script, 'cache' | 'signal'> = {},
): Promise<Intake> {
  await handOver(job.folder)
  const script = { ...options, file: 'take-in.ts', as: readsOnly, folder: job.folder }
  let said: TakenIn | undefined
  const end = await apart<TakenIn>({ ...script, limitMs: LIMIT_MS }, job, (message) => {
    said = message
  })
  if (said === undefined) throw new Error(`the process that takes submissions in ended (${end})`)
  if ('intake' in said) return said.intake
  if ('refused' in said) {
    const { code, message, detail } = said.refused
    throw new SubmissionFault(code, message, detail)
  }
  throw Object.assign(new Error(said.fault), { code: said.code })
}
