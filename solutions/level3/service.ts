import type { Route } from '../level2/app.ts'
import type { Log } from './log.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { Settings } from './settings.ts'
import type { TrieRouter } from './trie-router.ts'

/** What all connections of a server share. */
export interface Service {
  readonly settings: Settings
  readonly router: TrieRouter<Route>
  /** `undefined`: no limit. */
  readonly rateLimiter: RateLimiter | undefined
  readonly log: Log
}
