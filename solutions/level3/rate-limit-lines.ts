import { flat } from './flat.ts'
import type { RateVerdict } from './rate-limiter.ts'

const before = remembered((limit) => flat(`RateLimit-Limit: ${limit}\r\nRateLimit-Remaining: `))
const after = remembered((seconds) => flat(`\r\nRateLimit-Reset: ${seconds}\r\n`))

/** The fields of a request that is allowed, as they are sent: nearly every answer has them, and this is one string and no object. */
export function rateLimitLines({ limit, remaining, resetSeconds }: RateVerdict): string {
  return before(limit) + textOf(remaining) + after(resetSeconds)
}

const upToThousand = Array.from({ length: 1_000 }, (_, number) => String(number))
const threeDigits = upToThousand.map((number) => number.padStart(3, '0'))
// V8 keeps the texts of numbers for the next time, which never comes: all but those that toFixed makes.
const thousandsOf = remembered((thousands) => thousands.toFixed(0))

/** The text of a number that is one less with each request: only its last three digits are others than the last time. */
function textOf(number: number): string {
  if (number < 1_000) return upToThousand[number]!
  const rest = number % 1_000
  return thousandsOf((number - rest) / 1_000) + threeDigits[rest]!
}

/** Makes a text of a number anew only when the number is another than the last time: here it seldom is. */
function remembered(make: (number: number) => string): (number: number) => string {
  let last: number | undefined
  let text = ''
  return (number) => {
    if (number !== last) {
      last = number
      text = make(number)
    }
    return text
  }
}
