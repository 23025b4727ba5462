/**
 * So many requests for each address in a window that slides.
 *
 * Keep either the moments of the latest requests, or two counters for each address: README.md says what
 * each of the two costs and promises.
 */
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

/**
 * The instants of one address that the window still holds: a circle that grows as far as the limit, and no further.
 * It is also a link of the chain of all addresses, from the one that was seen last to the one longest unseen.
 */
class Circle {
  key: string
  newer: Circle | undefined
  older: Circle | undefined
  /** A plain array: a typed one costs more than the few instants that most addresses have. */
  #instants: number[] = [0]
  #first = 0
  count = 0

  constructor(key: string) {
    this.key = key
  }

  /** Only to be asked when there is one. */
  get oldest(): number {
    return this.#instants[this.#first] as number
  }

  dropUpTo(instant: number): void {
    const { length } = this.#instants
    while (this.count > 0 && this.oldest <= instant) {
      this.#first = this.#first + 1 === length ? 0 : this.#first + 1
      this.count -= 1
    }
    if (this.count === 0 && length > 1) {
      this.#instants = [0]
      this.#first = 0
    }
  }

  add(instant: number, most: number): void {
    const { length } = this.#instants
    if (this.count === length) {
      const larger = new Array<number>(Math.min(most, length * 2)).fill(0)
      for (let i = 0; i < length; i += 1)
        larger[i] = this.#instants[(this.#first + i) % length] as number
      this.#instants = larger
      this.#first = 0
    }
    this.#instants[(this.#first + this.count) % this.#instants.length] = instant
    this.count += 1
  }
}

/** Counts the requests of each address. A request that is refused does not count. */
export class RateLimiter {
  readonly #limit: number
  readonly #windowMs: number
  readonly #maxAddresses: number
  readonly #now: () => number
  readonly #circles = new Map<string, Circle>()
  #newest: Circle | undefined
  #oldest: Circle | undefined
  #lastAddress = ''
  #lastKey = ''
  #clock = -Infinity
  #lag = 0

  constructor({
    limit,
    windowMs,
    maxAddresses = 100_000,
    now = () => performance.now(),
  }: RateLimiterOptions) {
    this.#limit = limit
    this.#windowMs = windowMs
    this.#maxAddresses = Math.max(1, maxAddresses)
    this.#now = now
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#circles.size
  }

  /**
   * Counts a request of `remoteAddress`, if it is allowed. It runs for every request: it must not cost
   * more when the limit is higher, or when more addresses are known.
   *
   * An IPv4-mapped address is the IPv4 address; IPv6 addresses count by their first 64 bits.
   */
  take(remoteAddress: string): RateVerdict {
    const now = this.#time()
    const circle = this.#circleOf(remoteAddress)
    circle.dropUpTo(now - this.#windowMs)
    const allowed = circle.count < this.#limit
    if (allowed) circle.add(now, this.#limit)
    const remaining = this.#limit - circle.count
    const untilBack = Math.max(1, Math.ceil((circle.oldest + this.#windowMs - now) / 1000))
    return {
      allowed,
      limit: this.#limit,
      remaining,
      resetSeconds: untilBack,
      retryAfterSeconds: remaining > 0 ? 0 : untilBack,
    }
  }

  /** A step backwards is no time at all; what comes after it counts from there. */
  #time(): number {
    const now = this.#now()
    if (now + this.#lag < this.#clock) this.#lag = this.#clock - now
    this.#clock = now + this.#lag
    return this.#clock
  }

  #circleOf(address: string): Circle {
    // A connection asks with the same address again and again.
    if (address !== this.#lastAddress) {
      this.#lastKey = keyOf(address)
      this.#lastAddress = address
    }
    const key = this.#lastKey
    let circle = this.#circles.get(key)
    if (circle !== undefined && circle === this.#newest) return circle
    if (circle !== undefined) this.#unlink(circle)
    else {
      // Not the first key of the map: behind many deleted ones that takes long to find.
      const forgotten = this.#circles.size >= this.#maxAddresses ? this.#oldest : undefined
      if (forgotten === undefined) circle = new Circle(key)
      else {
        // Its place is used again: a million addresses make no garbage.
        this.#circles.delete(forgotten.key)
        this.#unlink(forgotten)
        forgotten.dropUpTo(Infinity)
        forgotten.key = key
        circle = forgotten
      }
      this.#circles.set(key, circle)
    }
    circle.older = this.#newest
    if (this.#newest === undefined) this.#oldest = circle
    else this.#newest.newer = circle
    this.#newest = circle
    return circle
  }

  #unlink(circle: Circle): void {
    const { newer, older } = circle
    if (newer === undefined) this.#newest = older
    else newer.older = older
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    circle.newer = circle.older = undefined
  }
}

/** Whom an address stands for: an IPv4 address, or the first 64 bits of an IPv6 address. */
function keyOf(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address)
  if (groups === undefined) return address
  const [high, low] = [groups[6] as number, groups[7] as number]
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

/** The eight numbers of an IPv6 address in any spelling (RFC 4291 §2.2). */
function groupsOf(address: string): number[] | undefined {
  const [plain = ''] = address.split('%')
  const halves = plain.split('::')
  if (halves.length > 2) return undefined
  const [before, behind] = halves.map((half) =>
    half === '' ? [] : half.split(':').flatMap(numbersOf),
  )
  if (before === undefined) return undefined
  const missing = 8 - before.length - (behind?.length ?? 0)
  if (behind === undefined ? missing !== 0 : missing < 0) return undefined
  const groups = [...before, ...new Array<number>(missing).fill(0), ...(behind ?? [])]
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : undefined
}

function numbersOf(part: string): number[] {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1).map(Number)
  if (bytes !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes
    return [a * 256 + b, c * 256 + d]
  }
  return [/^[0-9A-Fa-f]{1,4}$/.test(part) ? Number.parseInt(part, 16) : -1]
}

/** The fields that tell a client where it stands; `Retry-After` on a refusal only (RFC 6585 §4). */
export function rateLimitFields(verdict: RateVerdict): Readonly<Record<string, string>> {
  return {
    'RateLimit-Reset': String(verdict.resetSeconds),
    'RateLimit-Remaining': String(verdict.remaining),
    'RateLimit-Limit': String(verdict.limit),
    ...(!verdict.allowed && { 'Retry-After': String(Math.max(1, verdict.retryAfterSeconds)) }),
  }
}
