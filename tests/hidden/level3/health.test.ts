import { describe, it } from '../../kit/unlimited.ts'
import { promptly } from '../../kit/attempts.ts'
import { asks, asksAtOnce, saysClose, staysOpen } from '../../kit/conversation.ts'
import { answers, closes } from '../../kit/holds.ts'
import { asksHealth, counts, healthOf } from '../../kit/health.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { needs } from '../../kit/needs.ts'
import { get, head } from '../../kit/request.ts'
import type { Wire } from '../../../harness/wire/wire.ts'

const COUNT = 'connections are those that are open now, whatever they do'

describe('health', () => {
  it('counts connections that serve, wait, and have said half a request', async ({
    server,
    random,
  }) => {
    const wire = await server.connect()
    const count = random.integer(8, 20)
    const others: Wire[] = []
    for (let other = 0; other < count; other++) others.push(await server.connect())
    for (const [index, other] of others.entries()) {
      if (index % 4 === 1) await other.send('GET / HT')
      if (index % 4 === 2) await asks(other, get('/'), { status: 200 }, COUNT)
      if (index % 4 === 3) await other.send(get('/stream/3') + get('/nothing'))
    }
    await counts(wire, count + 1, COUNT)
    const [first] = others
    if (first !== undefined && (await asksHealth(first, COUNT)).connections !== count + 1) {
      throw first.fails({
        expected: `connections: ${count + 1}`,
        received: 'another number',
        why: COUNT,
      })
    }
  })

  it('forgets connections in whatever way they ended', async ({ launch }) => {
    const server = await launch({ HEADER_TIMEOUT_MS: '100', KEEP_ALIVE_TIMEOUT_MS: '60000' })
    const wire = await server.connect()
    const why = 'a connection that has ended is not open, however it ended'
    const ended = await server.connect()
    await asks(ended, get('/'), { status: 200 }, why)
    ended.end()
    await closes(ended, why)
    const asked = await server.connect()
    await asks(asked, get('/', 'Connection: close'), { status: 200 }, why)
    await closes(asked, why)
    const refused = await server.connect()
    await asks(refused, 'GET\r\n\r\n', { status: 400 }, why)
    await closes(refused, why)
    const slow = await server.connect()
    await asks(slow, 'GET /', { status: 408 }, why)
    const broken = await server.connect()
    await broken.send(get('/work'))
    const failed = await server.connect()
    await asks(failed, get('/fail'), { status: 500 }, why)
    broken.reset()
    failed.reset()
    for (const other of [ended, asked, refused, slow]) other.close()
    await counts(wire, 1, why)
  })

  it('counts a connection that is being closed until it is gone', async ({ server }) => {
    const why = 'a connection that waits for the FIN of its client is still open'
    const wire = await server.connect()
    await counts(wire, 1, why)
    await promptly(async () => {
      const closing = await server.connect()
      await asks(closing, get('/', 'Connection: close'), { status: 200 }, why)
      await closing.ending()
      const { connections } = await asksHealth(wire, why)
      closing.close()
      if (connections === 2) return
      throw wire.fails({ expected: 'connections: 2', received: `connections: ${connections}`, why })
    })
    await counts(wire, 1, why)
  })

  it('does not count connections twice that send several requests', async ({ server }) => {
    const wire = await server.connect()
    await counts(wire, 1, COUNT)
    const responses = await asksAtOnce(
      wire,
      Array(30).fill({ send: get('/health'), expect: { status: 200 } }),
      COUNT,
    )
    for (const response of responses) {
      const { connections } = healthOf(wire, response, COUNT)
      if (connections === 1) continue
      throw wire.fails({
        expected: 'connections: 1',
        received: `connections: ${connections}`,
        why: COUNT,
      })
    }
  })

  it('never goes back in time, and begins near nothing', async ({ server }) => {
    const why = 'uptimeSeconds counts from the start, by a clock that nobody sets back'
    const wire = await server.connect()
    let before = 0
    for (let ask = 0; ask < 20; ask++) {
      const { uptimeSeconds } = await asksHealth(wire, why)
      if (uptimeSeconds < before || uptimeSeconds > 60) {
        throw wire.fails({ expected: `from ${before} to 60`, received: `${uptimeSeconds}`, why })
      }
      before = uptimeSeconds
    }
  })

  it('answers with a query, and to exactly its path', async ({ server }) => {
    const why = 'the route is /health'
    const wire = await server.connect()
    await asks(wire, get('/health?verbose=1'), { status: 200 }, why)
    for (const target of ['/health/', '/Health', '/healthy', '/health/x']) {
      await asks(wire, get(target), { status: 404 }, why)
    }
    for (const method of ['PUT', 'DELETE', 'TRACE']) {
      await asks(wire, head(`${method} /health HTTP/1.1`), { status: 405 }, why)
    }
    await asks(wire, head('OPTIONS /health HTTP/1.1'), { status: 204 }, why)
  })

  it('answers HEAD without content, and goes on', async ({ server }) => {
    const why = 'HEAD has the fields of GET and no content (RFC 9110 §9.3.2)'
    const wire = await server.connect()
    await asks(
      wire,
      head('HEAD /health HTTP/1.1'),
      { status: 200, fields: { 'Content-Length': '*' } },
      why,
    )
    await staysOpen(wire, why)
  })

  it('is never limited by the rate, and never counted', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '2', RATE_WINDOW_MS: LONG_WINDOW })
    const why = '/health is exempt from the rate limit'
    const wire = await server.connect()
    for (let ask = 0; ask < 10; ask++) await asksHealth(wire, why)
    await asks(wire, get('/'), { status: 200 }, why)
    await asks(wire, get('/'), { status: 200 }, why)
    await asks(wire, get('/'), { status: 429 }, why)
    await asksHealth(wire, why)
  })

  it('answers HEAD with 503 and without content while the server ends', async ({ server }) => {
    const why = 'while the server drains, /health says so on connections that are still busy'
    const busy = await server.connect()
    await busy.sendInReads(['HEAD /health HTTP/1.1\r\nHo', 'st: a\r\n'])
    const idle = await server.connect()
    await asksHealth(idle, why)
    server.signal('SIGINT')
    await needs('3.9', 'The server does not end idle connections after SIGINT.', () =>
      closes(idle, why),
    )
    await busy.send('\r\n')
    const response = await busy.response({ method: 'HEAD' })
    answers(busy, response, { status: 503 }, why)
    saysClose(busy, response, true, why)
    await closes(busy, why)
  })
})
