import { fileURLToPath } from 'node:url'
import { Expectation } from '../../../harness/expectation.ts'
import { loadCases, nameOf } from '../../kit/cases.ts'
import { buildOurs } from '../../kit/edited.ts'
import { falseAlarms, inLanes, isCaught } from '../../kit/hunt.ts'
import { describe, it } from '../../kit/test.ts'

const FEWEST_CASES = 8
const LEAST_CAUGHT = 3

/** Read them: each is wrong in its own way. */
const broken = ['counts-characters', 'content-to-head', 'dies-of-a-bad-line', 'reads-once']

describe('find the bugs yourself', () => {
  it('has cases that are well-formed', async ({ build }) => {
    await loadCases(build, 'level1/cases.ts')
  })

  it(`has at least ${FEWEST_CASES} cases`, async ({ build }) => {
    const { length } = await loadCases(build, 'level1/cases.ts')
    if (length >= FEWEST_CASES) return
    throw new Expectation({
      steps: ['load levels/level1/cases.ts'],
      expected: `at least ${FEWEST_CASES} cases`,
      received: String(length),
      why: 'a server has more ways to be wrong than that (task 1.7)',
    })
  })

  it('accuses no correct server', async ({ build }) => {
    const cases = await loadCases(build, 'level1/cases.ts')
    const alarms = await falseAlarms(cases, await given('correct'))
    const [first] = alarms.toSorted((a, b) => cases.indexOf(a.case) - cases.indexOf(b.case))
    if (first === undefined) return
    const others =
      alarms.length === 1 ? '' : ` (and ${alarms.length - 1} more of your cases are false alarms)`
    // A line that repeats it would ask the learner's own server.
    const { repeat: _ofTheirs, ...failure } = first.failure
    throw new Expectation({
      ...failure,
      steps: [
        `take ${nameOf(cases, first.case)}`,
        'start tests/public/level1/servers/correct',
        ...failure.steps,
      ],
      received: `${failure.received}${others}`,
      why: 'this server is correct: the assignment asks for its answer, or leaves it open (task 1.7)',
    })
  })

  it(`catches at least ${LEAST_CAUGHT} of the ${broken.length} given broken servers`, async ({
    build,
  }) => {
    const cases = await loadCases(build, 'level1/cases.ts')
    const alarms = await falseAlarms(cases, await given('correct'))
    const trusted = cases.filter((one) => !alarms.some((alarm) => alarm.case === one))
    const missed: string[] = []
    await inLanes(broken.length, broken, async (name) => {
      if (!(await isCaught(trusted, await given(name)))) missed.push(name)
    })
    const caught = broken.length - missed.length
    if (caught >= LEAST_CAUGHT) return
    throw new Expectation({
      steps: [
        `try ${trusted.length} cases on the servers in tests/public/level1/servers`,
        ...missed.toSorted().map((name) => `${name}: every case holds`),
      ],
      expected: `at least ${LEAST_CAUGHT} servers on which a case fails`,
      received: String(caught),
      why: 'a server is caught when a case fails on it that accuses no correct server (task 1.7)',
    })
  })
})

function given(name: string) {
  return buildOurs(fileURLToPath(new URL(`./servers/${name}`, import.meta.url)), 1)
}
