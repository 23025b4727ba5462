/** Whether this server wants more work: for load balancers, which ask again and again. */
import type { Handler } from '../level2/http.ts'

/** What `/health` tells. */
export interface Health {
  /** The server finishes what it has and takes nothing new. */
  readonly isDraining: boolean
  /** Open ones, that of the asking client included. */
  readonly connections: number
}

/** `GET /health`: 200 `{"status":"ok",…}`; while draining 503 `{"status":"draining",…}`. */
export function healthHandler(health: () => Health): Handler {
  const startedAt = performance.now()
  return () => {
    const { isDraining, connections } = health()
    const uptimeSeconds = Math.round(performance.now() - startedAt) / 1000
    // No Retry-After with the 503 (RFC 9110 §15.6.4, §10.2.3): when there will be a server again is not ours to say.
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
