export interface RateLimiterOptions {
  readonly limit: number
  readonly windowMs: number
  readonly maxAddresses?: number
  readonly now?: () => number
}

export interface RateVerdict {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetSeconds: number
  readonly retryAfterSeconds: number
}

/** The instants of the requests that still count, oldest first: a ring that grows when it is full. */
class Instants {
  #ring = new Float64Array(2)
  #oldest = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  get oldest(): number {
    return this.#ring[this.#oldest] ?? 0
  }

  add(instant: number): void {
    if (this.#count === this.#ring.length) {
      const larger = new Float64Array(2 * this.#count)
      larger.set(this.#ring.subarray(this.#oldest))
      larger.set(this.#ring.subarray(0, this.#oldest), this.#count - this.#oldest)
      this.#ring = larger
      this.#oldest = 0
    }
    this.#ring[(this.#oldest + this.#count++) % this.#ring.length] = instant
  }

  forget(until: number): void {
    while (this.#count > 0 && this.oldest <= until) {
      this.#oldest = (this.#oldest + 1) % this.#ring.length
      this.#count--
    }
  }
}

export class RateLimiter {
  readonly #options: Required<RateLimiterOptions>
  readonly #clients = new Map<string, Instants>()
  #clock = 0
  #seen = -Infinity

  constructor(options: RateLimiterOptions) {
    this.#options = { maxAddresses: 100_000, now: () => performance.now(), ...options }
  }

  get size(): number {
    return this.#clients.size
  }

  take(remoteAddress: string): RateVerdict {
    const { limit, windowMs, maxAddresses } = this.#options
    const now = this.#now()
    const client = clientOf(remoteAddress)
    const instants = this.#clients.get(client) ?? new Instants()
    // A Map goes through its keys in the order in which they were set: last is who was seen last.
    this.#clients.delete(client)
    this.#clients.set(client, instants)
    if (this.#clients.size > maxAddresses) {
      for (const [oldest] of this.#clients) {
        this.#clients.delete(oldest)
        break
      }
    }
    instants.forget(now - windowMs)
    const allowed = instants.count < limit
    if (allowed) instants.add(now)
    const remaining = limit - instants.count
    const back = Math.ceil((instants.oldest + windowMs - now) / 1000)
    return {
      allowed,
      limit,
      remaining,
      resetSeconds: back,
      retryAfterSeconds: remaining > 0 ? 0 : Math.max(1, back),
    }
  }

  #now(): number {
    const reading = this.#options.now()
    if (this.#seen !== -Infinity) this.#clock += Math.max(0, reading - this.#seen)
    this.#seen = reading
    return this.#clock
  }
}

/** An IPv4 address, or the first four groups of an IPv6 address. */
function clientOf(address: string): string {
  if (!address.includes(':')) return address
  const [bare = ''] = address.split('%')
  const hex = bare.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a, b, c, d] = parts.slice(0, 4).map(Number) as [number, number, number, number]
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  })
  const [before = '', after] = hex.split('::')
  const left = before.split(':').filter(Boolean)
  const right = (after ?? '').split(':').filter(Boolean)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16))
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (!isMapped) return groups.slice(0, 4).join(':')
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

export function rateLimitFields(verdict: RateVerdict): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {
    'ratelimit-limit': `${verdict.limit}`,
    'ratelimit-remaining': `${verdict.remaining}`,
    'ratelimit-reset': `${verdict.resetSeconds}`,
  }
  if (!verdict.allowed) fields['retry-after'] = `${verdict.retryAfterSeconds}`
  return fields
}
