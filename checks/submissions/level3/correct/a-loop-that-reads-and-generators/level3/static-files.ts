import { constants, createReadStream, existsSync, realpathSync, type BigIntStats } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { contentType } from 'mime-types'
import { RequestError } from '../level2/errors.ts'
import type { ContentStream, Handler, Request, Response } from '../level2/http.ts'
import { evaluatePreconditions, lastModified, rangesApply } from './conditional.ts'
import { parseRanges, type ByteRange } from './ranges.ts'

const NOT_FOUND = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'ENXIO']

export function staticFiles(root: string, mount = '/static/'): Handler {
  const top = existsSync(root) ? realpathSync(root) : undefined
  return async (request) => {
    const names = namesIn(request.path.split('/').slice(mount.split('/').length - 1))
    if (top === undefined) throw new RequestError('NOT_FOUND')
    const isFolder = names.at(-1) === ''
    const file = path.join(top, ...names)
    const handle = await openBelow(top, isFolder ? path.join(file, 'index.html') : file)
    const status = await handle.stat({ bigint: true })
    if (status.isFile()) return await answer(handle, status, path.extname(handle.name), request)
    await handle.close()
    if (!status.isDirectory() || isFolder) throw new RequestError('NOT_FOUND')
    const query = request.query === '' ? '' : `?${request.query}`
    return { status: 308, headers: { location: `${request.path}/${query}` } }
  }
}

function namesIn(segments: readonly string[]): string[] {
  const names = segments.map((segment) => {
    try {
      return decodeURIComponent(segment)
    } catch {
      throw new RequestError('INVALID_PATH')
    }
  })
  if (names.some((name) => name.includes('\0'))) throw new RequestError('INVALID_PATH')
  const isBad = (name: string, at: number) =>
    /^\.|[/\\]/.test(name) || (name === '' && at < names.length - 1)
  if (names.some(isBad)) throw new RequestError('NOT_FOUND')
  return names
}

type NamedHandle = FileHandle & { name: string }

async function openBelow(top: string, file: string): Promise<NamedHandle> {
  try {
    const real = await realpath(file)
    const way = path.relative(top, real)
    if (way === '..' || way.startsWith(`..${path.sep}`)) throw new RequestError('NOT_FOUND')
    const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants
    const handle = await open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
    return Object.assign(handle, { name: file })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (NOT_FOUND.includes(code)) throw new RequestError('NOT_FOUND')
    if (code === 'EMFILE' || code === 'ENFILE')
      throw new RequestError('TOO_BUSY', { headers: { 'retry-after': '1' } })
    throw error
  }
}

/** Closes the file unless its content is handed on. */
async function answer(
  handle: FileHandle,
  status: BigIntStats,
  extension: string,
  request: Request,
): Promise<Response> {
  try {
    const response = respond(handle, status, extension, request)
    if (response.content === undefined || request.method === 'HEAD') await handle.close()
    return response
  } catch (error) {
    await handle.close()
    throw error
  }
}

function respond(
  handle: FileHandle,
  { size: bytes, mtimeNs, ino }: BigIntStats,
  extension: string,
  { method, headers }: Request,
): Response {
  const size = Number(bytes)
  const nowMs = Date.now()
  const validators = {
    entityTag: `"${[ino, mtimeNs, bytes].map((part) => part.toString(16)).join('.')}"`,
    modifiedMs: Math.min(nowMs, Number(mtimeNs / 1_000_000n)),
    nowMs,
  }
  const fields = {
    'last-modified': lastModified(validators),
    etag: validators.entityTag,
    'accept-ranges': 'bytes',
  }
  switch (evaluatePreconditions(method, headers, validators)) {
    case 'failed':
      throw new RequestError('PRECONDITION_FAILED')
    case 'not modified':
      return { status: 304, headers: fields }
  }
  const type = (extension !== '' && contentType(extension)) || 'application/octet-stream'
  const range = headers.get('range')
  const wanted =
    method === 'GET' && range !== undefined && rangesApply(headers, validators)
      ? parseRanges(range, size)
      : undefined
  if (wanted?.kind === 'unsatisfiable')
    throw new RequestError('RANGE_NOT_SATISFIABLE', {
      headers: { 'content-range': `bytes */${size}` },
    })
  if (wanted?.kind !== 'satisfiable') {
    const content = contentOf(handle, [{ first: 0, last: size - 1 }])
    return { status: 200, headers: { ...fields, 'content-type': type }, content }
  }
  const rangeField = ({ first, last }: ByteRange) => `bytes ${first}-${last}/${size}`
  const [only] = wanted.ranges
  if (only !== undefined && wanted.ranges.length === 1)
    return {
      status: 206,
      headers: { ...fields, 'content-type': type, 'content-range': rangeField(only) },
      content: contentOf(handle, [only]),
    }
  const boundary = crypto.randomUUID()
  const parts = wanted.ranges.flatMap((each) => [
    `\r\n--${boundary}\r\ncontent-range: ${rangeField(each)}\r\ncontent-type: ${type}\r\n\r\n`,
    each,
  ])
  return {
    status: 206,
    headers: { ...fields, 'content-type': `multipart/byteranges; boundary=${boundary}` },
    content: contentOf(handle, [...parts, `\r\n--${boundary}--\r\n`]),
  }
}

function contentOf(handle: FileHandle, parts: readonly (string | ByteRange)[]): ContentStream {
  const lengths = parts.map((part) =>
    typeof part === 'string' ? part.length : part.last - part.first + 1,
  )
  async function* read(): AsyncGenerator<Uint8Array, void> {
    for (const part of parts) {
      if (typeof part === 'string') yield Buffer.from(part)
      else if (part.last >= part.first)
        yield* createReadStream('', {
          fd: handle,
          start: part.first,
          end: part.last,
          autoClose: false,
        }) as AsyncIterable<Buffer>
    }
    await handle.close()
  }
  return {
    length: lengths.reduce((sum, length) => sum + length, 0),
    [Symbol.asyncIterator]() {
      const reading = read()
      return {
        next: () => reading.next(),
        async return() {
          await reading.return()
          await handle.close().catch(() => undefined)
          return { done: true, value: undefined }
        },
      }
    },
  }
}
