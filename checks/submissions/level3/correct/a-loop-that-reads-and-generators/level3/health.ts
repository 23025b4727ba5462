import type { Handler } from '../level2/http.ts'

export interface Health {
  readonly isDraining: boolean
  readonly connections: number
}

export function healthHandler(look: () => Health): Handler {
  const begin = process.hrtime.bigint()
  return () => {
    const { isDraining, connections } = look()
    const uptimeSeconds = Number((process.hrtime.bigint() - begin) / 1_000_000n) / 1000
    const [status, word] = isDraining ? [503, 'draining'] : [200, 'ok']
    return {
      status,
      headers: { 'content-type': 'application/json' },
      content: `${JSON.stringify({ connections, uptimeSeconds, status: word }, undefined, 1)}\n`,
    }
  }
}
