/**
 * A connection for each request, as levels 1 and 2 have it.
 *
 * autocannon 9 keeps a connection until the server ends it, and has sent its next request by then: with a server that
 * closes after each answer half of its requests are lost, and its latencies are those of others. So this client is ours.
 */
import { exchange } from '../exchange.ts'
import type { PlannedRequest } from '../requests.ts'
import type { Job, LoadReport } from './job.ts'
import { Tally } from './tally.ts'

/** A server that refuses everything is not asked a million times. */
const MOST_ERRORS = 200

export async function oneEach(job: Job): Promise<LoadReport> {
  const { address, connections, requests, amount = Infinity } = job
  const tally = new Tally(job)
  let asked = 0
  let errors = 0
  const client = async (_: unknown, number: number) => {
    while (!tally.over && asked < amount && errors < MOST_ERRORS) {
      const request = requests[asked++ % requests.length]
      if (request === undefined) return
      try {
        const { from, to, response } = await exchange(address, textOf(request))
        tally.answer(
          request,
          response.status,
          response.content.toString('latin1'),
          to - from,
          number,
        )
      } catch (error) {
        errors++
        tally.error(error instanceof Error ? error.message : String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  return tally.report()
}

/** A request as it goes over the wire, on a connection that ends after it. */
export function textOf({ method, target, content }: PlannedRequest): string {
  const length = content === undefined ? '' : `Content-Length: ${content.length}\r\n`
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${length}\r\n${content ?? ''}`
}
