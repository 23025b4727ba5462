/** Given. What all connections of a server share. */
import type { Route } from '../level2/app.ts'
import type { Log } from './log.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { Settings } from './settings.ts'
import type { Match } from './trie-router.ts'

export interface Service {
  readonly settings: Settings
  readonly router: Routes
  /** `undefined`: no limit. */
  readonly rateLimiter: RateLimiter | undefined
  readonly log: Log
}

/** Finds what serves a request: the router of level 2 can do that too, until yours is there. */
export interface Routes {
  find(method: string, path: string): Match<Route>
}
