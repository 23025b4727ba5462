/** Which bytes of a file a request asks for (RFC 9110 §14). */
import { listMembers } from '../level2/lists.ts'

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

const IGNORED = { kind: 'ignored' } as const

/**
 * Reads the value of a Range field for a file of `size` bytes.
 *
 * Ranges that overlap, or more than {@link MAX_RANGES}, are ignored: they would make an answer larger
 * than the file (RFC 9110 §14.2).
 */
export function parseRanges(value: string, size: number): RangeRequest {
  const [unit = '', set] = splitOnce(value, '=')
  if (unit.toLowerCase() !== 'bytes' || set === undefined) return IGNORED

  const members = listMembers(set)
  if (members.length === 0 || members.length > MAX_RANGES) return IGNORED

  const ranges: ByteRange[] = []
  for (const member of members) {
    const range = parseRange(member, BigInt(size))
    if (range === 'invalid') return IGNORED
    if (range !== 'unsatisfiable') ranges.push(range)
  }
  if (ranges.length === 0) return { kind: 'unsatisfiable' }
  return overlap(ranges) ? IGNORED : { kind: 'satisfiable', ranges }
}

/** `0-499`, `500-`, `-500`. Positions are as long as a client likes: they are compared exactly. */
function parseRange(text: string, size: bigint): ByteRange | 'invalid' | 'unsatisfiable' {
  const match = /^(\d*)-(\d*)$/.exec(text)
  if (match === null || text === '-') return 'invalid'
  const [, from = '', to = ''] = match

  if (from === '') return suffix(BigInt(to), size)
  const first = BigInt(from)
  if (to !== '' && BigInt(to) < first) return 'invalid'
  if (first >= size) return 'unsatisfiable'
  const last = to === '' || BigInt(to) >= size ? size - 1n : BigInt(to)
  return { first: Number(first), last: Number(last) }
}

/** The last `length` bytes. */
function suffix(length: bigint, size: bigint): ByteRange | 'unsatisfiable' {
  if (length === 0n || size === 0n) return 'unsatisfiable'
  return { first: length >= size ? 0 : Number(size - length), last: Number(size - 1n) }
}

function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((one, other) => one.first - other.first)
  return sorted.some(({ first }, index) => first <= (sorted[index - 1]?.last ?? -1))
}

function splitOnce(text: string, separator: string): readonly [string, string?] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
