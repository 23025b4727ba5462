/** Which bytes of a file a request asks for (RFC 9110 §14). */
/** Both ends count: `{ first: 0, last: 0 }` is one byte. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** What a Range field comes to. */
export type RangeRequest =
  /** As if the field were not there: it is malformed, of an unknown unit, or asks for too much. */
  | { readonly kind: 'ignored' }
  /** Nothing of what it asks for is there: 416. */
  | { readonly kind: 'unsatisfiable' }
  /** At least one, in the order in which they were asked for. */
  | { readonly kind: 'satisfiable'; readonly ranges: readonly ByteRange[] }

/** More ranges than these are no reader's wish. */
export const MAX_RANGES = 16

/**
 * Reads the value of a Range field for a file of `size` bytes.
 *
 * Ranges that overlap, or more than {@link MAX_RANGES}, are ignored: they would make an answer larger
 * than the file (RFC 9110 §14.2).
 */
export function parseRanges(value: string, size: number): RangeRequest {
  const set = /^bytes=(.*)$/is.exec(value)?.[1]
  const specs = set === undefined ? [] : rangeMembers(set)
  if (specs.length === 0 || specs.length > MAX_RANGES) return { kind: 'ignored' }
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = read(spec, BigInt(size))
    if (range === undefined) return { kind: 'ignored' }
    if (range.first <= range.last) ranges.push(range)
  }
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  const inOrder = ranges.toSorted((a, b) => a.first - b.first)
  const overlaps = inOrder.some(
    (range, i) => i > 0 && range.first <= (inOrder[i - 1] as ByteRange).last,
  )
  return overlaps ? { kind: 'ignored' } : { kind: 'satisfiable', ranges }
}

/** The members of a range set; empty ones are none. */
export function rangeMembers(set: string): string[] {
  return set
    .split(',')
    .map((member) => /^[ \t]*([^ \t](?:.*[^ \t])?)?[ \t]*$/s.exec(member)?.[1] ?? '')
    .filter((member) => member !== '')
}

/** `undefined`: malformed; an empty range (its last position before its first): not satisfiable. */
function read(spec: string, size: bigint): ByteRange | undefined {
  const [, first, last] = /^([0-9]*)-([0-9]*)$/.exec(spec) ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const end = size - 1n
  let from: bigint
  let to = last === '' ? end : BigInt(last)
  if (first === '') {
    from = to >= size ? 0n : size - to
    if (to === 0n) from = size
    to = end
  } else {
    from = BigInt(first)
    if (last !== '' && to < from) return undefined
    if (to > end) to = end
  }
  return from > to ? { first: 1, last: 0 } : { first: Number(from), last: Number(to) }
}
