/**
 * So many requests for each address in a window that slides.
 *
 * Keep either the moments of the latest requests, or two counters for each address: README.md says what
 * each of the two costs and promises.
 */
import { isIPv6 } from 'node:net'

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
  /** Whole seconds until the window ends, or until some of the limit comes back: at most `windowMs`. */
  readonly resetSeconds: number
  /** Whole seconds after which one more will be allowed; 0 when one more is allowed now. */
  readonly retryAfterSeconds: number
}

interface Counters {
  window: number
  current: number
  previous: number
}

/** Counts the requests of each address. A request that is refused does not count. */
export class RateLimiter {
  #limit: number
  #windowMs: number
  #max: number
  #clock: () => number
  #latest = 0
  #last: number | undefined
  #addresses = new Map<string, Counters>()

  constructor({
    limit,
    windowMs,
    maxAddresses = 100_000,
    now = () => performance.now(),
  }: RateLimiterOptions) {
    this.#limit = limit
    this.#windowMs = windowMs
    this.#max = maxAddresses
    this.#clock = now
  }

  get size(): number {
    return this.#addresses.size
  }

  #now(): number {
    const at = this.#clock()
    if (this.#last !== undefined && at > this.#last) this.#latest += at - this.#last
    this.#last = at
    return this.#latest
  }

  take(remoteAddress: string): RateVerdict {
    const now = this.#now()
    const w = this.#windowMs
    const key = keyOf(remoteAddress)
    const window = Math.floor(now / w)
    let c = this.#addresses.get(key)
    if (c) {
      this.#addresses.delete(key)
      if (window === c.window + 1) c = { window, previous: c.current, current: 0 }
      else if (window > c.window) c = { window, previous: 0, current: 0 }
    } else c = { window, previous: 0, current: 0 }
    this.#addresses.set(key, c)
    if (this.#addresses.size > this.#max)
      this.#addresses.delete(this.#addresses.keys().next().value!)
    const into = now - window * w
    const used = () => c.previous * (1 - into / w) + c.current
    const allowed = used() + 1 <= this.#limit
    if (allowed) c.current++
    const remaining = Math.max(0, Math.floor(this.#limit - used()))
    let waitMs = 0
    if (remaining < 1) {
      // when is previous*(1-t/w) + current + 1 <= limit
      const room = this.#limit - c.current - 1
      if (room >= 0) waitMs = Math.max(0, w * (1 - room / c.previous) - into)
      else {
        // in the next window the current is the previous
        const roomNext = this.#limit - 1
        waitMs = w - into + Math.max(0, w * (1 - roomNext / c.current))
      }
    }
    const retry = remaining >= 1 ? 0 : Math.max(1, Math.ceil(waitMs / 1000))
    return {
      allowed,
      limit: this.#limit,
      remaining,
      resetSeconds: Math.ceil((w - into) / 1000),
      retryAfterSeconds: retry,
    }
  }
}

function keyOf(address: string): string {
  if (!isIPv6(address)) return address
  const groups = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1)
  const [head = '', tail] = groups.split('::')
  const a = head === '' ? [] : head.split(':')
  const b = tail === undefined || tail === '' ? [] : tail.split(':')
  const all = [
    ...a,
    ...Array.from({ length: tail === undefined ? 0 : 8 - a.length - b.length }, () => '0'),
    ...b,
  ]
  if (all.slice(0, 5).every((g) => g === '0') && all[5] === 'ffff') {
    const n = parseInt(all[6] ?? '0', 16) * 65536 + parseInt(all[7] ?? '0', 16)
    return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.')
  }
  return all.slice(0, 4).join(':')
}

/** The fields that tell a client where it stands; `Retry-After` on a refusal only (RFC 6585 §4). */
export function rateLimitFields(verdict: RateVerdict): Readonly<Record<string, string>> {
  return {
    'RateLimit-Limit': String(verdict.limit),
    'RateLimit-Remaining': String(verdict.remaining),
    'RateLimit-Reset': String(verdict.resetSeconds),
    ...(verdict.allowed ? {} : { 'Retry-After': String(verdict.retryAfterSeconds) }),
  }
}
