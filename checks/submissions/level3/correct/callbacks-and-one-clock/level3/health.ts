/** Whether this server wants more work: for load balancers, which ask again and again. */
import type { Handler } from '../level2/http.ts'

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
export function healthHandler(health: () => Health): Handler {
  const since = process.hrtime.bigint()
  return () => {
    const { isDraining, connections } = health()
    const uptimeSeconds = Number((process.hrtime.bigint() - since) / 1000n) / 1e6
    return {
      status: isDraining ? 503 : 200,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
      content: JSON.stringify({
        status: isDraining ? 'draining' : 'ok',
        uptimeSeconds,
        connections,
      }),
    }
  }
}
