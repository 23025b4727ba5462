import type { Server } from '../../harness/server.ts'
import { holds } from './holds.ts'
import { needs } from './needs.ts'
import { get } from './request.ts'

/** Without `/health`, a test that looks at it says nothing. */
export async function needsHealth(server: Server): Promise<void> {
  const why = 'whoever watches the server asks for /health'
  await needs('3.3', '/health is not answered yet', () =>
    holds(server, { send: get('/health'), expect: { status: 200 }, why }),
  )
}
