/** Ten thousand connections of the reference end in every way there is; then every place is free again. */
import path from 'node:path'
import { it } from 'vitest'
import { root } from '../../grader/course.ts'
import { launch } from '../../harness/launch.ts'
import { buildOurs } from '../../tests/kit/edited.ts'
import { endings, endInEveryWay } from '../../tests/kit/endings.ts'
import { counts } from '../../tests/kit/health.ts'
import { exactlyFit } from '../../tests/kit/places.ts'

const PLACES = 50
const ALL_ENDED = 'all of them have ended'
const ROUNDS = Math.ceil(10_000 / PLACES / endings.length)

it('gives back the places of 10,000 connections that ended in every way', async () => {
  const settings = { RATE_LIMIT: '0', MAX_CONNECTIONS: String(PLACES) }
  const server = await launch(await buildOurs(path.join(root, 'solutions'), 3), settings)
  try {
    await endInEveryWay(server, PLACES, ROUNDS)
    const asking = await server.connect()
    await counts(asking, 1, ALL_ENDED)
    asking.close()
    await exactlyFit(server, PLACES, ALL_ENDED)
  } finally {
    await server.stop()
  }
}, 300_000)
