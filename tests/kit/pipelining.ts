/** What a pipeline does while nobody sees it. */
import type { Server } from '../../harness/server.ts'
import { asks, asksAtOnce } from './conversation.ts'
import { get } from './request.ts'

const REQUESTS = 10
/** One after the other they take ten times as long as one. */
const MOST_TIMES = 5
const TRIES = 3

/** Checks that ten requests of `/work` take much less time than ten times one. */
export async function runSideBySide(server: Server): Promise<void> {
  const why =
    'a method that is safe changes nothing: it need not wait for those before it (RFC 9110 §9.2.1)'
  const wire = await server.connect()
  const timeOf = async (count: number) => {
    const start = performance.now()
    const one = { send: get('/work'), expect: { status: 200, content: 'done' } }
    await asksAtOnce(wire, Array(count).fill(one), why)
    return performance.now() - start
  }
  await asks(wire, get('/work'), { status: 200 }, why)
  const ones: number[] = []
  const alls: number[] = []
  // The quickest of a few: a busy machine makes some slower, and none quicker.
  for (let time = 0; time < TRIES; time++) {
    ones.push(await timeOf(1))
    alls.push(await timeOf(REQUESTS))
    if (Math.min(...alls) < MOST_TIMES * Math.min(...ones)) return
  }
  throw wire.fails({
    expected: `less than ${MOST_TIMES} times the time of one request`,
    received: `${Math.round(Math.min(...alls))} ms for ${REQUESTS} requests in a pipeline, and ${Math.round(Math.min(...ones))} ms for one, the quickest of ${TRIES}`,
    why,
  })
}
