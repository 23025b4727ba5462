/** No trick makes a server look better in a bench than it is: those that need a long bench, or threads. */
import { expect, it } from 'vitest'
import {
  movesItsWorkIntoThreads,
  slowsItsNeighbourDown,
  thenTooSlowToBeLookedAt,
} from '../submissions/level3/dishonest.ts'
import { benched } from './benched.ts'

it(`a server that ${thenTooSlowToBeLookedAt.what} does not keep what it got for being quick`, async () => {
  const { targets } = await benched(thenTooSlowToBeLookedAt, 3)
  expect(targets.find(({ id }) => id === 'throughput')?.verdict).toBe('missed')
})

it(`a server that ${slowsItsNeighbourDown.what} gains nothing by it`, async () => {
  const { targets } = await benched(slowsItsNeighbourDown, 3)
  const throughput = targets.find(({ id }) => id === 'throughput')
  // They are the same server: without a neighbour in its way, the reference is as quick.
  expect(throughput?.shareReached?.median).toBeLessThan(1.4)
})

it(`a server that ${movesItsWorkIntoThreads.what} is charged for the thread`, async () => {
  const { scenarios } = await benched(movesItsWorkIntoThreads, 3)
  const throughput = scenarios.find(({ id }) => id === 'throughput')
  const [own = 0, reference = Infinity] = [throughput?.submission, throughput?.reference].map(
    (figures) =>
      Math.min(...(figures?.rounds ?? []).map((round) => round.cpuMicrosecondsPerRequest ?? 0)),
  )
  expect(own).toBeGreaterThan(1.5 * reference)
})
