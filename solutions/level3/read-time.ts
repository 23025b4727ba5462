/** One look at the clock for all requests that come with one read. */
let time = performance.now()

/** Another read begins. */
export function beginRead(): void {
  time = performance.now()
}

/** When the read began whose requests are looked at now: milliseconds, from any beginning. */
export function readTime(): number {
  return time
}
