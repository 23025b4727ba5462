/** Which bytes of a file a request asks for (RFC 9110 §14). */
import { NotImplementedError } from '../level2/not-implemented.ts'

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
export function parseRanges(_value: string, _size: number): RangeRequest {
  // TODO(3.5): List what a Range field can look like, then decide for each form which kind it is.
  throw new NotImplementedError('3.5', 'parseRanges')
}
