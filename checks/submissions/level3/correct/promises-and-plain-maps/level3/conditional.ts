export interface Validators {
  readonly entityTag: string
  readonly modifiedMs: number
  readonly nowMs: number
}

export type Preconditions = 'met' | 'not modified' | 'failed'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const LONG = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function dateOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  const fix = /^(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text)
  if (fix && DAYS.includes(fix[1]!)) return make(fix[4], fix[3], fix[2], fix[5], fix[6], fix[7])
  const old = /^(\w+), (\d\d)-(\w{3})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/.exec(text)
  if (old && LONG.includes(old[1]!)) {
    const century = Math.floor(new Date(nowMs).getUTCFullYear() / 100) * 100
    let year = century + Number(old[4])
    const at = make(String(year), old[3], old[2], old[5], old[6], old[7])
    // More than fifty years ahead means the past.
    const limit = new Date(nowMs)
    limit.setUTCFullYear(limit.getUTCFullYear() + 50)
    if (at !== undefined && at > limit.getTime()) year -= 100
    return make(String(year), old[3], old[2], old[5], old[6], old[7])
  }
  const asc = /^(\w{3}) (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text)
  if (asc && DAYS.includes(asc[1]!)) return make(asc[7], asc[2], asc[3], asc[4], asc[5], asc[6])
  return undefined
}

function make(year?: string, month = '', day = '', h = '', m = '', s = ''): number | undefined {
  const index = MONTHS.indexOf(month)
  if (index === -1 || Number(h) > 23 || Number(m) > 59 || Number(s) > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), index, Number(day))
  date.setUTCHours(Number(h), Number(m), Number(s))
  if (Number(s) < 60 && date.getUTCDate() !== Number(day)) return undefined
  return date.getTime()
}

function tagsOf(value: string): string[] | '*' {
  if (value.trim() === '*') return '*'
  return [...value.matchAll(/(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"/g)].map(([tag]) => tag)
}

const seconds = (ms: number) => Math.floor(ms / 1000)

export function evaluatePreconditions(
  method: string,
  headers: ReadonlyMap<string, string>,
  { entityTag, modifiedMs, nowMs }: Validators,
): Preconditions {
  const isGet = method === 'GET' || method === 'HEAD'
  const ifMatch = headers.get('if-match')
  if (ifMatch !== undefined) {
    const tags = tagsOf(ifMatch)
    if (tags !== '*' && !tags.includes(entityTag)) return 'failed'
  } else {
    const since = dateOf(headers.get('if-unmodified-since'), nowMs)
    if (since !== undefined && seconds(modifiedMs) > seconds(since)) return 'failed'
  }
  const ifNone = headers.get('if-none-match')
  if (ifNone !== undefined) {
    const tags = tagsOf(ifNone)
    if (
      tags === '*' ||
      tags.some((tag) => tag.replace(/^W\//, '') === entityTag.replace(/^W\//, ''))
    )
      return isGet ? 'not modified' : 'failed'
  } else if (isGet) {
    const since = dateOf(headers.get('if-modified-since'), nowMs)
    if (since !== undefined && since <= nowMs && seconds(modifiedMs) <= seconds(since))
      return 'not modified'
  }
  return 'met'
}

export function rangesApply(
  headers: ReadonlyMap<string, string>,
  { entityTag, modifiedMs, nowMs }: Validators,
): boolean {
  const value = headers.get('if-range')
  if (value === undefined) return true
  if (value.includes('"')) return value === entityTag && !value.startsWith('W/')
  const date = dateOf(value, nowMs)
  return date !== undefined && seconds(date) === seconds(modifiedMs) && nowMs - modifiedMs > 1000
}

export function lastModified({ modifiedMs }: Validators): string {
  return new Date(seconds(modifiedMs) * 1000).toUTCString()
}
