/** What one `take` of a learner's RateLimiter costs, compared with another one in the same process. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import type { LimiterModule } from './limiter.ts'

/** What is made, and who asks it. */
type Side = {
  readonly limit: number
  readonly maxAddresses: number
  /** `true`: every request comes from an address of its own; `false`: all from one, which always has its limit used up. */
  readonly strangers: boolean
}

/** Data that is not near the processor costs some times more, a Map’s first key after many deletions 10 times; looking through everything costs hundreds of times more. */
const MOST = 40

/**
 * Checks that `take` costs about the same on both sides.
 *
 * @throws {Expectation} when it costs many times more on the large one
 */
export async function takeCostsTheSame(
  build: Build,
  { small, large }: { readonly small: Side; readonly large: Side },
  step: string,
  why: string,
): Promise<void> {
  const input = { small, large, enough: 2 * MOST }
  const { ratio } = await probe(build, 'level3/rate-limiter.ts', compare, input, {
    patienceMs: 60_000,
  })
  if (ratio <= MOST) return
  throw new Expectation({
    steps: [step],
    expected: `a cost for each take that is about the same (at most ${MOST} times)`,
    received: `${ratio >= 2 * MOST ? 'more than ' : ''}${ratio.toFixed(1)} times the cost`,
    why,
  })
}

// Run in the submission's process.

function compare(
  { RateLimiter }: LimiterModule,
  { small, large, enough }: { readonly small: Side; readonly large: Side; readonly enough: number },
): { ratio: number } {
  const takes = 20_000
  const windowMs = 1_000_000
  // Processor time, not time: another program on the machine does not count.
  const micros = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const costOf = ({ limit, maxAddresses, strangers }: Side, most: number) => {
    let [clock, next] = [0, 0]
    const limiter = new RateLimiter({ limit, maxAddresses, windowMs, now: () => clock })
    const take = () => {
      const n = strangers ? next++ : 0
      // One leaves the window as one comes.
      if (!strangers) clock += windowMs / limit
      limiter.take(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    }
    for (let known = 0; strangers && known < maxAddresses; known++) take()
    const all = (strangers ? 0 : limit) + takes
    const start = micros()
    for (let taken = 1; taken <= all; taken++) {
      take()
      if (taken % 1000 === 0 && micros() - start > most * taken) return most
    }
    return (micros() - start) / all
  }
  const cost = Math.max(Math.min(...[1, 2, 3].map(() => costOf(small, Infinity))), 0.01)
  return { ratio: Math.min(...[1, 2].map(() => costOf(large, cost * enough))) / cost }
}
