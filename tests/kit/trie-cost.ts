/** What a lookup costs, compared with another one in the same process. */
import type * as routerModule from '../../levels/level3/trie-router.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { probe } from '../../harness/probe.ts'

const FILE = 'level3/trie-router.ts'

/** Two routers and what is looked up in each. */
export type Comparison = {
  readonly small: Side
  readonly large: Side
}

type Side = { readonly routes: readonly string[]; readonly paths: readonly string[] }

/**
 * Checks that the lookups of the large side cost at most so many times what those of the small side cost.
 *
 * The two take turns, so that a busy machine slows both, and the quickest turns count: nothing makes one too quick.
 */
export async function costsAtMost(
  build: Build,
  most: number,
  { small, large }: Comparison,
  steps: readonly string[],
  why: string,
): Promise<void> {
  const { ratio } = await probe(
    build,
    FILE,
    compare,
    { small, large, enough: most },
    { patienceMs: 60_000 },
  )
  if (ratio <= most) return
  throw new Expectation({
    steps,
    expected: `at most ${most} times the cost`,
    received: `${ratio.toFixed(1)} times the cost`,
    why,
  })
}

// Run in the submission's process.

function compare(
  { TrieRouter }: typeof routerModule,
  { small, large, enough }: { readonly small: Side; readonly large: Side; readonly enough: number },
): { ratio: number } {
  const sideOf = ({ routes, paths }: Side) => {
    const router = new TrieRouter<string>()
    for (const route of routes) router.add('GET', route, route)
    return () => {
      for (const path of paths) router.find('GET', path)
    }
  }
  const [a, b] = [sideOf(small), sideOf(large)]
  // Processor time, not time: another program on the machine does not count.
  const micros = () => {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  const costOf = (run: () => void, times: number) => {
    const start = micros()
    for (let time = 0; time < times; time++) run()
    return (micros() - start) / times
  }

  // So often that a turn takes four milliseconds; this warms it up, too. What is measured once may be the compiler.
  const timesOf = (run: () => void) => {
    const turn = (times: number) => Math.min(...[1, 2, 3].map(() => costOf(run, times) * times))
    let times = 1
    while (turn(times) < 4000 && times < 1e6) times *= 2
    return times
  }
  const [timesA, timesB] = [timesOf(a), timesOf(b)]

  let ratio = Infinity
  for (let attempt = 0; attempt < 3 && ratio > enough; attempt++) {
    const turns = Array.from({ length: 15 }, () => [costOf(a, timesA), costOf(b, timesB)] as const)
    const quickest = (side: 0 | 1) => Math.min(...turns.map((turn) => turn[side]))
    ratio = Math.min(ratio, quickest(1) / Math.max(0.01, quickest(0)))
  }
  return { ratio }
}
