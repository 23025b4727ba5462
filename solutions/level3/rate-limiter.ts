/**
 * So many requests for each address in a window that slides.
 *
 * Two counters an address: the requests of the current window, and those of the one before, which count
 * for as much as the sliding window still covers of theirs. It costs a few bytes and no loop, however high
 * the limit; what it assumes is that the earlier requests came evenly.
 */
import { performance } from 'node:perf_hooks'
import { clientName } from './client-address.ts'
import { RecentKeys } from './recent-keys.ts'

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
  /** Whole seconds until the current window ends. */
  readonly resetSeconds: number
  /** Whole seconds after which one more will be allowed; 0 when one more is allowed now. */
  readonly retryAfterSeconds: number
}

/** Counts the requests of each address. A request that is refused does not count. */
export class RateLimiter {
  readonly #limit: number
  readonly #windowMs: number
  readonly #clock: () => number
  readonly #addresses: RecentKeys
  /** By the place of an address: when its current window began, and the two counters. */
  readonly #began: Float64Array
  readonly #current: Uint32Array
  readonly #previous: Uint32Array
  #elapsedMs = 0
  #lastReading: number
  #lastAddress = ''
  #lastName = ''

  constructor({ limit, windowMs, maxAddresses = 100_000, now }: RateLimiterOptions) {
    this.#limit = limit
    this.#windowMs = windowMs
    this.#clock = now ?? (() => performance.now())
    this.#addresses = new RecentKeys(maxAddresses)
    this.#began = new Float64Array(maxAddresses)
    this.#current = new Uint32Array(maxAddresses)
    this.#previous = new Uint32Array(maxAddresses)
    this.#lastReading = this.#clock()
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#addresses.size
  }

  /** Counts a request of `remoteAddress`, if it is allowed. */
  take(remoteAddress: string): RateVerdict {
    const now = this.#readClock()
    const place = this.#placeOf(this.#nameOf(remoteAddress), now)
    const sinceMs = this.#slide(place, now)

    const allowed = this.#used(place, sinceMs) < this.#limit
    if (allowed) this.#current[place]!++

    const remaining = Math.max(0, Math.ceil(this.#limit - this.#used(place, sinceMs)))
    return {
      allowed,
      limit: this.#limit,
      remaining,
      resetSeconds: Math.ceil((this.#windowMs - sinceMs) / 1000),
      retryAfterSeconds: remaining > 0 ? 0 : this.#retryAfterSeconds(place, sinceMs),
    }
  }

  #readClock(): number {
    const reading = this.#clock()
    if (reading > this.#lastReading) this.#elapsedMs += reading - this.#lastReading
    this.#lastReading = reading
    return this.#elapsedMs
  }

  /** A connection asks again and again with the same string: its name is worked out once. */
  #nameOf(address: string): string {
    if (address !== this.#lastAddress) {
      this.#lastName = clientName(address)
      this.#lastAddress = address
    }
    return this.#lastName
  }

  #placeOf(name: string, now: number): number {
    const known = this.#addresses.use(name)
    if (known !== -1) return known

    const place = this.#addresses.add(name)
    this.#began[place] = now
    this.#current[place] = 0
    this.#previous[place] = 0
    return place
  }

  /** Begins a new window if the current one is over. Returns the milliseconds since its beginning. */
  #slide(place: number, now: number): number {
    const lastBegan = this.#began[place]!
    if (now - lastBegan < this.#windowMs) return now - lastBegan

    const isNext = now - lastBegan < 2 * this.#windowMs
    const began = isNext ? lastBegan + this.#windowMs : now
    this.#previous[place] = isNext ? this.#current[place]! : 0
    this.#current[place] = 0
    this.#began[place] = began
    return now - began
  }

  /** Requests in the sliding window, the earlier ones as if they had come evenly. */
  #used(place: number, sinceMs: number): number {
    return this.#current[place]! + this.#previous[place]! * (1 - sinceMs / this.#windowMs)
  }

  /** Less than the limit is used as soon as enough of the earlier requests have left the window. */
  #retryAfterSeconds(place: number, sinceMs: number): number {
    const free = this.#limit - this.#current[place]!
    const waitMs =
      free > 0
        ? this.#windowMs * (1 - free / this.#previous[place]!) - sinceMs
        : this.#windowMs - sinceMs
    // At that very moment the limit is still used up; and a rounded quotient must not promise too early.
    return Math.floor((waitMs + ROUNDING_MS) / 1000) + 1
  }
}

const ROUNDING_MS = 0.001

/** The fields that tell a client where it stands; `Retry-After` only when it has to wait (RFC 6585 §4). */
export function rateLimitFields(verdict: RateVerdict): Readonly<Record<string, string>> {
  const fields = {
    'RateLimit-Limit': String(verdict.limit),
    'RateLimit-Remaining': String(verdict.remaining),
    'RateLimit-Reset': String(verdict.resetSeconds),
  }
  if (verdict.allowed) return fields
  return { ...fields, 'Retry-After': String(verdict.retryAfterSeconds) }
}
