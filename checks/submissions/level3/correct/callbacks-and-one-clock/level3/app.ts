/** Which path is served by which handler. */
import { routes as earlierRoutes } from '../level2/app.ts'
import type { Route } from '../level2/app.ts'
import type { CpuPool } from '../level2/cpu-pool.ts'
import { healthHandler } from './health.ts'
import type { Health } from './health.ts'
import { checkLines, streamLines } from './lines.ts'
import type { Routes } from './service.ts'
import { staticFiles } from './static-files.ts'
import { TrieRouter } from './trie-router.ts'

export interface AppParts {
  /** Computes `/fib/:n`. */
  readonly pool: CpuPool<number, number>
  readonly health: () => Health
  /** Folder of the files under `/static/`. */
  readonly staticRoot: string
}

/** Given, but for its router. The application of level 3, ready to find routes in. */
export function createApp({ pool, health, staticRoot }: AppParts): Routes {
  const own: readonly Route[] = [
    { method: 'GET', pattern: '/stream/:n', handler: streamLines, check: checkLines },
    { method: 'GET', pattern: '/health', handler: healthHandler(health) },
    { method: 'GET', pattern: '/static/*', handler: staticFiles(staticRoot) },
  ]
  const router = new TrieRouter<Route>()
  for (const route of [...earlierRoutes(pool), ...own]) {
    router.add(route.method, route.pattern, route)
  }
  return router
}
