/** Requests that are only meant for one state of a file (RFC 9110 §13). */
import { matchesStrongly, matchesWeakly, parseTags } from './entity-tag.ts'
import { parseHttpDate } from './parse-http-date.ts'

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
  method: string,
  headers: ReadonlyMap<string, string>,
  validators: Validators,
): Preconditions {
  const { entityTag } = validators
  const modified = modifiedSecond(validators)
  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) {
    if (!isListed(ifMatch, entityTag, matchesStrongly)) return 'failed'
  } else if (modified > (dateOf(headers, 'if-unmodified-since') ?? Infinity)) return 'failed'

  const isRead = method === 'GET' || method === 'HEAD'
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined) {
    if (!isListed(ifNoneMatch, entityTag, matchesWeakly)) return 'met'
    return isRead ? 'not modified' : 'failed'
  }

  const since = dateOf(headers, 'if-modified-since')
  // That a date to come is ignored is our choice: taken at its word, it would hide every change until then.
  if (!isRead || since === undefined || since * 1000 > validators.nowMs) return 'met'
  return modified <= since ? 'not modified' : 'met'
}

/**
 * Whether the ranges that a request asks for are ranges of this state of the file: without If-Range they
 * are of any (RFC 9110 §13.1.5).
 */
export function rangesApply(headers: ReadonlyMap<string, string>, validators: Validators): boolean {
  const ifRange = headers.get('if-range')
  if (ifRange === undefined) return true
  if (ifRange.includes('"')) return matchesStrongly(ifRange, validators.entityTag)

  // Within one second a file can be written twice and keep its date (RFC 9110 §8.8.2.2).
  const ageMs = validators.nowMs - validators.modifiedMs
  return parseHttpDate(ifRange) === modifiedSecond(validators) && ageMs > 1000
}

/** `Last-Modified`: dates have no fractions of a second (RFC 9110 §8.8.2). */
export function lastModified(validators: Validators): string {
  return new Date(modifiedSecond(validators) * 1000).toUTCString()
}

function modifiedSecond({ modifiedMs }: Validators): number {
  return Math.floor(modifiedMs / 1000)
}

function isListed(
  list: string,
  entityTag: string,
  matches: (one: string, other: string) => boolean,
): boolean {
  return list.trim() === '*' || parseTags(list).some((tag) => matches(tag, entityTag))
}

function dateOf(headers: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = headers.get(name)
  return value === undefined ? undefined : parseHttpDate(value)
}
