import { inject } from 'vitest'
import type { Case } from '../../../levels/level1/case.ts'
import type { Build } from '../../../harness/build.ts'
import { Expectation } from '../../../harness/expectation.ts'
import { loadCases, nameOf } from '../../kit/cases.ts'
import { buildEdited } from '../../kit/edited.ts'
import { falseAlarms, inLanes, isCaught } from '../../kit/hunt.ts'
import { Random } from '../../kit/random.ts'
import { describe, it } from '../../kit/test.ts'
import { brokenServers, categories, type BrokenServer, type Category } from './broken-servers.ts'
import { correctServers } from './correct-servers.ts'

const SERVERS = 20
const AT_LEAST_OF_EACH = 2

describe('find the bugs yourself', () => {
  for (let least = 1; least <= SERVERS; least++) {
    it(`catches at least ${least} of the ${SERVERS} broken servers, false alarms subtracted`, async ({
      build,
    }) => {
      const { score, count, steps, caught, alarms } = await measure(build)
      if (score >= least) return
      throw new Expectation({
        open: true,
        // Told once, by the first of the tests that fail.
        steps: least === Math.max(score, 0) + 1 ? steps : [],
        expected: `at least ${least} servers caught, false alarms subtracted`,
        received: `${score}: ${count(() => true)} of ${SERVERS} caught (${categories.map((category) => `${category} ${count((server) => server.category === category)} of ${ofCategory(caught, category)}`).join(', ')}), less ${alarms} ${alarms === 1 ? 'false alarm' : 'false alarms'}`,
        why: 'a sentence of the assignment that no case stands on is one that a server may break unseen',
      })
    })
  }
})

interface Measured {
  readonly score: number
  /** Every server of the run, and whether it was caught. */
  readonly caught: ReadonlyMap<BrokenServer, boolean>
  readonly count: (which: (server: BrokenServer) => boolean) => number
  readonly alarms: number
  readonly steps: readonly string[]
}

let measured: Promise<Measured> | undefined

/** All tests ask for the same measurement. */
function measure(build: Build): Promise<Measured> {
  measured ??= loadCases(build, 'level1/cases.ts').then(hunt)
  return measured
}

async function hunt(cases: readonly Case[]): Promise<Measured> {
  const alarms: string[] = []
  let trusted = cases
  for (const correct of correctServers) {
    const accusing = await falseAlarms(trusted, await buildEdited(correct, 1))
    for (const { case: one, failure } of accusing) {
      alarms.push(
        `false alarm: ${nameOf(cases, one)} asks for ${failure.expected}; a correct server gave ${failure.received}. Right all the same: ${correct.allowed}.`,
      )
    }
    trusted = trusted.filter((one) => !accusing.some((alarm) => alarm.case === one))
  }

  const caught = new Map<BrokenServer, boolean>()
  await inLanes(5, draw(), async (server) => {
    caught.set(server, await isCaught(trusted, await buildEdited(server, 1)))
  })
  const count = (which: (server: BrokenServer) => boolean) =>
    [...caught].filter(([server, is]) => is && which(server)).length
  return {
    score: count(() => true) - alarms.length,
    caught,
    count,
    alarms: alarms.length,
    steps: [
      `try ${cases.length} cases on correct servers`,
      ...alarms.toSorted(),
      `try the other ${trusted.length} on ${SERVERS} broken servers`,
    ],
  }
}

/** The servers of this run: some of each category, the rest from all. */
function draw(): readonly BrokenServer[] {
  const random = new Random(inject('seed'), 'the broken servers of level 1')
  const shuffled = brokenServers
    .map((server) => ({ server, place: random.integer(0, 2 ** 40) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ server }) => server)
  const ofEach = categories.flatMap((category) =>
    shuffled.filter((server) => server.category === category).slice(0, AT_LEAST_OF_EACH),
  )
  const others = shuffled.filter((server) => !ofEach.includes(server))
  return [...ofEach, ...others.slice(0, SERVERS - ofEach.length)]
}

function ofCategory(caught: ReadonlyMap<BrokenServer, boolean>, category: Category): number {
  return [...caught.keys()].filter((server) => server.category === category).length
}
