let text = ''
let second = -1

/** Now, as `Date` wants it (RFC 9110 §5.6.7): made once a second, not once an answer. */
export function httpDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    text = new Date(now * 1000).toUTCString()
  }
  return text
}
