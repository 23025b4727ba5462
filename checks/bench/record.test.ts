import { describe, expect, it } from 'vitest'
import { BenchRecord } from '../../bench/record.ts'
import { targetsOf } from '../../bench/targets.ts'
import { exampleRecord } from './example.ts'

describe('a record of a bench', () => {
  it('survives JSON', () => {
    const record = exampleRecord()
    expect(BenchRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record)
  })

  it('is refused when a verdict is none of ours', () => {
    const [first, ...others] = exampleRecord().targets
    const targets = [{ ...first, verdict: 'cheated' }, ...others]
    expect(BenchRecord.safeParse({ ...exampleRecord(), targets }).success).toBe(false)
  })
})

describe('the targets', () => {
  it.each([1, 2, 3])('of level %i are worth 20 points', (level) => {
    const points = Object.values(targetsOf(level)).map((target) => target.points)
    expect(points.reduce((sum, each) => sum + each, 0)).toBe(20)
  })

  it('each have a number that is absolute, a share of the reference, or both', () => {
    const without = [1, 2, 3]
      .flatMap((level) => Object.values(targetsOf(level)))
      .filter(({ absolute, share }) => absolute === null && share === null)
    expect(without).toEqual([])
  })

  it('are none where there is no such level', () => {
    expect(targetsOf(12)).toEqual({})
  })
})
