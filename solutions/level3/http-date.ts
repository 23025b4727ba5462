let text: string | undefined

/** Now, as `Date` wants it (RFC 9110 §5.6.7): made once a second, and only while somebody asks. */
export function httpDate(): string {
  if (text !== undefined) return text
  const now = new Date()
  text = now.toUTCString()
  // A timer is cheaper than to look at the clock for each answer.
  setTimeout(() => (text = undefined), 1_000 - now.getMilliseconds()).unref()
  return text
}
