/**
 * No trick makes a server look better in a bench than it is: 28, 29 and 31 of the list in the study of sandboxes.
 *
 * With the reference of level 1, whose bench is short: `.ci/run` has it.
 */
import { expect, it } from 'vitest'
import {
  cachesWithoutTheQuery,
  constant,
  fastForThreeSeconds,
  recognisesTheLoad,
} from '../submissions/level1/dishonest.ts'
import { benched } from './benched.ts'

for (const edited of [constant, recognisesTheLoad, cachesWithoutTheQuery]) {
  it(`a server that ${edited.what} has no figures that count (28, 29)`, async () => {
    const { scenarios, targets, points } = await benched(edited, 1)
    const figures = scenarios.find(({ id }) => id === 'one-client')
    expect(figures?.void?.code).toBe('wrong-answers')
    expect(figures?.void?.message).toMatch(/\d+ of \d+ answers were wrong: GET \/greet/)
    expect(targets.map(({ verdict }) => verdict)).toEqual(['missed', 'missed'])
    expect(points.earned).toBe(0)
  })
}

it(`a server that ${fastForThreeSeconds.what} does not keep what it got for being quick (31)`, async () => {
  const { scenarios, targets } = await benched(fastForThreeSeconds, 1)
  expect(scenarios.find(({ id }) => id === 'one-client')?.void?.code).toBe('unstable')
  expect(targets.find(({ id }) => id === 'oneClient')?.verdict).toBe('missed')
})
