/** Whether this server wants more work: for load balancers, which ask again and again. */
import type { Handler } from '../level2/http.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'

/** What `/health` tells. */
export interface Health {
  /** The server finishes what it has and takes nothing new. */
  readonly isDraining: boolean
  /** Open ones, that of the asking client included. */
  readonly connections: number
}

/**
 * `GET /health`: 200 `{"status":"ok","uptimeSeconds":…,"connections":…}`; while draining 503 and `"status":"draining"`.
 * `uptimeSeconds` counts from the call of this function.
 */
export function healthHandler(_health: () => Health): Handler {
  return () => {
    // TODO(3.3): Choose a clock that nobody can set back.
    throw new NotImplementedError('3.3', 'healthHandler')
  }
}
