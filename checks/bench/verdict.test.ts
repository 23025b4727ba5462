/** The statistics and the verdicts, on made-up rounds: no server, no clock, the same every time. */
import { describe, expect, it } from 'vitest'
import { growthOf } from '../../bench/growth.ts'
import { randomFrom } from '../../bench/random.ts'
import { medianInterval, ratios, slope } from '../../bench/statistics.ts'
import type { Target } from '../../bench/targets.ts'
import { judge } from '../../bench/verdict.ts'

const random = () => randomFrom(1, 'checks')

/** Rounds around a middle, each off by up to so much of it. */
function noisy(middle: number, noise: number, count: number, name: string): number[] {
  const next = randomFrom(7, name)
  return Array.from({ length: count }, () => middle * (1 + noise * (2 * next() - 1)))
}

const rate: Target = {
  title: 'a rate',
  unit: 'req/s',
  direction: 'at least',
  absolute: 1000,
  share: 0.5,
  points: 5,
}
const latency: Target = { ...rate, unit: 'ms', direction: 'at most', absolute: 50, share: 3 }

describe('the interval of a median', () => {
  it('is the same for the same seed', () => {
    const values = noisy(100, 0.3, 9, 'same')
    expect(medianInterval(values, 0.99, random())).toEqual(medianInterval(values, 0.99, random()))
  })

  it('is all of the range where there are three values', () => {
    expect(medianInterval([10, 30, 20], 0.99, random())).toEqual({ median: 20, low: 10, high: 30 })
  })

  it('becomes narrow with many values', () => {
    const { low, high } = medianInterval(noisy(100, 0.3, 200, 'many'), 0.99, random())
    expect(high - low).toBeLessThan(25)
    expect(low).toBeLessThan(100)
    expect(high).toBeGreaterThan(100)
  })

  it('holds the true median as often as it says', () => {
    const misses = Array.from({ length: 200 }, (_, run) => {
      const { low, high } = medianInterval(noisy(100, 0.2, 12, `run ${run}`), 0.99, random())
      return low > 100 || high < 100
    }).filter(Boolean).length
    expect(misses).toBeLessThanOrEqual(6)
  })
})

describe('ratios', () => {
  it('are taken pair by pair, so that a slow second of the machine falls out', () => {
    expect(ratios([80, 8, 40], [100, 10, 50])).toEqual([0.8, 0.8, 0.8])
  })

  it('leave out a pair that is not complete', () => {
    expect(ratios([80, 40], [100])).toEqual([0.8])
  })
})

describe('a slope', () => {
  it('is not bent by one outlier', () => {
    expect(slope([0, 10, 20, 300, 40, 50, 60])).toBeCloseTo(10, 0)
  })

  it('is nothing where there is one value', () => {
    expect(slope([5])).toBe(0)
  })
})

