/**
 * The little application: one handler for each route. None of them holds the event loop.
 *
 * They know nothing of sockets, and nothing of when a connection closes: level 3 uses them as they are.
 */
import type { CpuPool } from './cpu-pool.ts'
import { RequestError } from './errors.ts'
import type { ContentStream, Handler, Response } from './http.ts'

/** The largest `n` of `/fib/:n`. */
export const MAX_FIBONACCI = 40

/** The largest `n` of `/bytes/:n`: 1 GiB. */
export const MAX_BYTES = 2 ** 30

const text = (content: string): Response => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  content,
})
const json = (value: unknown): Response => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  content: JSON.stringify(value),
})

/** `GET /`: 200, text, `Hello, World!` */
export const hello: Handler = () => text('Hello, World!')

/** `POST /echo`: 200, the content as it came, with its Content-Type or `application/octet-stream`. */
export const echo: Handler = ({ headers, content }) => ({
  status: 200,
  headers: { 'Content-Type': headers.get('content-type') ?? 'application/octet-stream' },
  content,
})

/** `GET /greet?name=…`: 200, text, `Hello, <name>!`; read by `URLSearchParams`; without a name, `stranger`. */
export const greet: Handler = ({ query }) =>
  text(`Hello, ${new URLSearchParams(`?${query}`).get('name') ?? 'stranger'}!`)

/** `GET /work`: after 100 ms, 200, text, `done`. Others are served meanwhile. */
export const work: Handler = (_request, _params, { gone }) =>
  new Promise((resolve, reject) => {
    if (gone.aborted) {
      reject(gone.reason)
      return
    }
    const leave = () => {
      clearTimeout(timer)
      reject(gone.reason)
    }
    const timer = setTimeout(() => {
      gone.removeEventListener('abort', leave)
      resolve(text('done'))
    }, 101)
    gone.addEventListener('abort', leave, { once: true })
  })

/** `GET /users/:id` and `GET /users/:id/posts/:postId`: 200, the parameters as JSON. */
export const showParameters: Handler = (_request, params) => json(params)

/** `GET /fib/:n`: 200, JSON `{ n, value }`; computed by `pool`, because it would hold the event loop. */
export function fibonacci(pool: CpuPool<number, number>): Handler {
  return (_request, params, { gone }) => {
    const n = wholeNumber(params['n'], MAX_FIBONACCI)
    return pool.run(n, gone).then((value) => json({ n, value }))
  }
}

const PERIOD = 251
/** Begins anew where the pattern does, so that every piece is the beginning of this one. */
const PIECE = Buffer.alloc(
  PERIOD * 261,
  Uint8Array.from({ length: PERIOD }, (_, i) => i),
)

class Pattern implements ContentStream {
  readonly length: number

  constructor(length: number) {
    this.length = length
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let left = this.length
    return {
      next() {
        const size = Math.min(left, PIECE.length)
        left -= size
        return Promise.resolve(
          size > 0
            ? { done: false, value: PIECE.subarray(0, size) }
            : { done: true, value: undefined },
        )
      },
      return() {
        left = 0
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
}

/** `GET /bytes/:n`: 200, `application/octet-stream`, n bytes of which byte i is `i mod 251`. */
export const bytes: Handler = (_request, params) => ({
  status: 200,
  headers: { 'Content-Type': 'application/octet-stream' },
  content: new Pattern(wholeNumber(params['n'], MAX_BYTES)),
})

/** Given. `GET /fail`: what a handler with a fault in it looks like from outside. */
export const fail: Handler = () => {
  throw new Error('This handler fails on purpose.')
}

/**
 * Reads a parameter that must be decimal digits, from 0 to `max`.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function wholeNumber(digits: string | undefined, max: number): number {
  const n = digits !== undefined && /^[0-9]+$/.test(digits) ? Number(digits) : Number.NaN
  if (!(n <= max)) throw new RequestError('INVALID_PARAMETER')
  return n
}
