import { Blocked, Expectation } from '../../../harness/expectation.ts'
import { SubmissionFault } from '../../../harness/faults.ts'
import { loadCases, nameOf } from '../../kit/cases.ts'
import { falseAlarms } from '../../kit/hunt.ts'
import { describe, it } from '../../kit/test.ts'

const FEWEST_CASES = 12

describe('find the bugs yourself', () => {
  it(`has at least ${FEWEST_CASES} cases that are well-formed`, async ({ build }) => {
    const { length } = await loadCases(build, 'level3/cases.ts')
    if (length >= FEWEST_CASES) return
    throw new Expectation({
      steps: ['load levels/level3/cases.ts'],
      expected: `at least ${FEWEST_CASES} cases`,
      received: String(length),
      why: 'a server has more ways to be wrong than that (task 3.10)',
    })
  })

  it('accuses your own server of nothing', async ({ build }) => {
    const cases = await loadCases(build, 'level3/cases.ts')
    const alarms = await falseAlarms(cases, build).catch((error: unknown) => {
      if (error instanceof SubmissionFault) throw new Blocked(error.code, error.message)
      throw error
    })
    const [first] = alarms.toSorted((a, b) => cases.indexOf(a.case) - cases.indexOf(b.case))
    if (first === undefined) return
    const others = alarms.length === 1 ? '' : ` (and ${alarms.length - 1} more of your cases fail)`
    throw new Expectation({
      ...first.failure,
      steps: [`take ${nameOf(cases, first.case)}`, 'start your own server', ...first.failure.steps],
      received: `${first.failure.received}${others}`,
      why: 'either this case is a false alarm, or you have just found a bug of your own (task 3.10)',
    })
  })
})
