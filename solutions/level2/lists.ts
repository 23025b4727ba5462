import { HTAB, SP } from './bytes.ts'

/** The members of a comma-separated field value, in lower case; empty ones do not count (RFC 9110 §5.6.1). */
export function listMembers(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map(trimOws)
    .filter((member) => member !== '')
}

/** Optional white space is SP and HTAB (RFC 9110 §5.6.3); `trim` would take more, a regular expression more time. */
function trimOws(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isOws(text.charCodeAt(start))) start++
  while (end > start && isOws(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB
}
