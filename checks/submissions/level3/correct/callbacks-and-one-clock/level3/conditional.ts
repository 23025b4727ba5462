/** Requests that are only meant for one state of a file (RFC 9110 §13). */
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
  const modified = secondsOf(validators.modifiedMs)
  const reads = method === 'GET' || method === 'HEAD'

  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) {
    if (ifMatch !== '*' && !entityTags(ifMatch).includes(entityTag)) return 'failed'
  } else {
    const date = dateOf(headers.get('if-unmodified-since'), validators.nowMs)
    if (date !== undefined && modified > date) return 'failed'
  }

  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch !== undefined) {
    const matches =
      ifNoneMatch === '*' || entityTags(ifNoneMatch).some((tag) => weak(tag) === weak(entityTag))
    return matches ? (reads ? 'not modified' : 'failed') : 'met'
  }
  if (!reads) return 'met'
  const date = dateOf(headers.get('if-modified-since'), validators.nowMs)
  if (date === undefined || date > secondsOf(validators.nowMs)) return 'met'
  return modified <= date ? 'not modified' : 'met'
}

/**
 * Whether the ranges that a request asks for are ranges of this state of the file: without If-Range they
 * are of any (RFC 9110 §13.1.5).
 */
export function rangesApply(headers: ReadonlyMap<string, string>, validators: Validators): boolean {
  const value = headers.get('if-range')
  if (value === undefined) return true
  if (value.includes('"')) return value === validators.entityTag && !value.startsWith('W/')
  const { modifiedMs, nowMs } = validators
  return dateOf(value, nowMs) === secondsOf(modifiedMs) && nowMs - modifiedMs > 1000
}

/** `Last-Modified`: dates have no fractions of a second (RFC 9110 §8.8.2). */
export function lastModified({ modifiedMs }: Validators): string {
  return new Date(secondsOf(modifiedMs) * 1000).toUTCString()
}

function secondsOf(ms: number): number {
  return Math.floor(ms / 1000)
}

function weak(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** The tags of a list, as far as it is one (RFC 9110 §8.8.3). */
function entityTags(list: string): string[] {
  const tags: string[] = []
  const member = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y
  while (member.lastIndex < list.length) {
    const tag = member.exec(list)
    if (tag === null) break
    if (tag[1] !== undefined) tags.push(tag[1])
  }
  return tags
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const anyMonth = months.join('|')
const time = '(?<time>[0-9]{2}:[0-9]{2}:[0-9]{2})'
/** RFC 9110 §5.6.7: as it is sent today, as in rfc850-date, as by asctime. */
const forms: readonly RegExp[] = [
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>[0-9]{2}) (?<month>${anyMonth}) (?<year>[0-9]{4}) ${time} GMT`,
  `(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>[0-9]{2})-(?<month>${anyMonth})-(?<year>[0-9]{2}) ${time} GMT`,
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>${anyMonth}) (?<day>[0-9]{2}| [0-9]) ${time} (?<year>[0-9]{4})`,
].map((source) => new RegExp(`^${source}$`))

/** Seconds since 1970, or `undefined` for what is no date. */
function dateOf(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  for (const form of forms) {
    const groups = form.exec(value)?.groups
    if (groups === undefined) continue
    const { day = '', month = '', year = '', time: clock = '' } = groups
    const [hour = 0, minute = 0, second = 0] = clock.split(':').map(Number)
    const monthIndex = months.indexOf(month)
    const fullYear =
      year.length === 4 ? Number(year) : century(Number(year), monthIndex, Number(day), nowMs)
    const midnight = new Date(0)
    midnight.setUTCFullYear(fullYear, monthIndex, Number(day))
    // 31 February is no date; the 61st second of a minute is one.
    if (midnight.getUTCMonth() !== monthIndex || midnight.getUTCDate() !== Number(day))
      return undefined
    if (hour > 23 || minute > 59 || second > 60) return undefined
    return midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second
  }
  return undefined
}

/** A year of two digits that seems to be more than 50 years ahead is in the past (RFC 9110 §5.6.7). */
function century(year: number, month: number, day: number, nowMs: number): number {
  const now = new Date(nowMs)
  const thisYear = now.getUTCFullYear()
  const full = thisYear - (thisYear % 100) + year
  const limit = Date.UTC(thisYear + 50, now.getUTCMonth(), now.getUTCDate())
  return Date.UTC(full, month, day) > limit ? full - 100 : full
}
