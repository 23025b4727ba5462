import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteRange, parseRanges } from '../../solutions/level3/ranges.ts'

const ranges = (...pairs: [number, number][]) => ({
  kind: 'satisfiable',
  ranges: pairs.map(([first, last]) => ({ first, last })),
})

describe('ranges (RFC 9110 §14)', () => {
  it.each<[string, [number, number][]]>([
    ['bytes=0-0', [[0, 0]]],
    ['bytes=0-', [[0, 99]]],
    ['bytes=10-19', [[10, 19]]],
    ['bytes=90-1000', [[90, 99]]],
    ['bytes=-1', [[99, 99]]],
    ['bytes=-1000', [[0, 99]]],
    ['BYTES=5-6', [[5, 6]]],
    [
      'bytes=0-0, -1',
      [
        [0, 0],
        [99, 99],
      ],
    ],
    [
      'bytes=,5-6 ,\t, 1-2,',
      [
        [5, 6],
        [1, 2],
      ],
    ],
    [
      'bytes=0-4,5-9',
      [
        [0, 4],
        [5, 9],
      ],
    ],
    ['bytes=0-1,100-', [[0, 1]]],
    ['bytes=000000000000000000000000000000007-0009', [[7, 9]]],
    ['bytes=0-99999999999999999999999999', [[0, 99]]],
    [
      `bytes=${Array.from({ length: 16 }, (_, i) => `${i}-${i}`).join()}`,
      Array.from({ length: 16 }, (_, i) => [i, i]),
    ],
  ])('%s of 100 bytes', (value, wanted) => {
    expect(parseRanges(value, 100)).toEqual(ranges(...wanted))
  })

  it.each([
    'bytes',
    'bytes=',
    'bytes=,',
    'bytes=-',
    'bytes=a-b',
    'bytes=5-4',
    'bytes=99999999999999999999-99999999999999999998',
    'bytes=1-2,5-4',
    'bytes=+1-2',
    'bytes=1 -2',
    'bytes=1-2;3-4',
    'bytes =1-2',
    'items=0-1',
    'bytes=0-5,5-6',
    'bytes=50-,0-60',
    'bytes=-1,99-',
    `bytes=${Array.from({ length: 17 }, (_, i) => `${i}-${i}`).join()}`,
  ])('%s is ignored', (value) => expect(parseRanges(value, 100)).toEqual({ kind: 'ignored' }))

  it.each([
    'bytes=-0',
    'bytes=100-',
    'bytes=100-200',
    'bytes=99999999999999999999-',
    'bytes=-0,200-300',
  ])('%s is unsatisfiable', (value) =>
    expect(parseRanges(value, 100)).toEqual({ kind: 'unsatisfiable' }),
  )

  it.each(['bytes=0-', 'bytes=0-0', 'bytes=-1', 'bytes=-0'])(
    '%s is unsatisfiable in an empty file',
    (value) => {
      expect(parseRanges(value, 0)).toEqual({ kind: 'unsatisfiable' })
    },
  )

  it('never gives more than the file, whatever is asked for', () => {
    const position = fc.oneof(
      fc.constant(''),
      fc.nat(30).map(String),
      fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String),
    )
    const member = fc.tuple(position, position).map(([first, last]) => `${first}-${last}`)
    fc.assert(
      fc.property(
        fc.array(member, { minLength: 1, maxLength: 20 }),
        fc.nat(25),
        (members, size) => {
          const wanted = parseRanges(`bytes=${members.join(', ')}`, size)
          if (wanted.kind !== 'satisfiable') return
          const bytes = wanted.ranges.flatMap(positions)
          expect(new Set(bytes).size).toBe(bytes.length)
          expect(bytes.every((at) => at >= 0 && at < size)).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('reads a long list of digits in no time', () => {
    const start = performance.now()
    expect(parseRanges(`bytes=${'9'.repeat(16_000)}-`, 5)).toEqual({ kind: 'unsatisfiable' })
    expect(performance.now() - start).toBeLessThan(500)
  })
})

function positions({ first, last }: ByteRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
