import { flat } from './flat.ts'
import type { RateVerdict } from './rate-limiter.ts'

const before = remembered((limit) => `RateLimit-Limit: ${limit}\r\nRateLimit-Remaining: `)
const after = remembered((seconds) => `\r\nRateLimit-Reset: ${seconds}\r\n`)

/** The fields of a request that is allowed, as they are sent: nearly every answer has them, and this is one string and no object. */
export function rateLimitLines({ limit, remaining, resetSeconds }: RateVerdict): string {
  // Each request leaves another number, and V8 keeps the texts of numbers: all but those that toFixed makes.
  return before(limit) + remaining.toFixed(0) + after(resetSeconds)
}

/** Makes a text of a number anew only when the number is another than the last time: here it seldom is. */
function remembered(make: (number: number) => string): (number: number) => string {
  let last: number | undefined
  let text = ''
  return (number) => {
    if (number !== last) {
      last = number
      text = flat(make(number))
    }
    return text
  }
}
