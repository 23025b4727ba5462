import { extname } from 'node:path'
import { contentType } from 'mime-types'

/** By extension: a folder has few of them, and the table is searched once for each. */
const known = new Map<string, string>()

/** The media type of a file, by its name (RFC 9110 §8.3). */
export function mediaType(name: string): string {
  const extension = extname(name)
  const type = known.get(extension)
  if (type !== undefined) return type

  const found = contentType(extension) || 'application/octet-stream'
  known.set(extension, found)
  return found
}
