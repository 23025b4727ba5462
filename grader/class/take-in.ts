/**
 * The process that takes a submission in: it alone reads what a stranger packed.
 *
 * Where the grader is root, this is not: it may read every file, as a class may be anywhere, and write in its own folder.
 */
import path from 'node:path'
import { z } from 'zod'
import { faults, SubmissionFault, type FaultCode } from '../../harness/faults.ts'
import { takeIn, type Intake } from '../../harness/intake.ts'
import { doJob } from './apart.ts'
import { entryAt, unpack } from './submissions.ts'

export interface TakeIn {
  /** What was handed in; absolute. */
  readonly from: string
  /** An archive, or a folder around the levels: they are looked for first. */
  readonly isPacked: boolean
  readonly level: number
  /** Where the levels below come from, if not from there. */
  readonly earlier?: string | undefined
  /** A folder of its own. */
  readonly folder: string
}

/** What it says. */
export const TakenIn = z.union([
  z.object({
    intake: z.object({
      folder: z.string(),
      files: z.array(z.string().regex(/^level\d+(\/(?!\.)[\w.-]+)+$/)).readonly(),
      ignored: z.array(z.string()).readonly(),
    }),
  }),
  z.object({
    refused: z.object({
      code: z.enum(Object.keys(faults) as FaultCode[]),
      message: z.string(),
      detail: z.string(),
    }),
  }),
  /** `code` as the system gives it: `ENOSPC`. */
  z.object({ fault: z.string(), code: z.string().optional() }),
])
export type TakenIn = z.infer<typeof TakenIn>

/** So many names of what was left alone say it. */
const MOST_NOTES = 50

if (import.meta.main) {
  await doJob<TakeIn, TakenIn>(async (job, say) => say(await taken(job)))
}

async function taken(job: TakeIn): Promise<TakenIn> {
  try {
    return { intake: await take(job) }
  } catch (error) {
    if (!(error instanceof SubmissionFault)) {
      const { code, message } = error as NodeJS.ErrnoException
      return { fault: message, code }
    }
    const { code, message, detail } = error
    return { refused: { code, message, detail } }
  }
}

async function take({ from, isPacked, level, earlier, folder }: TakeIn): Promise<Intake> {
  const beside: string[] = []
  const unpacked = path.join(folder, 'unpacked')
  const place = isPacked ? await unpack(entryAt(from), unpacked, (each) => beside.push(each)) : from
  const intake = await takeIn(place, level, path.join(folder, 'source'), earlier)
    // Where that lies is nothing to its author.
    .catch((error: unknown) => {
      if (!(error instanceof SubmissionFault)) throw error
      const message = error.message.replaceAll(place, 'what was handed in')
      throw new SubmissionFault(error.code, message, error.detail)
    })
  return { ...intake, ignored: [...new Set([...beside, ...intake.ignored])].slice(0, MOST_NOTES) }
}
