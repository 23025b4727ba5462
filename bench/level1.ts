/** What level 1 measures: a staircase, a rate, and whether memory settles. */
import type { Bench } from './bench.ts'
import { growth } from './memory.ts'
import { echo, greet, hello, mixed, mostlyHello } from './requests.ts'
import { lateLook, rounds } from './rounds.ts'
import { rate, type Scenario } from './scenario.ts'
import { timeline } from './timeline.ts'

const oneClient: Scenario = {
  id: 'one-client',
  title: '/ from one client at a time',
  kind: 'one each',
  connections: 1,
  requests: mostlyHello,
  targets: { oneClient: rate },
}

export async function level1(bench: Bench): Promise<void> {
  const early = await rounds(bench, oneClient)
  await timeline(bench)
  await growth(bench, {
    id: 'growth',
    title: 'every route but /work, 20 clients, equal rounds',
    kind: 'one each',
    connections: 20,
    requestsPerRound: 3000,
    requests: (random) => mixed(random, [hello, greet, echo]),
  })
  await lateLook(bench, oneClient, early)
}
