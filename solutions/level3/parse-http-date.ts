/** Reads dates in the three forms that are still around (RFC 9110 §5.6.7). */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  `[A-Z][a-z]{2}, (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT`,
  // Sunday, 06-Nov-94 08:49:37 GMT
  `[A-Z][a-z]{5,8}, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${TIME} GMT`,
  // Sun Nov  6 08:49:37 1994
  `[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`))

/** Seconds since 1970, or `undefined` when the text is no date: fields with such a value are ignored. */
export function parseHttpDate(text: string): number | undefined {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined)
  if (parts === undefined) return undefined

  const month = MONTHS.indexOf(parts['month'] ?? '')
  const [day, hour, minute, second] = [
    Number(parts['day']),
    Number(parts['hour']),
    Number(parts['minute']),
    Number(parts['second']),
  ]
  // A second 60 is a leap second.
  if (month === -1 || hour > 23 || minute > 59 || second > 60) return undefined
  const inYear = (year: number) => Date.UTC(year, month, day, hour, minute, second)
  const year = fullYear(parts['year'] ?? '', inYear)
  // Date.UTC would make the 3rd of March of a 31st of February.
  const exists = new Date(Date.UTC(year, month, day)).getUTCDate() === day
  return exists ? inYear(year) / 1000 : undefined
}

/** Two digits that seem to lie more than 50 years ahead are of the century before. */
function fullYear(digits: string, inYear: (year: number) => number): number {
  if (digits.length === 4) return Number(digits)
  const now = new Date()
  const thisYear = now.getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(digits)
  return inYear(year) > now.setUTCFullYear(thisYear + 50) ? year - 100 : year
}
