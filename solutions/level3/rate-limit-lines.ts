import { flat } from './flat.ts'
import type { RateVerdict } from './rate-limiter.ts'

/** What comes before the last three digits of the number that remains: it changes once in a thousand requests. */
const before = remembered((limit, thousands) => {
  // V8 keeps the texts of numbers for the next time, which never comes: all but those that toFixed makes.
  const digits = thousands === 0 ? '' : thousands.toFixed(0)
  return `RateLimit-Limit: ${limit}\r\nRateLimit-Remaining: ${digits}`
})
const after = remembered((seconds) => `\r\nRateLimit-Reset: ${seconds}\r\n`)

/** `000` to `999`. */
const threeDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))

/** The fields of a request that is allowed, as they are sent: nearly every answer has them, and this is one string and no object. */
export function rateLimitLines({ limit, remaining, resetSeconds }: RateVerdict): string {
  // Each request leaves another number, and a text of it that nobody needs again: but its parts come back.
  const rest = remaining % 1_000
  const lastDigits = remaining < 1_000 ? String(rest) : threeDigits[rest]!
  return before(limit, (remaining - rest) / 1_000) + lastDigits + after(resetSeconds)
}

/** Makes a text anew only when its numbers are others than the last time: here they seldom are. */
function remembered(make: (first: number, second: number) => string) {
  let lastFirst: number | undefined
  let lastSecond: number | undefined
  let text = ''
  return (first: number, second = 0): string => {
    if (first !== lastFirst || second !== lastSecond) {
      lastFirst = first
      lastSecond = second
      text = flat(make(first, second))
    }
    return text
  }
}
