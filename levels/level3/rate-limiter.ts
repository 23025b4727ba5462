/**
 * So many requests for each address in a window that slides.
 *
 * Keep either the moments of the latest requests, or two counters for each address: README.md says what
 * each of the two costs and promises.
 */
import { NotImplementedError } from '../level2/not-implemented.ts'

export interface RateLimiterOptions {
  /** Requests in a window; 1 or more. */
  readonly limit: number
  readonly windowMs: number
  /** Addresses that are remembered; the one that was not seen for longest is forgotten [100,000]. */
  readonly maxAddresses?: number
  /** Milliseconds, from any beginning. Steps backwards count as no time at all. */
  readonly now?: () => number
}

/** What the limiter says of one request. */
export interface RateVerdict {
  readonly allowed: boolean
  readonly limit: number
  /** Requests that would be allowed after this one, at this moment. */
  readonly remaining: number
  /** Whole seconds until the window ends, or until some of the limit comes back: rounded up, and not more than the window. */
  readonly resetSeconds: number
  /** Whole seconds after which one more will be allowed; 0 when one more is allowed now. */
  readonly retryAfterSeconds: number
}

/** Counts the requests of each address. A request that is refused does not count. */
export class RateLimiter {
  constructor(_options: RateLimiterOptions) {
    // TODO(3.8): Decide what is kept for one address, and how many bytes that is times 100,000.
    // This does not throw yet: the methods do.
  }

  /** Addresses that are remembered. */
  get size(): number {
    // TODO(3.8): Count them.
    throw new NotImplementedError('3.8', 'RateLimiter.size')
  }

  /**
   * Counts a request of `remoteAddress`, if it is allowed. It runs for every request: it must not cost
   * more when the limit is higher, or when more addresses are known.
   *
   * An IPv4-mapped address is the IPv4 address; IPv6 addresses count by their first 64 bits.
   */
  take(_remoteAddress: string): RateVerdict {
    // TODO(3.8): Find what is known about the address, and drop what the window has left behind.
    throw new NotImplementedError('3.8', 'RateLimiter.take')
  }
}

/** The fields that tell a client where it stands; `Retry-After` on a refusal only (RFC 6585 §4). */
export function rateLimitFields(_verdict: RateVerdict): Readonly<Record<string, string>> {
  // TODO(3.8): Name the three fields that stand on every answer, then the one of a refusal.
  throw new NotImplementedError('3.8', 'rateLimitFields')
}
