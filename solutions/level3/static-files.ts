/** Serves the files below a folder (task 3.5). */
import { RequestError } from '../level2/errors.ts'
import type { Handler, Request, Response } from '../level2/http.ts'
import { evaluatePreconditions, lastModified, rangesApply, type Validators } from './conditional.ts'
import { entityTag } from './entity-tag.ts'
import { FileContent, lengthOnly, type Part } from './file-content.ts'
import { mediaType } from './media-type.ts'
import { contentRange, multipart } from './multipart.ts'
import { openBelow, type OpenFile, resolveFolder } from './open-file.ts'
import { type ByteRange, parseRanges, type RangeRequest } from './ranges.ts'
import { parseStaticPath } from './static-path.ts'

/**
 * Answers the requests whose path begins with `mount` by the files below `root`.
 *
 * Links in `root` itself are resolved now. Without such a folder every file is 404.
 */
export function staticFiles(root: string, mount = '/static/'): Handler {
  const folder = resolveFolder(root)
  const mountSegments = mount.split('/').length - 1

  return (request) => {
    if (folder === undefined) throw new RequestError('NOT_FOUND')
    const path = parseStaticPath(behind(mountSegments, request.path))
    const names = path.isFolder ? [...path.names, 'index.html'] : path.names
    const file = openBelow(folder, names)
    if (file.stats.isFile()) return answerWith(file, request, names.at(-1) ?? '')

    file.close()
    if (!file.stats.isDirectory() || path.isFolder) throw new RequestError('NOT_FOUND')
    return redirectToFolder(request)
  }
}

/** What comes after so many segments: the mount may be spelt with escapes, so its length does not tell. */
function behind(segments: number, path: string): string {
  let start = 0
  for (let i = 0; i < segments; i++) start = path.indexOf('/', start) + 1
  return path.slice(start)
}

/** A link in a page of the folder is relative to a path that ends with a slash. That will not change: 308 (RFC 9110 §15.4.9). */
function redirectToFolder({ path, query, target }: Request): Response {
  // Two slashes in front would name another site (RFC 3986 §4.2).
  const hasQuery = query !== '' || target.endsWith('?')
  const location = `${path.replace(/^\/+/, '/')}/${hasQuery ? `?${query}` : ''}`
  return { status: 308, headers: { Location: location } }
}

/** Answers with `file`, and closes it unless the content is yet to be read from it. */
function answerWith(file: OpenFile, request: Request, name: string): Response {
  let content: Response['content']
  try {
    const response = answer(file, request, mediaType(name))
    content = response.content
    return response
  } finally {
    if (!(content instanceof FileContent)) file.close()
  }
}

function answer(file: OpenFile, request: Request, type: string): Response {
  const size = Number(file.stats.size)
  const validators = validatorsOf(file)
  const headers = {
    'Content-Type': type,
    ETag: validators.entityTag,
    'Last-Modified': lastModified(validators),
    'Accept-Ranges': 'bytes',
  }
  switch (evaluatePreconditions(request.method, request.headers, validators)) {
    case 'failed':
      throw new RequestError('PRECONDITION_FAILED')
    case 'not modified':
      // The other fields describe content, and the client has that (RFC 9110 §15.4.5).
      return { status: 304, headers: { ETag: validators.entityTag } }
  }

  // Ranges are for GET alone (RFC 9110 §14.2).
  if (request.method === 'HEAD') return { status: 200, headers, content: lengthOnly(size) }

  const wanted = rangesOf(request, validators, size)
  switch (wanted.kind) {
    case 'ignored':
      return { status: 200, headers, content: contentOf(file, [{ first: 0, last: size - 1 }]) }
    case 'unsatisfiable':
      // The client learns how long the file is (RFC 9110 §14.4).
      throw new RequestError('RANGE_NOT_SATISFIABLE', {
        headers: { 'Content-Range': `bytes */${size}` },
      })
    case 'satisfiable':
      return partial(file, wanted.ranges, headers)
  }
}

function validatorsOf({ stats }: OpenFile): Validators {
  const nowMs = Date.now()
  // A date to come would be no date of this answer's content (RFC 9110 §8.8.2.1).
  const modifiedMs = Math.min(Number(stats.mtimeMs), nowMs)
  return { entityTag: entityTag(stats), modifiedMs, nowMs }
}

function rangesOf({ headers }: Request, validators: Validators, size: number): RangeRequest {
  const range = headers.get('range')
  if (range === undefined || !rangesApply(headers, validators)) return { kind: 'ignored' }
  return parseRanges(range, size)
}

/** 206: one range as it is, several with a header section each (RFC 9110 §15.3.7). */
function partial(
  file: OpenFile,
  ranges: readonly ByteRange[],
  headers: Readonly<Record<'Content-Type', string>>,
): Response {
  const size = Number(file.stats.size)
  const [range, ...others] = ranges
  if (range !== undefined && others.length === 0) {
    return {
      status: 206,
      headers: { ...headers, 'Content-Range': contentRange(range, size) },
      content: contentOf(file, ranges),
    }
  }
  const { type, parts } = multipart(ranges, headers['Content-Type'], size)
  return {
    status: 206,
    headers: { ...headers, 'Content-Type': type },
    content: contentOf(file, parts),
  }
}

/** Sooner read than waited for. */
const SMALL_BYTES = 65_536

/** What is small is read here and now, and leaves in one write with the head. */
function contentOf(file: OpenFile, parts: readonly Part[]): Uint8Array | FileContent {
  const content = new FileContent(file, parts)
  return content.length > SMALL_BYTES ? content : content.readNow()
}
