import { routes } from '../level2/app.ts'
import type { Route } from '../level2/app.ts'
import type { CpuPool } from '../level2/cpu-pool.ts'
import { healthHandler, type Health } from './health.ts'
import { checkLines, streamLines } from './lines.ts'
import type { Routes } from './service.ts'
import { staticFiles } from './static-files.ts'
import { TrieRouter } from './trie-router.ts'

export interface AppParts {
  readonly pool: CpuPool<number, number>
  readonly health: () => Health
  readonly staticRoot: string
}

export function createApp(parts: AppParts): Routes {
  const table: Route[] = [
    { method: 'GET', pattern: '/static/*', handler: staticFiles(parts.staticRoot) },
    { method: 'GET', pattern: '/health', handler: healthHandler(parts.health) },
    { method: 'GET', pattern: '/stream/:n', handler: streamLines, check: checkLines },
    ...routes(parts.pool),
  ]
  return table.reduce(
    (router, route) => router.add(route.method, route.pattern, route),
    new TrieRouter<Route>(),
  )
}
