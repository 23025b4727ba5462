/**
 * Serves the files below a folder (task 3.5).
 *
 * `ranges.ts` and `conditional.ts` beside this file hold what a request may ask for. Split the rest as you
 * like: what a path means, how a file is opened, how it is read while it is sent.
 */
import { randomBytes } from 'node:crypto'
import { close, constants, fstat, open, realpathSync, stat, type BigIntStats } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { contentType } from 'mime-types'
import { RequestError } from '../level2/errors.ts'
import type { Handler, Request, Response } from '../level2/http.ts'
import { evaluatePreconditions, lastModified, rangesApply, type Validators } from './conditional.ts'
import { FileContent, type Section } from './file-content.ts'
import { parseRanges, rangeMembers } from './ranges.ts'

/**
 * Answers the requests whose path begins with `mount` by the files below `root`.
 *
 * Links in `root` itself are resolved now. Without such a folder every file is 404.
 *
 * The handler throws what it refuses: {@link RequestError} `INVALID_PATH`, `NOT_FOUND`,
 * `PRECONDITION_FAILED`, `RANGE_NOT_SATISFIABLE`, and `TOO_BUSY` when there are no descriptors left.
 */
export function staticFiles(root: string, mount = '/static/'): Handler {
  let base: string | undefined
  try {
    base = realpathSync(root)
  } catch {
    base = undefined
  }
  const skipped = mount.split('/').length - 1
  return (request) =>
    new Promise((resolve, reject) => {
      const names = namesOf(request.path.split('/').slice(skipped))
      if (base === undefined) throw new RequestError('NOT_FOUND')
      new Search(base, names, request, resolve, reject).start()
    })
}

/** @throws {RequestError} for names that no file may have; nothing is normalised */
function namesOf(segments: readonly string[]): string[] {
  let names: string[]
  try {
    names = segments.map((segment) => decodeURIComponent(segment))
  } catch {
    throw new RequestError('INVALID_PATH')
  }
  if (names.some((name) => name.includes('\0'))) throw new RequestError('INVALID_PATH')
  const last = names.length - 1
  if (
    names.some((name, i) => /[\\/]/.test(name) || name.startsWith('.') || (name === '' && i < last))
  ) {
    throw new RequestError('NOT_FOUND')
  }
  return names
}

/** Follows one path, one callback after the other, to an open file or to a refusal. */
class Search {
  readonly #base: string
  readonly #names: readonly string[]
  readonly #request: Request
  readonly #resolve: (response: Response) => void
  readonly #reject: (reason: unknown) => void

  constructor(
    base: string,
    names: readonly string[],
    request: Request,
    resolve: (response: Response) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#base = base
    this.#names = names
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
  }

