/** As `take-in.ts`, for what comes packed: an archive, or a folder around the levels. */
import path from 'node:path'
import { doJob } from './apart.ts'
import { entryAt, unpack } from './submissions.ts'
import { takenIn, type TakeIn, type TakenIn } from './take-in.ts'

if (import.meta.main) {
  await doJob<TakeIn, TakenIn>(async (job, say) =>
    say(
      await takenIn(job, (note) =>
        unpack(entryAt(job.from), path.join(job.folder, 'unpacked'), note),
      ),
    ),
  )
}
