import type { Handler } from '../level2/http.ts'

export interface Health {
  readonly isDraining: boolean
  readonly connections: number
}

export function healthHandler(health: () => Health): Handler {
  const start = performance.now()
  return () => {
    const { isDraining, connections } = health()
    return {
      status: isDraining ? 503 : 200,
      headers: { 'Content-Type': 'application/json' },
      content: JSON.stringify({
        status: isDraining ? 'draining' : 'ok',
        uptimeSeconds: (performance.now() - start) / 1000,
        connections,
      }),
    }
  }
}
