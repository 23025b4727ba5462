/** Requests that are only meant for one state of a file (RFC 9110 §13). */
import { NotImplementedError } from '../level2/not-implemented.ts'

/** What tells one state of a file from another. */
export interface Validators {
  /** A strong one, with its quotes. */
  readonly entityTag: string
  /** When the file was modified, not later than now: milliseconds since 1970. */
  readonly modifiedMs: number
  /** Now, on the same scale. */
  readonly nowMs: number
}

/** What the preconditions say: go on, 304, or 412. */
export type Preconditions = 'met' | 'not modified' | 'failed'

/** Looks at the preconditions in the order of RFC 9110 §13.2.2. A date that is none is ignored. */
export function evaluatePreconditions(
  _method: string,
  _headers: ReadonlyMap<string, string>,
  _validators: Validators,
): Preconditions {
  // TODO(3.5): Write the five steps of §13.2.2 down as five lines, then fill them in.
  throw new NotImplementedError('3.5', 'evaluatePreconditions')
}

/**
 * Whether the ranges that a request asks for are ranges of this state of the file: without If-Range they
 * are of any (RFC 9110 §13.1.5).
 */
export function rangesApply(
  _headers: ReadonlyMap<string, string>,
  _validators: Validators,
): boolean {
  // TODO(3.5): Tell an entity tag from a date, then compare each the strong way.
  throw new NotImplementedError('3.5', 'rangesApply')
}

/** `Last-Modified`: dates have no fractions of a second (RFC 9110 §8.8.2). */
export function lastModified(_validators: Validators): string {
  // TODO(3.5): Drop the fraction, then write the date as RFC 9110 §5.6.7 wants it.
  throw new NotImplementedError('3.5', 'lastModified')
}
