/** What was thrown, for the log. Anything can be, also what has no text. */
export function describeThrown(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown)
  } catch {
    return 'something that is no text'
  }
}
