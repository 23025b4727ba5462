/** The load process: makes the load of one job after the other, away from whoever measures. */
import type { Job, LoadReport } from './job.ts'
import { onSchedule } from './on-schedule.ts'
import { oneEach } from './one-each.ts'
import { persistent } from './persistent.ts'
import { byWrk } from './wrk.ts'

const kinds: Readonly<Record<Job['kind'], (job: Job) => Promise<LoadReport>>> = {
  // What is counted in requests is not for wrk, which counts in seconds.
  persistent: (job) =>
    job.by === 'wrk' && job.amount === undefined ? byWrk(job) : persistent(job),
  'one each': oneEach,
  'on schedule': onSchedule,
}

/** Jobs of one message run side by side. */
process.on('message', (jobs: readonly Job[]) => {
  Promise.all(jobs.map((job) => kinds[job.kind](job))).then(
    (reports) => process.send?.({ reports }),
    (error: unknown) =>
      process.send?.({ problem: error instanceof Error ? error.message : String(error) }),
  )
})
// Ctrl-C is for the bench to answer: it ends us when it has what it needs.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
