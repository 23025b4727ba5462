/** The order of preconditions as RFC 9110 §13.2.2 gives it, to say what a conditional request must come to. */

/** One value of a precondition field, and what it says about the file. */
export interface Condition {
  /** `undefined`: the field is absent. */
  readonly value: string | undefined
  /** Whether the condition holds; `undefined`: the field is ignored, as if it were absent. */
  readonly isTrue: boolean | undefined
}

/** Values of the four fields. */
export interface Conditions {
  readonly 'If-Match': Condition
  readonly 'If-Unmodified-Since': Condition
  readonly 'If-None-Match': Condition
  readonly 'If-Modified-Since': Condition
}

export type ConditionName = keyof Conditions

/** What can stand in each field, for a file with this entity tag that was changed last at this second. */
export function conditionsOf(
  entityTag: string,
  modified: Date,
): Readonly<Record<ConditionName, readonly Condition[]>> {
  const date = (seconds: number) => new Date(modified.getTime() + seconds * 1000).toUTCString()
  const absent = { value: undefined, isTrue: undefined }
  const broken = { value: 'yesterday', isTrue: undefined }
  return {
    'If-Match': [
      absent,
      { value: '*', isTrue: true },
      { value: entityTag, isTrue: true },
      { value: `"a,b", ${entityTag}`, isTrue: true },
      { value: `W/${entityTag}`, isTrue: false },
      { value: '"other"', isTrue: false },
    ],
    'If-Unmodified-Since': [
      absent,
      broken,
      { value: date(0), isTrue: true },
      { value: date(1), isTrue: true },
      { value: date(-1), isTrue: false },
    ],
    'If-None-Match': [
      absent,
      { value: '"other", W/"another"', isTrue: true },
      { value: '*', isTrue: false },
      { value: entityTag, isTrue: false },
      { value: `"a,b",W/${entityTag}`, isTrue: false },
    ],
    'If-Modified-Since': [
      absent,
      broken,
      // A date that is still to come is none.
      { value: new Date(Date.now() + 86_400_000).toUTCString(), isTrue: undefined },
      { value: date(-1), isTrue: true },
      { value: date(0), isTrue: false },
      { value: date(1), isTrue: false },
    ],
  }
}

/** The status of a GET or HEAD with these conditions (RFC 9110 §13.2.2). */
export function statusOf(conditions: Conditions): 200 | 304 | 412 {
  const hasMatch = conditions['If-Match'].value !== undefined
  const first = hasMatch ? conditions['If-Match'] : conditions['If-Unmodified-Since']
  if (first.isTrue === false) return 412

  const hasNoneMatch = conditions['If-None-Match'].value !== undefined
  const second = hasNoneMatch ? conditions['If-None-Match'] : conditions['If-Modified-Since']
  return second.isTrue === false ? 304 : 200
}
