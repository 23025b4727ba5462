import { createRequire } from 'node:module'
import { extname } from 'node:path'

const load = createRequire(import.meta.url)

/** By extension: a folder has few of them, and the table is searched once for each. */
const known = new Map<string, string>()

/** The media type of a file, by its name (RFC 9110 §8.3). */
export function mediaType(name: string): string {
  const extension = extname(name)
  const type = known.get(extension)
  if (type !== undefined) return type

  // Not before there is a file to send: the table of all types takes 2 MB.
  const { contentType } = load('mime-types') as typeof import('mime-types')
  const found = contentType(extension) || 'application/octet-stream'
  known.set(extension, found)
  return found
}
