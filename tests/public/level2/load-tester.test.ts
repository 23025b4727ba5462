import { atLeast, below, counts, load } from '../../kit/load.ts'
import { describe, it } from '../../kit/test.ts'
import { notBefore, ok, truly } from '../../kit/truth.ts'

describe('load tester', () => {
  it('counts and measures what a server with a fixed delay does', async ({ build }) => {
    const delayMs = 60
    await truly(
      ({ answer }) => notBefore(delayMs, answer),
      async (truth) => {
        const startMs = performance.now()
        const run = await load(
          build,
          { url: truth.url, connections: 5, requests: 30 },
          `a server that answers after ${delayMs} ms`,
        )
        const allMs = performance.now() - startMs
        counts(run, 30, {}, 'each complete answer with a status from 200 to 299 is a success')
        if (truth.arrivals.length !== 30)
          throw run.fails(
            '30 requests at the server',
            String(truth.arrivals.length),
            '`requests` is how many are started',
          )
        const why = 'latency is from the start of a request to the end of its answer'
        atLeast(run, 'p50', delayMs * 0.85 - 5, why)
        below(run, 'max', allMs, why)
        const leastMs = 6 * delayMs * 0.85 - 5
        const tookMs = run.result.seconds * 1000
        if (tookMs < leastMs || tookMs > allMs)
          throw run.fails(
            `seconds: ${leastMs / 1000} to ${(allMs / 1000).toFixed(3)}`,
            String(run.result.seconds),
            '`seconds` is how long the run took: five connections, six answers each',
          )
      },
    )
  })

  it('keeps all its connections busy at once', async ({ build }) => {
    const connections = 8
    const waiting: (() => void)[] = []
    await truly(
      ({ answer }) => {
        waiting.push(() => answer())
        // Nobody is answered before all have asked.
        if (waiting.length === connections) for (const go of waiting.splice(0)) go()
      },
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections, requests: connections * 4, timeoutMs: 5000 },
          `a server that answers when ${connections} requests wait, and not before`,
        )
        counts(
          run,
          connections * 4,
          {},
          'in the closed loop each connection has one request under way, all at once',
        )
      },
    )
  })

  it('counts no failure as a success', async ({ build }) => {
    await truly(
      ({ number, answer }) => answer(number % 10 === 3 ? ok('sorry', 500) : ok()),
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 4, requests: 50 },
          'a server of which one answer in ten is 500',
        )
        counts(run, 45, { 'wrong-status': 5 }, 'a status that was not expected is no success')
      },
    )
  })
})
