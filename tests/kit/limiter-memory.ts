/** What a learner's RateLimiter keeps of very many requests. */
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'
import type { LimiterModule } from './limiter.ts'

/** Requests that come one after the other, the addresses taking turns. */
type Requests = {
  readonly limit: number
  readonly windowMs: number
  readonly maxAddresses: number
  readonly addresses: number
  readonly count: number
  /** Between one and the next, on the limiter's clock. */
  readonly everyMs: number
}

/** By then, what stays as it is has its size. */
const FIRST = 100_000

/** 400,000 addresses that are kept cost more, and so do the instants of 1,000,000 requests. */
const MOST_GROWTH = 6 * 1024 * 1024

/**
 * Checks that memory stays as it is after the first 100,000 of some requests.
 *
 * @param step - says what is asked
 * @throws {Expectation} when it grows with them
 */
export async function takesLeaveMemoryFlat(
  build: Build,
  requests: Requests,
  step: string,
  why: string,
): Promise<void> {
  const { limit, windowMs, maxAddresses, count } = requests
  const steps = [
    `new RateLimiter({ limit: ${limit}, windowMs: ${windowMs}, maxAddresses: ${maxAddresses}, now })`,
    step,
  ]
  const { growth } = await probe(
    build,
    'level3/rate-limiter.ts',
    measure,
    { ...requests, first: FIRST },
    { patienceMs: 40_000, about: { steps, why } },
  )
  if (growth <= MOST_GROWTH) return
  throw new Expectation({
    steps,
    expected: `memory that stays as it is after the first ${FIRST} requests`,
    received: `${Math.round(growth / 1024 / 1024)} MB more after ${count}`,
    why,
  })
}

// Run in the submission's process.

function measure(
  { RateLimiter }: LimiterModule,
  options: Requests & { readonly first: number },
): { growth: number; size: number } {
  const { limit, windowMs, maxAddresses, addresses, count, everyMs, first } = options
  let clock = 0
  const limiter = new RateLimiter({ limit, windowMs, maxAddresses, now: () => clock })
  // What is garbage already is not kept.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
  const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  let before = 0
  for (let request = 0; request < count; request++) {
    if (request === first) before = heap()
    const n = request % addresses
    limiter.take(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
    clock += everyMs
  }
  // The limiter is asked once more: nobody collects it before its memory is looked at.
  return { growth: heap() - before, size: limiter.size }
}
