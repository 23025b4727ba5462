/** No trick makes a server look better in a bench than it is. */
import { beforeAll, describe, expect, it } from 'vitest'
import { BenchRecord } from '../../bench/record.ts'
import { writeEdited, type Edited } from '../../tests/kit/edited.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'
import { dishonest } from './dishonest.ts'

async function benched(edited: Edited): Promise<BenchRecord> {
  const folder = await folderWith()
  await writeEdited(edited, 3, folder)
  const options = ['--from', folder, '--out', await folderWith(), '--json', '--seed', '1']
  const { stdout } = await loadbearing(['bench', 'level3', '--quick', ...options])
  return BenchRecord.parse(JSON.parse(stdout))
}

function verdictOn(record: BenchRecord, id: string): string | undefined {
  return record.targets.find((target) => target.id === id)?.verdict
}

describe('a server that', () => {
  const records = new Map<string, BenchRecord>()
  beforeAll(async () => {
    // One after the other: a bench needs the machine.
    for (const edited of Object.values(dishonest)) records.set(edited.name, await benched(edited))
  }, 900_000)
  const recordOf = ({ name }: Edited): BenchRecord => {
    const record = records.get(name)
    if (record === undefined) throw new Error(`${name} was not measured`)
    return record
  }

  for (const edited of [
    dishonest.constant,
    dishonest.recognisesTheLoad,
    dishonest.cachesWithoutTheQuery,
  ]) {
    it(`${edited.what} has no figures that count`, () => {
      const record = recordOf(edited)
      const throughput = record.scenarios.find(({ id }) => id === 'throughput')
      expect(throughput?.void?.code).toBe('wrong-answers')
      expect(throughput?.void?.message).toMatch(/\d+ of \d+ answers were wrong: GET \/greet/)
      expect(verdictOn(record, 'throughput')).toBe('missed')
      expect(record.points.earned).toBeLessThan(record.points.possible / 2)
    })
  }

  for (const edited of [dishonest.fastForThreeSeconds, dishonest.thenTooSlowToBeLookedAt]) {
    it(`${edited.what} does not keep what it got for being quick`, () => {
      expect(verdictOn(recordOf(edited), 'throughput')).toBe('missed')
    })
  }

  it(`${dishonest.slowsItsNeighbourDown.what} gains nothing by it`, () => {
    const target = recordOf(dishonest.slowsItsNeighbourDown).targets.find(
      ({ id }) => id === 'throughput',
    )
    // They are the same server: without a neighbour in its way, the reference is as quick.
    expect(target?.shareReached?.median).toBeLessThan(1.4)
  })

  it(`${dishonest.movesItsWorkIntoThreads.what} is charged for the thread`, () => {
    const record = recordOf(dishonest.movesItsWorkIntoThreads)
    const throughput = record.scenarios.find(({ id }) => id === 'throughput')
    const costs = [throughput?.submission, throughput?.reference].map((figures) =>
      Math.min(...(figures?.rounds ?? []).map((round) => round.cpuMicrosecondsPerRequest ?? 0)),
    )
    expect(costs[0]).toBeGreaterThan(1.5 * (costs[1] ?? Infinity))
  })
})
