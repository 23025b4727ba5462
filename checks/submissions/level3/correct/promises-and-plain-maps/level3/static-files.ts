import { constants, realpathSync, statSync } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import mime from 'mime-types'
import { RequestError } from '../level2/errors.ts'
import type { ContentStream, Handler, Request, Response } from '../level2/http.ts'
import { evaluatePreconditions, lastModified, rangesApply, type Validators } from './conditional.ts'
import { parseRanges, type ByteRange } from './ranges.ts'

const PIECE = 64 * 1024

export function staticFiles(root: string, mount = '/static/'): Handler {
  const base = realRoot(root)
  return async (request) => {
    if (base === undefined) throw new RequestError('NOT_FOUND')
    const skip = mount.split('/').length - 1
    const names = request.path.split('/').slice(skip).map(decode)
    const isFolderPath = names.at(-1) === ''
    const checked = isFolderPath ? names.slice(0, -1) : names
    for (const name of checked) {
      if (name.includes('\0')) throw new RequestError('INVALID_PATH')
    }
    for (const name of checked) {
      if (name === '' || name.startsWith('.') || /[/\\]/.test(name))
        throw new RequestError('NOT_FOUND')
    }
    const wanted = path.join(base, ...checked)
    const handle = await openInside(base, wanted)
    try {
      const stat = await handle.stat({ bigint: true })
      if (stat.isDirectory()) {
        if (!isFolderPath) return redirect(handle, request)
        await handle.close()
        return await serve(
          await openInside(base, path.join(wanted, 'index.html')),
          'index.html',
          request,
        )
      }
      if (isFolderPath) throw new RequestError('NOT_FOUND')
      return await serve(handle, checked.at(-1) ?? '', request)
    } catch (error) {
      await handle.close().catch(() => {})
      throw error
    }
  }
}

function realRoot(root: string): string | undefined {
  try {
    const real = realpathSync(root)
    return statSync(real).isDirectory() ? real : undefined
  } catch {
    return undefined
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new RequestError('INVALID_PATH')
  }
}

async function openInside(base: string, wanted: string): Promise<FileHandle> {
  try {
    const real = await realpath(wanted)
    if (real !== base && !real.startsWith(base.endsWith('/') ? base : `${base}/`))
      throw new RequestError('NOT_FOUND')
    return await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EMFILE' || code === 'ENFILE')
      throw new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' } })
    if (error instanceof RequestError) throw error
    throw new RequestError('NOT_FOUND')
  }
}

async function redirect(handle: FileHandle, { path: at, query }: Request): Promise<Response> {
  await handle.close()
  const location = `${at.replace(/^\/+/, '/')}/${query === '' ? '' : `?${query}`}`
  return { status: 308, headers: { Location: location } }
}

async function serve(handle: FileHandle, name: string, request: Request): Promise<Response> {
  let keep = false
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw new RequestError('NOT_FOUND')
    const size = Number(stat.size)
    const nowMs = Date.now()
    const validators: Validators = {
      entityTag: `"${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}-${stat.ino.toString(36)}"`,
      modifiedMs: Math.min(nowMs, Number(stat.mtimeMs)),
      nowMs,
    }
    const { method, headers } = request
    const always = {
      ETag: validators.entityTag,
      'Last-Modified': lastModified(validators),
      'Accept-Ranges': 'bytes',
    }
    const conditions = evaluatePreconditions(method, headers, validators)
    if (conditions === 'failed') throw new RequestError('PRECONDITION_FAILED')
    if (conditions === 'not modified') return { status: 304, headers: always }
    const type = mime.contentType(path.extname(name)) || 'application/octet-stream'
    const range = headers.get('range')
    const asked =
      method === 'GET' && range !== undefined && rangesApply(headers, validators)
        ? parseRanges(range, size)
        : ({ kind: 'ignored' } as const)
    if (asked.kind === 'unsatisfiable')
      throw new RequestError('RANGE_NOT_SATISFIABLE', {
        headers: { 'Content-Range': `bytes */${size}` },
      })
    keep = method !== 'HEAD'
    if (asked.kind === 'ignored')
      return {
        status: 200,
        headers: { ...always, 'Content-Type': type },
        content: keep ? new FileParts(handle, [{ first: 0, last: size - 1 }]) : nothingOf(size),
      }
    const [only] = asked.ranges
    if (asked.ranges.length === 1 && only)
      return {
        status: 206,
        headers: { ...always, 'Content-Type': type, 'Content-Range': contentRange(only, size) },
        content: new FileParts(handle, [only]),
      }
    const boundary = `part-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`
    const parts = asked.ranges.flatMap((each, index) => [
      Buffer.from(
        `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(each, size)}\r\n\r\n`,
      ),
      each,
    ])
    return {
      status: 206,
      headers: { ...always, 'Content-Type': `multipart/byteranges; boundary=${boundary}` },
      content: new FileParts(handle, [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    }
  } finally {
    if (!keep) await handle.close()
  }
}

function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`
}

function nothingOf(length: number): ContentStream {
  return { length, async *[Symbol.asyncIterator]() {} }
}

/** Parts of a file, and texts between them; the file is closed when they have been read, or nobody wants them. */
class FileParts implements ContentStream {
  readonly length: number
  #handle: FileHandle
  #parts: (Buffer | ByteRange)[]
  #closed: Promise<void> | undefined

  constructor(handle: FileHandle, parts: (Buffer | ByteRange)[]) {
    this.#handle = handle
    this.#parts = parts
    this.length = parts.reduce(
      (sum, part) => sum + (Buffer.isBuffer(part) ? part.length : part.last - part.first + 1),
      0,
    )
  }

  #close(): Promise<void> {
    return (this.#closed ??= this.#handle.close())
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const inner = this.#read()
    return {
      next: () => inner.next(),
      return: async () => {
        await this.#close()
        return { done: true, value: undefined }
      },
    }
  }

  async *#read(): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (const part of this.#parts) {
        if (Buffer.isBuffer(part)) {
          yield part
          continue
        }
        for (let at = part.first; at <= part.last;) {
          const length = Math.min(PIECE, part.last - at + 1)
          const { bytesRead, buffer } = await this.#handle.read(
            Buffer.allocUnsafe(length),
            0,
            length,
            at,
          )
          if (bytesRead === 0) throw new Error('The file has become shorter.')
          at += bytesRead
          yield buffer.subarray(0, bytesRead)
        }
      }
    } finally {
      await this.#close()
    }
    return undefined
  }
}
