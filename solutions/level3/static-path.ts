/** Which file a path asks for. */
import { RequestError } from '../level2/errors.ts'

/** A place below the root. */
export interface StaticPath {
  /** Names of folders, then of a file; decoded. */
  readonly names: readonly string[]
  /** The path ends with a slash: it means the folder itself. */
  readonly isFolder: boolean
}

/**
 * Reads the part of a path behind `/static/`, still percent-encoded.
 *
 * It is split before it is decoded, and decoded once: what a name then contains never becomes a border
 * between names. Nothing is normalised: a dot segment is a name that begins with a dot, and no such name
 * is served.
 *
 * @throws {RequestError} `INVALID_PATH` for a bad escape or a NUL, `NOT_FOUND` for a name that no file may have
 */
export function parseStaticPath(encoded: string): StaticPath {
  const names = encoded.split('/').map(decodeName)
  const isFolder = names.at(-1) === ''
  if (isFolder) names.pop()
  if (!names.every(isServed)) throw new RequestError('NOT_FOUND')
  return { names, isFolder }
}

function decodeName(segment: string): string {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch (cause) {
    throw new RequestError('INVALID_PATH', { cause })
  }
  if (name.includes('\0')) throw new RequestError('INVALID_PATH')
  return name
}

function isServed(name: string): boolean {
  return name !== '' && !name.startsWith('.') && !/[/\\]/.test(name)
}
