/**
 * The little application: one handler for each route. None of them holds the event loop.
 *
 * They know nothing of sockets, and nothing of when a connection closes: level 3 uses them as they are.
 */
import type { CpuPool } from './cpu-pool.ts'
import type { Handler } from './http.ts'
import { NotImplementedError } from './not-implemented.ts'

/** The largest `n` of `/fib/:n`. */
export const MAX_FIBONACCI = 40

/** The largest `n` of `/bytes/:n`: 1 GiB. */
export const MAX_BYTES = 2 ** 30

/** `GET /`: 200, text, `Hello, World!` */
export const hello: Handler = () => {
  // TODO(2.5): Look at `Response` in http.ts: status, headers, content.
  throw new NotImplementedError('2.5', 'hello')
}

/** `POST /echo`: 200, the content as it came, with its Content-Type or `application/octet-stream`. */
export const echo: Handler = () => {
  throw new NotImplementedError('2.5', 'echo')
}

/** `GET /greet?name=…`: 200, text, `Hello, <name>!`; read by `URLSearchParams`; without a name, `stranger`. */
export const greet: Handler = () => {
  throw new NotImplementedError('2.5', 'greet')
}

/** `GET /work`: after 100 ms, 200, text, `done`. Others are served meanwhile. */
export const work: Handler = () => {
  // TODO(2.5): A handler may return a promise: wait for a timer, do not burn the time.
  throw new NotImplementedError('2.5', 'work')
}

/** `GET /users/:id` and `GET /users/:id/posts/:postId`: 200, the parameters as JSON. */
export const showParameters: Handler = () => {
  throw new NotImplementedError('2.5', 'showParameters')
}

/** `GET /fib/:n`: 200, JSON `{ n, value }`; computed by `pool`, because it would hold the event loop. */
export function fibonacci(_pool: CpuPool<number, number>): Handler {
  return () => {
    // TODO(2.6): Hand the number to the pool, together with the signal that says when the client has gone.
    throw new NotImplementedError('2.6', 'fibonacci')
  }
}

/** `GET /bytes/:n`: 200, `application/octet-stream`, n bytes of which byte i is `i mod 251`. */
export const bytes: Handler = () => {
  // TODO(2.5): Content can be a `ContentStream`: what does a client that reads nothing cost then?
  throw new NotImplementedError('2.5', 'bytes')
}

/** Given. `GET /fail`: what a handler with a fault in it looks like from outside. */
export const fail: Handler = () => {
  throw new Error('This handler fails on purpose.')
}

/**
 * Reads a parameter that must be decimal digits, from 0 to `max`.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function wholeNumber(_digits: string | undefined, _max: number): number {
  // TODO(2.5): `Number` takes more than digits: `''`, `'0x1f'`, `' 7 '`, `'1e3'`.
  throw new NotImplementedError('2.5', 'wholeNumber')
}
