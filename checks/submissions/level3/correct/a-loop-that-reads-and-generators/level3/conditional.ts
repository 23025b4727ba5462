export interface Validators {
  readonly entityTag: string
  readonly modifiedMs: number
  readonly nowMs: number
}

export type Preconditions = 'met' | 'not modified' | 'failed'

type Fields = ReadonlyMap<string, string>

export function evaluatePreconditions(
  method: string,
  fields: Fields,
  { entityTag, modifiedMs, nowMs }: Validators,
): Preconditions {
  const isRead = method === 'GET' || method === 'HEAD'
  const seconds = Math.floor(modifiedMs / 1000)
  const ifMatch = fields.get('if-match')
  if (ifMatch !== undefined) {
    if (!isAny(ifMatch) && !tags(ifMatch).includes(entityTag)) return 'failed'
  } else {
    const date = secondsOf(fields.get('if-unmodified-since'))
    if (date !== undefined && seconds > date) return 'failed'
  }
  const ifNoneMatch = fields.get('if-none-match')
  if (ifNoneMatch !== undefined) {
    const opaque = tags(ifNoneMatch).map((tag) => tag.replace(/^W\//, ''))
    if (!isAny(ifNoneMatch) && !opaque.includes(entityTag)) return 'met'
    return isRead ? 'not modified' : 'failed'
  }
  const date = secondsOf(fields.get('if-modified-since'))
  const isPast = date !== undefined && date <= Math.floor(nowMs / 1000)
  return isRead && isPast && seconds <= date ? 'not modified' : 'met'
}

export function rangesApply(fields: Fields, validators: Validators): boolean {
  const wanted = fields.get('if-range')
  if (wanted === undefined) return true
  if (wanted.startsWith('"') || wanted.startsWith('W/')) return wanted === validators.entityTag
  const seconds = Math.floor(validators.modifiedMs / 1000)
  return secondsOf(wanted) === seconds && validators.nowMs - validators.modifiedMs > 1000
}

export const lastModified = ({ modifiedMs }: Validators): string =>
  new Date(Math.floor(modifiedMs / 1000) * 1000).toUTCString()

const isAny = (value: string): boolean => value.trim() === '*'

const tags = (value: string): string[] => value.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? []

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const TIME = '(?<h>\\d\\d):(?<m>\\d\\d):(?<s>\\d\\d)'
const FORMS = [
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT`,
  `(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${TIME} GMT`,
  `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`))

function secondsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const groups = FORMS.map((form) => form.exec(value)?.groups).find(Boolean)
  if (groups === undefined) return undefined
  const { day, month = '', year = '', h, m, s } = groups
  const index = MONTHS.indexOf(month)
  const [d, hour, minute, second] = [day, h, m, s].map(Number) as [number, number, number, number]
  if (index < 0 || hour > 23 || minute > 59 || second > 60 || d < 1) return undefined
  const full = year.length === 4 ? Number(year) : century(Number(year))
  const date = new Date(0)
  date.setUTCFullYear(full, index, d)
  if (date.getUTCMonth() !== index) return undefined
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second
}

/** Two digits that seem to lie more than fifty years ahead are of the past. */
function century(year: number): number {
  const now = new Date().getUTCFullYear()
  const candidate = now - (now % 100) + year
  return candidate > now + 50 ? candidate - 100 : candidate
}
