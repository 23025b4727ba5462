/** Connections that stay open, by autocannon. */
import autocannon from 'autocannon'
import type { PlannedRequest } from '../requests.ts'
import type { Job, LoadReport } from './job.ts'
import { Tally } from './tally.ts'

/** How often autocannon looks whether it is to stop, in ms. */
const LOOK_MS = 20
const TIMEOUT_S = 10

export function persistent(job: Job): Promise<LoadReport> {
  const { address, connections, pipelining = 1, requests, amount } = job
  let answered: readonly [PlannedRequest, status: number, content: string] | undefined
  return new Promise((resolve, reject) => {
    const run = autocannon(
      {
        url: `http://${address.host}:${address.port}`,
        connections,
        pipelining,
        timeout: TIMEOUT_S,
        sampleInt: LOOK_MS,
        ...(amount === undefined ? { duration: 3600 } : { amount }),
        requests: requests.map((request) => ({
          method: request.method,
          path: request.target,
          ...(request.content === undefined ? {} : { body: request.content }),
          // Called for each response, right before the event that tells how long it took.
          onResponse: (status: number, content: string) => {
            answered = [request, status, content]
          },
        })),
      },
      (error: unknown) => {
        if (error) reject(error instanceof Error ? error : new Error('autocannon failed'))
        else resolve(tally.report())
      },
    )
    const tally = new Tally(job, () => run.stop())
    run.on('response', (client, _status, _bytes, latencyMs) => {
      if (answered === undefined) return
      tally.answer(...answered, latencyMs, client)
      answered = undefined
    })
    run.on('reqError', (error: Error) => tally.error(error.message))
  })
}
