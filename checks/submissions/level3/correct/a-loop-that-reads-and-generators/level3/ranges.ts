export interface ByteRange {
  readonly first: number
  readonly last: number
}

export type RangeRequest =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'satisfiable'; readonly ranges: readonly ByteRange[] }

export const MAX_RANGES = 16

const IGNORED = { kind: 'ignored' } as const

export function parseRanges(value: string, size: number): RangeRequest {
  const equals = value.indexOf('=')
  if (value.slice(0, Math.max(0, equals)).toLowerCase() !== 'bytes') return IGNORED
  const whole = BigInt(size)
  const wanted: [bigint, bigint][] = []
  let count = 0
  for (const member of value.slice(equals + 1).split(',')) {
    const spec = member.replace(/^[ \t]+|[ \t]+$/g, '')
    if (spec === '') continue
    const [, from = '', to = ''] = /^([0-9]*)-([0-9]*)$/.exec(spec) ?? []
    if (from === '' && to === '') return IGNORED
    count++
    if (from === '') {
      const length = BigInt(to)
      if (length > 0n && size > 0) wanted.push([length > whole ? 0n : whole - length, whole - 1n])
      continue
    }
    const first = BigInt(from)
    if (to !== '' && BigInt(to) < first) return IGNORED
    const last = to === '' || BigInt(to) >= whole ? whole - 1n : BigInt(to)
    if (first < whole) wanted.push([first, last])
  }
  if (count === 0 || count > MAX_RANGES) return IGNORED
  if (wanted.length === 0) return { kind: 'unsatisfiable' }
  const sorted = wanted.toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (sorted.some(([first], at) => at > 0 && first <= (sorted[at - 1]?.[1] ?? -1n))) return IGNORED
  return {
    kind: 'satisfiable',
    ranges: wanted.map(([first, last]) => ({ first: Number(first), last: Number(last) })),
  }
}
