import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientName } from '../../solutions/level3/client-address.ts'
import { RateLimiter, rateLimitFields } from '../../solutions/level3/rate-limiter.ts'
import { RecentKeys } from '../../solutions/level3/recent-keys.ts'

function limiterAt(limit: number, windowMs: number, maxAddresses?: number) {
  const clock = { ms: 5_000 }
  const options = { limit, windowMs, now: () => clock.ms }
  const limiter = new RateLimiter(maxAddresses ? { ...options, maxAddresses } : options)
  return { clock, limiter, allows: (address = 'a') => limiter.take(address).allowed }
}

describe('rate limiter', () => {
  it('allows the limit and not one more', () => {
    const { limiter } = limiterAt(3, 60_000)
    expect([1, 2, 3, 4].map(() => limiter.take('192.0.2.1').allowed)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect(limiter.take('192.0.2.2')).toEqual({
      allowed: true,
      limit: 3,
      remaining: 2,
      resetSeconds: 60,
      retryAfterSeconds: 0,
    })
  })

  it('gives no second burst at the border of a window', () => {
    const { clock, allows } = limiterAt(100, 60_000)
    allows()
    clock.ms += 59_990
    for (let i = 0; i < 99; i++) expect(allows()).toBe(true)
    clock.ms += 20
    const passed = Array.from({ length: 100 }, () => allows()).filter(Boolean).length
    expect(passed).toBeLessThan(3)
  })

  it('forgets after two windows', () => {
    const { clock, allows } = limiterAt(2, 1_000)
    expect([allows(), allows(), allows()]).toEqual([true, true, false])
    clock.ms += 2_000
    expect([allows(), allows(), allows()]).toEqual([true, true, false])
  })

  it('is not harmed by a clock that goes backwards, or leaps', () => {
    const { clock, allows } = limiterAt(1, 1_000)
    expect(allows()).toBe(true)
    clock.ms -= 1e9
    expect(allows()).toBe(false)
    clock.ms += 2_000
    expect(allows()).toBe(true)
    clock.ms += 1e12
    expect(allows()).toBe(true)
    clock.ms -= 1e12
    expect(allows()).toBe(false)
    clock.ms += 2_001
    expect(allows()).toBe(true)
  })

  it('promises a moment at which one more passes, and none that is a second too late', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 4_000 }),
      requests: fc.integer({ min: 0, max: 12 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom(100, 999, 1_000, 3_000, 60_000),
        fc.array(step, { maxLength: 12 }),
        (limit, windowMs, steps) => {
          const { clock, limiter } = limiterAt(limit, windowMs)
          for (const { waitMs, requests } of steps) {
            clock.ms += waitMs
            for (let i = 0; i < requests; i++) limiter.take('a')
          }
          let verdict = limiter.take('a')
          while (verdict.allowed) {
            expect(verdict.remaining === 0).toBe(verdict.retryAfterSeconds > 0)
            verdict = limiter.take('a')
          }
          expect(verdict.remaining).toBe(0)
          expect(verdict.resetSeconds).toBeLessThanOrEqual(Math.ceil(windowMs / 1000))
          clock.ms += (verdict.retryAfterSeconds - 1) * 1_000
          if (verdict.retryAfterSeconds > 1) {
            clock.ms -= 1
            expect(limiter.take('a').allowed).toBe(false)
            clock.ms += 1
          }
          clock.ms += 1_000
          expect(limiter.take('a').allowed).toBe(true)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('allows no more than twice the limit in any window, however the requests are placed', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 50, maxLength: 200 })
    fc.assert(
      fc.property(steps, (waits) => {
        const { clock, allows } = limiterAt(5, 1_000)
        const passed: number[] = []
        for (const wait of waits) {
          clock.ms += wait < 500 ? 0 : wait - 500
          if (allows()) passed.push(clock.ms)
        }
        for (const from of passed) {
          expect(passed.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(
            10,
          )
        }
      }),
    )
  })

  it('remembers at most so many addresses, and forgets the one that was not seen for longest', () => {
    const { limiter, allows } = limiterAt(1, 60_000, 3)
    for (const address of ['a', 'b', 'c']) expect(allows(address)).toBe(true)
    expect(allows('a')).toBe(false)
    expect(allows('d')).toBe(true)
    expect(limiter.size).toBe(3)
    expect(allows('a')).toBe(false)
    expect(allows('b')).toBe(true)
  })

  it('stays the same size under a million addresses', () => {
    const { limiter } = limiterAt(1, 60_000)
    for (let i = 0; i < 1_000_000; i++) limiter.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
    expect(limiter.size).toBe(100_000)
  })

  it('writes its fields', () => {
    const { limiter } = limiterAt(1, 1_500)
    expect(rateLimitFields(limiter.take('a'))).toEqual({
      'RateLimit-Limit': '1',
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': '2',
    })
    expect(rateLimitFields(limiter.take('a'))).toMatchObject({ 'Retry-After': '2' })
  })
})

describe('the name of a client', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['', ''],
  ])('%s is counted as %s', (address, name) => expect(clientName(address)).toBe(name))
})

describe('recent keys, beside a Map that is put in order', () => {
  it('gives the same keys a place', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (uses) => {
        const keys = new RecentKeys(4)
        const plain = new Map<string, number>()
        for (const use of uses) {
          const key = String(use)
          expect(keys.use(key)).toBe(plain.get(key) ?? -1)
          const place = plain.has(key) ? plain.get(key)! : keys.add(key)
          plain.delete(key)
          if (plain.size === 4) plain.delete([...plain.keys()][0]!)
          plain.set(key, place)
          expect(keys.size).toBe(plain.size)
          expect(new Set(plain.values()).size).toBe(plain.size)
        }
      }),
    )
  })
})
