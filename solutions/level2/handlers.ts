/**
 * The little application: one handler for each route. None of them holds the event loop.
 *
 * They know nothing of sockets, and nothing of when a connection closes: level 3 uses them as they are.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { CpuPool } from './cpu-pool.ts'
import { RequestError } from './errors.ts'
import type { ContentStream, Handler, Response } from './http.ts'

/** The largest `n` of `/fib/:n`. */
export const MAX_FIBONACCI = 40

/** The largest `n` of `/bytes/:n`: 1 GiB. */
export const MAX_BYTES = 2 ** 30

/** How long `/work` takes. */
const WORK_MS = 100

/** `GET /` */
export const hello: Handler = () => text('Hello, World!')

/** `POST /echo`: the content, as it came; just bytes when nothing says what it is (RFC 9110 §8.3). */
export const echo: Handler = ({ headers, content }) => ({
  status: 200,
  headers: { 'Content-Type': headers.get('content-type') ?? 'application/octet-stream' },
  content,
})

/** `GET /greet?name=…`, read as `application/x-www-form-urlencoded`. */
export const greet: Handler = ({ query }) => {
  const name = new URLSearchParams(query).get('name') ?? 'stranger'
  return text(`Hello, ${name}!`)
}

/** `GET /work`: waits for something that takes its time, as a database would. */
export const work: Handler = async () => {
  await wait(WORK_MS)
  return text('done')
}

/** `GET /users/:id` and `GET /users/:id/posts/:postId`: the parameters themselves. */
export const showParameters: Handler = (_request, params) => json(params)

/** `GET /fib/:n`: computed by `pool`, because it would hold the event loop. */
export function fibonacci(pool: CpuPool<number, number>): Handler {
  return async (_request, params, client) => {
    const n = wholeNumber(params['n'], MAX_FIBONACCI)
    return json({ n, value: await pool.run(n, client.gone) })
  }
}

/** `GET /bytes/:n`: byte i is `i mod 251`. */
export const bytes: Handler = (_request, params) => ({
  status: 200,
  headers: { 'Content-Type': 'application/octet-stream' },
  content: pattern(wholeNumber(params['n'], MAX_BYTES)),
})

/** `GET /fail`: what a handler with a fault in it looks like from outside. */
export const fail: Handler = () => {
  throw new Error('This handler fails on purpose.')
}

/**
 * Reads a parameter that must be decimal digits, from 0 to `max`.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function wholeNumber(digits: string | undefined, max: number): number {
  const number = /^[0-9]+$/.test(digits ?? '') ? Number(digits) : Infinity
  if (number > max) throw new RequestError('INVALID_PARAMETER')
  return number
}

// Frozen: a server may write the fields down once, and not for every answer.
const TEXT = Object.freeze({ 'Content-Type': 'text/plain; charset=utf-8' })
const JSON_TEXT = Object.freeze({ 'Content-Type': 'application/json' })

function text(content: string): Response {
  return { status: 200, headers: TEXT, content }
}

function json(value: unknown): Response {
  return { status: 200, headers: JSON_TEXT, content: JSON.stringify(value) }
}

/** As many periods of the pattern as go into 64 KiB. All answers share it: a client costs no copy. */
const periods = Buffer.alloc(251 * Math.floor(65_536 / 251), Uint8Array.from(Array(251).keys()))

function pattern(length: number): ContentStream {
  return {
    length,
    async *[Symbol.asyncIterator]() {
      for (let left = length; left > 0; left -= periods.length) {
        yield left < periods.length ? periods.subarray(0, left) : periods
      }
    },
  }
}
