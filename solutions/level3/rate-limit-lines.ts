import type { RateVerdict } from './rate-limiter.ts'

/** The fields of a request that is allowed, as they are sent: nearly every answer has them, and this is one string and no object. */
export function rateLimitLines({ limit, remaining, resetSeconds }: RateVerdict): string {
  return `RateLimit-Limit: ${limit}\r\nRateLimit-Remaining: ${remaining}\r\nRateLimit-Reset: ${resetSeconds}\r\n`
}
