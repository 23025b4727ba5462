/** Ten thousand connections of the reference end in every way there is; then every place is free again. */
import path from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { launch } from '../../harness/launch.ts'
import { buildOurs } from '../../tests/kit/edited.ts'
import { endings, endInEveryWay } from '../../tests/kit/endings.ts'
import { exactlyFit } from '../../tests/kit/places.ts'
import { get } from '../../tests/kit/request.ts'

const PLACES = 50
const ROUNDS = Math.ceil(10_000 / PLACES / endings.length)

it('gives back the places of 10,000 connections that ended in every way', async () => {
  const settings = { RATE_LIMIT: '0', MAX_CONNECTIONS: String(PLACES) }
  const server = await launch(await buildOurs(path.join(root, 'solutions'), 3), settings)
  try {
    await endInEveryWay(server, PLACES, ROUNDS)
    await expect.poll(() => connectionsOf(server), { timeout: 10_000 }).toBe(1)
    await exactlyFit(server, PLACES, 'all of them have ended')
  } finally {
    await server.stop()
  }
}, 300_000)

/** How many it counts, the one that asks among them. */
async function connectionsOf(server: Awaited<ReturnType<typeof launch>>): Promise<unknown> {
  const wire = await server.connect()
  await wire.send(get('/health', 'Connection: close'))
  const { content } = await wire.response()
  wire.close()
  const { connections } = JSON.parse(content.toString()) as { readonly connections: unknown }
  return connections
}
