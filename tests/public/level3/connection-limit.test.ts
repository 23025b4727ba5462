import { describe, it } from '../../kit/unlimited.ts'
import { asks } from '../../kit/conversation.ts'
import { endings } from '../../kit/endings.ts'
import { answers, closes } from '../../kit/holds.ts'
import { exactlyFit, findsPlace, occupy, silentOnesCount } from '../../kit/places.ts'
import { get, head } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'
import { crowd } from '../../kit/visitor.ts'
import { field } from '../../../harness/wire/response.ts'

const BACK = 'every way in which a connection can end gives its place back, once'

describe('connection limit (RFC 9110 §15.6.4)', () => {
  it('answers 503 to one connection too many, without being asked, and closes', async ({
    launch,
  }) => {
    const server = await launch({ MAX_CONNECTIONS: '2' })
    await occupy(server, 2)
    const wire = await server.connect()
    const why = 'two connections are open, and MAX_CONNECTIONS is 2 (RFC 9110 §15.6.4)'
    const response = await wire.response()
    answers(
      wire,
      response,
      {
        status: 503,
        fields: { 'Retry-After': '*', Connection: ['close'], 'Content-Type': 'application/json' },
      },
      why,
    )
    if (!/^\d+$/.test(field(response, 'Retry-After') ?? '')) {
      throw wire.fails({
        expected: 'Retry-After in whole seconds',
        received: `Retry-After: ${field(response, 'Retry-After') ?? ''}`,
        why: 'it says when the client may hope for a place (RFC 9110 §10.2.3)',
      })
    }
    await closes(wire, why)
  })

  it('lets nobody who is connected notice', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '2' })
    await occupy(server, 1)
    const why = 'the others notice nothing of a client that is refused'
    const wire = await findsPlace(server, why)
    const refused = await server.connect()
    answers(refused, await refused.response({ why }), { status: 503 }, why)
    await asks(wire, get('/greet?name=first'), { status: 200, content: 'Hello, first!' }, why)
  })

  it('serves exactly as many at once as MAX_CONNECTIONS says', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '5' })
    await exactlyFit(server, 5, 'MAX_CONNECTIONS is 5')
  })

  it('counts connections that say nothing', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '3' })
    await silentOnesCount(
      server,
      3,
      'a connection takes its place when it is accepted, not with its first request',
    )
    await exactlyFit(server, 3, BACK)
  })

  it('gets its answer to a client that is sending already', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1' })
    await occupy(server, 1)
    const why =
      'closing while bytes still come resets the connection, and the answer is lost (RFC 9112 §9.6)'
    const beginning = head('POST /echo HTTP/1.1', `Content-Length: ${1024 * 1024}`)
    await refusesWhoSendsOn(server, beginning, 1, why, 503)
  })

  it('gets its places back, however connections end', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '4' })
    for (const { title, play } of endings.slice(0, 8)) {
      const visitors = await crowd(server, 4)
      server.transcript.note(0, `each of them ends with: ${title}`)
      await Promise.all(visitors.map(async (visitor) => play(visitor)))
      for (const visitor of visitors) visitor.close()
      await exactlyFit(server, 4, `${BACK}; here with: ${title}`)
    }
  })
})
