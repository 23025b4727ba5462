/** Grades what a learner can find: the tests of tasks 1.7 and 3.10. */
import { inject } from 'vitest'
import type { Case } from '../../levels/level1/case.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation } from '../../harness/expectation.ts'
import { loadCases, nameOf } from './cases.ts'
import { buildEdited, type Edited } from './edited.ts'
import { falseAlarms, inLanes, isCaught } from './hunt.ts'
import { Random } from './random.ts'
import { it } from './test.ts'

/** Wrong in one thing. */
export interface BrokenServer extends Edited {
  readonly category: string
}

/** Right, and other than the reference wherever there is a choice. No case may accuse it. */
export interface CorrectServer extends Edited {
  /** Why its answers are right, for a learner whose case says otherwise. */
  readonly allowed: string
}

export interface Hunt<Broken extends BrokenServer = BrokenServer> {
  readonly level: number
  /** How many broken servers are drawn. */
  readonly servers: number
  readonly categories: readonly Broken['category'][]
  readonly broken: readonly Broken[]
  readonly correct: readonly CorrectServer[]
}

const AT_LEAST_OF_EACH = 2

/** One test for each broken server that can be caught. */
export function gradesHunt(hunt: Hunt): void {
  const { level, servers, categories } = hunt
  let measured: Promise<Measured> | undefined

  /** All tests ask for the same measurement. */
  const measure = (build: Build) =>
    (measured ??= loadCases(build, `level${level}/cases.ts`).then((cases) => play(hunt, cases)))

  for (let least = 1; least <= servers; least++) {
    it(`catches at least ${least} of the ${servers} broken servers, false alarms subtracted`, async ({
      build,
    }) => {
      const { caught, alarms, steps } = await measure(build)
      const all = [...caught.keys()]
      const found = all.filter((server) => caught.get(server) === true)
      const score = found.length - alarms
      if (score >= least) return
      const counts = categories.map((category) => {
        const of = (some: readonly BrokenServer[]) =>
          some.filter((server) => server.category === category).length
        return `${category} ${of(found)} of ${of(all)}`
      })
      throw new Expectation({
        open: true,
        // Told once, by the first of the tests that fail.
        steps: least === Math.max(score, 0) + 1 ? steps : [],
        expected: `at least ${least} servers caught, false alarms subtracted`,
        received: `${score}: ${found.length} of ${servers} caught (${counts.join(', ')}), less ${alarms} ${alarms === 1 ? 'false alarm' : 'false alarms'}`,
        why: 'a sentence of the assignment that no case stands on is one that a server may break unseen',
      })
    })
  }
}

interface Measured {
  /** Every server of the run, and whether it was caught. */
  readonly caught: ReadonlyMap<BrokenServer, boolean>
  readonly alarms: number
  readonly steps: readonly string[]
}

async function play(hunt: Hunt, cases: readonly Case[]): Promise<Measured> {
  const { level, servers, correct } = hunt
  const alarms: string[] = []
  let trusted = cases
  for (const server of correct) {
    const accusing = await falseAlarms(trusted, await buildEdited(server, level))
    for (const { case: one, failure } of accusing) {
      alarms.push(
        `false alarm: ${nameOf(cases, one)} asks for ${failure.expected}; a correct server gave ${failure.received}. Right all the same: ${server.allowed}.`,
      )
    }
    trusted = trusted.filter((one) => !accusing.some((alarm) => alarm.case === one))
  }

  const caught = new Map<BrokenServer, boolean>()
  await inLanes(5, draw(hunt), async (server) => {
    caught.set(server, await isCaught(trusted, await buildEdited(server, level)))
  })
  return {
    caught,
    alarms: alarms.length,
    steps: [
      `try ${cases.length} cases on correct servers: ${alarms.length} false alarms`,
      ...alarms.toSorted(),
      `try the ${trusted.length} that remain on ${servers} broken servers, which the seed of this run has drawn`,
    ],
  }
}

/** The servers of this run: some of each category, the rest from all. */
function draw({ level, servers, categories, broken }: Hunt): readonly BrokenServer[] {
  const random = new Random(inject('seed'), `the broken servers of level ${level}`)
  const shuffled = broken
    .map((server) => ({ server, place: random.integer(0, 2 ** 40) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ server }) => server)
  const ofEach = categories.flatMap((category) =>
    shuffled.filter((server) => server.category === category).slice(0, AT_LEAST_OF_EACH),
  )
  const others = shuffled.filter((server) => !ofEach.includes(server))
  return [...ofEach, ...others.slice(0, servers - ofEach.length)]
}
