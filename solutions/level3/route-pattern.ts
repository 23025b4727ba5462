/** Reads the pattern of a route, and brings paths into the form in which segments are compared. */

/** A route that cannot be added, in a sentence for whoever wrote it. */
export class RouteError extends Error {
  override readonly name = 'RouteError'
}

/** One segment of a pattern. */
export interface PatternSegment {
  /** `text` is matched exactly, a `parameter` is any one segment, a `wildcard` all that are left. */
  readonly kind: 'text' | 'parameter' | 'wildcard'
  /** The text in its comparable form, or the name that the value gets: `*` for a wildcard. */
  readonly text: string
}

/**
 * `/users/:id/*` → text `users`, parameter `id`, wildcard `*`.
 *
 * @throws {RouteError} when the pattern does not begin with `/`, has a bad escape, names a parameter with
 * anything but letters, digits and `_`, names two alike, or goes on after `*`
 */
export function parsePattern(pattern: string): readonly PatternSegment[] {
  if (!pattern.startsWith('/'))
    throw new RouteError(`The pattern "${pattern}" does not begin with "/".`)

  const names = new Set<string>()
  return pattern
    .split('/')
    .slice(1)
    .map((segment, index, { length }) => {
      if (segment === '*') {
        if (index < length - 1) throw new RouteError(`The pattern "${pattern}" goes on after "*".`)
        return { kind: 'wildcard', text: segment }
      }
      if (!segment.startsWith(':')) return { kind: 'text', text: patternText(pattern, segment) }

      const name = segment.slice(1)
      if (!/^[A-Za-z]\w*$/.test(name)) {
        throw new RouteError(
          `The pattern "${pattern}" has the parameter "${segment}": letters, digits and "_" make a name.`,
        )
      }
      if (names.has(name)) {
        throw new RouteError(`The pattern "${pattern}" has two parameters named "${name}".`)
      }
      names.add(name)
      return { kind: 'parameter', text: name }
    })
}

/**
 * Stand for a slash and a percent sign that were escaped: one is no border between segments, the other
 * begins no escape. Single surrogates, because no UTF-8 decodes to one.
 */
const ESCAPED_SLASH = '\ud800'
const ESCAPED_PERCENT = '\ud801'

/**
 * Undoes the escapes of a path, once. In what comes back every `/` is a border, and no `%` is left.
 *
 * A path without `%` is its own comparable form.
 *
 * @throws {URIError} when the path has a bad escape or is not UTF-8
 */
export function comparable(path: string): string {
  const kept = path.replace(/%2f/gi, ESCAPED_SLASH).replaceAll('%25', ESCAPED_PERCENT)
  return decodeURIComponent(kept)
}

/** The text that a segment of a comparable path, or several, stand for. */
export function textOf(segments: string): string {
  return segments.replaceAll(ESCAPED_SLASH, '/').replaceAll(ESCAPED_PERCENT, '%')
}

function patternText(pattern: string, segment: string): string {
  try {
    return comparable(segment)
  } catch {
    throw new RouteError(`The pattern "${pattern}" has a bad escape.`)
  }
}
