export interface ByteRange {
  readonly first: number
  readonly last: number
}

export type RangeRequest =
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'satisfiable'; readonly ranges: readonly ByteRange[] }

export const MAX_RANGES = 16

export function parseRanges(value: string, size: number): RangeRequest {
  const unit = /^bytes=(.*)$/is.exec(value)
  if (!unit) return { kind: 'ignored' }
  const members = (unit[1] ?? '')
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter(Boolean)
  if (members.length === 0) return { kind: 'ignored' }
  const ranges: ByteRange[] = []
  const total = BigInt(size)
  for (const member of members) {
    const found = /^(\d*)-(\d*)$/.exec(member)
    if (!found || member === '-') return { kind: 'ignored' }
    const [, a = '', b = ''] = found
    let first: bigint
    let last: bigint
    if (a === '') {
      const suffix = BigInt(b)
      if (suffix === 0n) continue
      first = suffix > total ? 0n : total - suffix
      last = total - 1n
    } else {
      first = BigInt(a)
      last = b === '' ? total - 1n : BigInt(b)
      if (b !== '' && last < first) return { kind: 'ignored' }
      if (last > total - 1n) last = total - 1n
    }
    if (first >= total) continue
    ranges.push({ first: Number(first), last: Number(last) })
  }
  if (members.length > MAX_RANGES) return { kind: 'ignored' }
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  const sorted = [...ranges].sort((x, y) => x.first - y.first)
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]!.first <= sorted[i - 1]!.last) return { kind: 'ignored' }
  return { kind: 'satisfiable', ranges }
}