describe('a verdict', () => {
  const verdict = (target: Target, submission: number[], reference: number[]) =>
    judge(target, { submission, reference }, random())

  it('is "met" by the absolute number, whatever the reference does', () => {
    const { verdict: is, reason } = verdict(
      rate,
      [1200, 1210, 1190, 1205],
      [9000, 9100, 8900, 9000],
    )
    expect(is).toBe('met')
    expect(reason).toContain('at least 1,000 was asked for')
  })

  it('is "met" by the share, on a machine too slow for the absolute number', () => {
    const { verdict: is, reason } = verdict(rate, [80, 82, 79, 81], [100, 101, 99, 100])
    expect(is).toBe('met')
    expect(reason).toContain('81 % of the reference')
  })

  it('is "missed" when neither is reached', () => {
    const { verdict: is, reason } = verdict(rate, [300, 310, 305, 290], [900, 910, 890, 905])
    expect(is).toBe('missed')
    expect(reason).toMatch(/34 % of the reference.*at least 1,000 req\/s or 50 % of the reference/)
  })

  it('is "too close to call" while the threshold lies between the rounds', () => {
    const { verdict: is, reason } = verdict(rate, [430, 540, 480, 520], [1000, 1000, 1000, 1000])
    expect(is).toBe('too close to call')
    expect(reason).toMatch(/between 43 % and 54 %/)
  })

  it('needs four pairs, or two that are far from the threshold', () => {
    expect(verdict(rate, [600, 600], [1000, 1000]).verdict).toBe('too close to call')
    expect(verdict(rate, [100, 100], [1000, 1000]).verdict).toBe('missed')
    expect(verdict(rate, [2000, 2100], [9000, 9000]).verdict).toBe('met')
    expect(verdict(rate, [2000], [9000]).verdict).toBe('too close to call')
  })

  it('asks for little where little is good', () => {
    expect(verdict(latency, [20, 22, 21, 20], [5, 5, 5, 5]).verdict).toBe('met')
    expect(verdict(latency, [200, 220, 210, 205], [150, 160, 155, 150]).verdict).toBe('met')
    expect(verdict(latency, [600, 620, 610, 605], [150, 160, 155, 150]).verdict).toBe('missed')
  })

  it('does not blame a server for a machine when there is no reference', () => {
    expect(verdict(rate, [300, 310, 305, 290], [])).toMatchObject({
      verdict: 'not measured',
      reason: expect.stringContaining('no reference') as string,
    })
  })

  it('is "not measured" without a round', () => {
    expect(verdict(rate, [], []).verdict).toBe('not measured')
  })

  it('of the reference beside itself is never "missed", however noisy the machine', () => {
    const verdicts = Array.from({ length: 60 }, (_, run) => {
      const [mine, its] = ['mine', 'its'].map((name) => noisy(400, 0.3, 8, `${name} ${run}`))
      return verdict(rate, mine ?? [], its ?? []).verdict
    })
    expect(verdicts).not.toContain('missed')
  })

  it('on a server at 0.8 and at 1.25 times the threshold is not the wrong one, at 15 % of noise', () => {
    const verdicts = (factor: number) =>
      Array.from({ length: 60 }, (_, run) => {
        // As a bench does it: looked at after each pair, and kept as soon as it is clear.
        const mine = noisy(800 * 0.5 * factor, 0.15, 12, `mine ${factor} ${run}`)
        const its = noisy(800, 0.15, 12, `its ${factor} ${run}`)
        for (let pairs = 2; pairs <= 12; pairs++) {
          const is = verdict({ ...rate, absolute: null }, mine.slice(0, pairs), its.slice(0, pairs))
          if (is.verdict !== 'too close to call') return is.verdict
        }
        return 'too close to call'
      })
    expect(verdicts(0.8).filter((each) => each === 'met')).toEqual([])
    expect(verdicts(1.25).filter((each) => each === 'missed')).toEqual([])
  })
})

describe('growth of memory', () => {
  const options = { most: 50, requestsPerRound: 20_000 }
  const rounds = (perRound: (round: number) => number) => {
    const memory = [20e6]
    for (let round = 0; ; round++) {
      const judged = growthOf(memory, options)
      if (judged !== undefined) return judged
      memory.push((memory.at(-1) ?? 0) + perRound(round))
    }
  }

  it('that stops is flat, however much it was at first', () => {
    expect(rounds((round) => 40e6 / 2 ** round).verdict).toBe('flat')
  })

  it.each([100, 1024])('of %i bytes a request is growth', (bytes) => {
    const { verdict, bytesPerRequest } = rounds(() => bytes * options.requestsPerRound)
    expect(verdict).toBe('grows')
    expect(bytesPerRequest).toBeCloseTo(bytes)
  })

  it('is seen through a collector that works in bursts', () => {
    // 100 bytes a request stay; every third round garbage of 4 MB goes, and comes back.
    const garbage = [2e6, 2e6, -4e6]
    expect(rounds((round) => 2e6 + (garbage[round % 3] ?? 0)).verdict).toBe('grows')
  })

  it('of up and down is flat', () => {
    expect(rounds((round) => (round % 2 === 0 ? 3e6 : -3e6)).verdict).toBe('flat')
  })
})
