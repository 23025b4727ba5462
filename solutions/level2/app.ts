/** Given. Which path is served by which handler. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { CpuPool } from './cpu-pool.ts'
import {
  bytes,
  echo,
  fail,
  fibonacci,
  greet,
  hello,
  MAX_BYTES,
  MAX_FIBONACCI,
  showParameters,
  wholeNumber,
  work,
} from './handlers.ts'
import type { Handler, Params } from './http.ts'
import { Router } from './router.ts'

/** What a path leads to. */
export interface Route {
  readonly method: string
  /** `/users/:id` */
  readonly pattern: string
  readonly handler: Handler
  /** The handler wants the content of the request; otherwise it is read and dropped. */
  readonly readsContent?: true
  /**
   * Looks at the parameters as soon as the header section is there, so that a request which cannot be
   * served is refused before its content is read.
   *
   * @throws {RequestError} `INVALID_PARAMETER`
   */
  readonly check?: (params: Params) => void
}

/** The routes of the application, of which `/fib/:n` computes on `pool`. */
export function routes(pool: CpuPool<number, number>): readonly Route[] {
  return [
    { method: 'GET', pattern: '/', handler: hello },
    { method: 'POST', pattern: '/echo', handler: echo, readsContent: true },
    { method: 'GET', pattern: '/greet', handler: greet },
    { method: 'GET', pattern: '/work', handler: work },
    { method: 'GET', pattern: '/users/:id', handler: showParameters },
    { method: 'GET', pattern: '/users/:id/posts/:postId', handler: showParameters },
    {
      method: 'GET',
      pattern: '/fib/:n',
      handler: fibonacci(pool),
      check: ({ n }) => wholeNumber(n, MAX_FIBONACCI),
    },
    {
      method: 'GET',
      pattern: '/bytes/:n',
      handler: bytes,
      check: ({ n }) => wholeNumber(n, MAX_BYTES),
    },
    { method: 'GET', pattern: '/fail', handler: fail },
  ]
}

/** The application of level 2, ready to find routes in. */
export function createApp(pool: CpuPool<number, number>): Router<Route> {
  const router = new Router<Route>()
  for (const route of routes(pool)) router.add(route.method, route.pattern, route)
  return router
}

/** The threads of `/fib/:n`. `size` 0: one fewer than there are processors, and at least one. */
export function createFibonacciPool(size: number, maxQueue: number): CpuPool<number, number> {
  return new CpuPool({
    start: () => new Worker(new URL('./fib-worker.ts', import.meta.url)),
    size: size > 0 ? size : Math.max(1, availableParallelism() - 1),
    maxQueue,
  })
}
