/** What level 2 measures: the wall, quick answers beside CPU work, and clients who do not read. */
import type { Bench } from './bench.ts'
import { stalledReaders } from './memory.ts'
import { echo, fib, greet, hello, mixed, mostlyHello, user, work } from './requests.ts'
import { lateLook, rounds } from './rounds.ts'
import { p99, rate, type Scenario } from './scenario.ts'
import { timeline } from './timeline.ts'

const waiting: Scenario = {
  id: 'work',
  title: '/work with 100 clients',
  kind: 'one each',
  connections: 100,
  requests: () => [work],
  targets: { work: rate },
}

/** `/fib` keeps the pool of threads, and its queue, busy all the time. */
export const besideFib: Scenario = {
  id: 'beside-fib',
  title: '/ while /fib saturates its pool',
  kind: 'one each',
  connections: 4,
  requests: mostlyHello,
  background: { connections: 16, requests: [fib(27)] },
}

export async function level2(bench: Bench): Promise<void> {
  const early = await rounds(bench, waiting)
  await timeline(bench)
  await rounds(bench, { ...besideFib, targets: { besideFib: p99 } })
  await rounds(bench, {
    id: 'mixed',
    title: 'every quick route, 20 clients',
    kind: 'one each',
    connections: 20,
    requests: (random) => mixed(random, [hello, greet, echo, user]),
  })
  await stalledReaders(bench, 'stalled')
  await lateLook(bench, waiting, early)
}
