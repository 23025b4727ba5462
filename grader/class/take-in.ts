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

export interface TakeIn {
  /** What was handed in; absolute. */
  readonly from: string
  /** An archive, or a folder around the levels: they are looked for first (`take-in-packed.ts`). */
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
  await doJob<TakeIn, TakenIn>(async (job, say) => say(await takenIn(job)))
}

/** Finds the folder that holds `level1`, …; tells the name of each thing beside it. */
type Find = (note: (beside: string) => void) => Promise<string>

/** @param find - where it is not the very folder that was handed in */
export async function takenIn(job: TakeIn, find?: Find): Promise<TakenIn> {
  try {
    return { intake: await take(job, find) }
  } catch (error) {
    if (!(error instanceof SubmissionFault)) {
      const { code, message } = error as NodeJS.ErrnoException
      return { fault: message, code }
    }
    const { code, message, detail } = error
    return { refused: { code, message, detail } }
  }
}

async function take({ from, level, earlier, folder }: TakeIn, find?: Find): Promise<Intake> {
  const beside: string[] = []
  const place = (await find?.((each) => beside.push(each))) ?? from
  const intake = await takeIn(place, level, path.join(folder, 'source'), earlier)
    // Where that lies is nothing to its author.
    .catch((error: unknown) => {
      if (!(error instanceof SubmissionFault)) throw error
      const message = error.message.replaceAll(place, 'what was handed in')
      throw new SubmissionFault(error.code, message, error.detail)
    })
  return { ...intake, ignored: [...new Set([...beside, ...intake.ignored])].slice(0, MOST_NOTES) }
}