  start(): void {
    const wantsFolder = this.#names.at(-1) === ''
    this.#locate(join(this.#base, ...this.#names), (path, stats) => {
      if (stats.isDirectory()) {
        // Without an index a folder is nothing, however it is asked for.
        this.#locate(join(path, 'index.html'), (index, found) => {
          if (!found.isFile()) this.#reject(new RequestError('NOT_FOUND'))
          else if (wantsFolder) this.#open(index, 'index.html')
          else this.#sendOn()
        })
      } else if (wantsFolder || !stats.isFile()) this.#reject(new RequestError('NOT_FOUND'))
      else this.#open(path, this.#names.at(-1) ?? '')
    })
  }

  /** Where a path finally leads to, if that is inside. */
  #locate(path: string, then: (real: string, stats: BigIntStats) => void): void {
    realpath(path).then(
      (real) => {
        const inside = this.#base.endsWith(sep) ? this.#base : this.#base + sep
        if (real !== this.#base && !real.startsWith(inside))
          this.#reject(new RequestError('NOT_FOUND'))
        else {
          this.#guarded(() =>
            stat(real, { bigint: true }, (error, stats) => {
              if (error !== null) this.#fail(error)
              else then(real, stats)
            }),
          )
        }
      },
      (error) => this.#fail(error),
    )
  }

  #open(path: string, name: string): void {
    // A FIFO that took the place of a file since then must not make anybody wait.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW
    this.#guarded(() =>
      open(path, flags, (error, descriptor) => {
        if (error !== null) {
          this.#fail(error)
          return
        }
        fstat(descriptor, { bigint: true }, (failure, stats) => {
          let response: Response | undefined
          try {
            if (failure !== null) throw failure
            if (!stats.isFile()) throw new RequestError('NOT_FOUND')
            response = answer(this.#request, descriptor, stats, name)
          } catch (thrown) {
            close(descriptor, () => {})
            this.#fail(thrown)
            return
          }
          this.#resolve(response)
        })
      }),
    )
  }

  /** A process without permission is told by an exception, and not by the callback. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (thrown) {
      this.#fail(thrown)
    }
  }

  #fail(thrown: unknown): void {
    const code = (thrown as { code?: unknown } | undefined)?.code
    if (thrown instanceof RequestError) this.#reject(thrown)
    else if (code === 'EMFILE' || code === 'ENFILE') {
      this.#reject(new RequestError('TOO_BUSY', { headers: { 'Retry-After': '1' }, cause: thrown }))
    } else if (typeof code === 'string' && notThere.has(code))
      this.#reject(new RequestError('NOT_FOUND'))
    else this.#reject(thrown)
  }

  #sendOn(): void {
    const { path, target } = this.#request
    const mark = target.indexOf('?')
    this.#resolve({
      status: 308,
      headers: { Location: `${path.replace(/^\/+/, '/')}/${mark < 0 ? '' : target.slice(mark)}` },
    })
  }
}

const notThere: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
  'ENXIO',
  'ENODEV',
  'EISDIR',
  'EINVAL',
  'ERR_ACCESS_DENIED',
])

/** Takes the descriptor over, or throws. */
function answer(request: Request, descriptor: number, stats: BigIntStats, name: string): Response {
  const size = Number(stats.size)
  const nowMs = Date.now()
  const validators: Validators = {
    // An entity tag may have commas; the time of the last change of anything tells of files with a faked date.
    entityTag: `"${[stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((n) => n.toString(32)).join(',')}"`,
    modifiedMs: Math.min(Number(stats.mtimeNs / 1_000_000n), nowMs),
    nowMs,
  }
  const extension = extname(name)
  const type = (extension !== '' && contentType(extension)) || 'application/octet-stream'
  const { method, headers } = request
  const common = {
    ETag: validators.entityTag,
    'Last-Modified': lastModified(validators),
    'Accept-Ranges': 'bytes',
  }
  const file = (
    status: number,
    more: Readonly<Record<string, string>>,
    sections: readonly Section[],
  ): Response => {
    const isRead = method === 'GET' && status !== 304
    if (!isRead) close(descriptor, () => {})
    return {
      status,
      headers: { ...common, ...more },
      content: new FileContent(isRead ? descriptor : undefined, sections),
    }
  }
  const whole: readonly Section[] = size === 0 ? [] : [{ first: 0, last: size - 1 }]

  switch (evaluatePreconditions(method, headers, validators)) {
    case 'failed':
      throw new RequestError('PRECONDITION_FAILED')
    case 'not modified':
      // Its Content-Length is that of the 200 (RFC 9110 §8.6).
      return file(304, {}, whole)
    case 'met':
  }

  const range = method === 'GET' ? headers.get('range') : undefined
  if (range !== undefined && rangesApply(headers, validators)) {
    const asked = parseRanges(range, size)
    if (asked.kind === 'unsatisfiable') {
      throw new RequestError('RANGE_NOT_SATISFIABLE', {
        headers: { 'Content-Range': `bytes */${size}` },
      })
    }
    if (asked.kind === 'satisfiable') {
      const { ranges } = asked
      const [only] = ranges
      if (only !== undefined && rangeMembers(range.slice(range.indexOf('=') + 1)).length === 1) {
        return file(
          206,
          { 'Content-Type': type, 'Content-Range': `bytes ${only.first}-${only.last}/${size}` },
          [only],
        )
      }
      // RFC 9110 §15.3.7.2: who asked for several gets parts, were it one.
      const boundary = `part'${randomBytes(15).toString('hex')}`
      const sections = ranges.flatMap((part): Section[] => [
        Buffer.from(
          `\r\n--${boundary}\r\ncontent-range: bytes ${part.first}-${part.last}/${size}\r\ncontent-type: ${type}\r\n\r\n`,
          'latin1',
        ),
        part,
      ])
      const end = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1')
      return file(206, { 'Content-Type': `multipart/byteranges; boundary="${boundary}"` }, [
        ...sections,
        end,
      ])
    }
  }
  return file(200, { 'Content-Type': type }, whole)
}
