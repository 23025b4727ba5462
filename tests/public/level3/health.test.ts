import { describe, it } from '../../kit/unlimited.ts'
import { asks, saysClose } from '../../kit/conversation.ts'
import { closes } from '../../kit/holds.ts'
import { asksHealth, counts, healthOf } from '../../kit/health.ts'
import { needs } from '../../kit/needs.ts'
import { get, head } from '../../kit/request.ts'

describe('health', () => {
  it('answers with the status, the time since the start, and the connections', async ({
    server,
  }) => {
    const why = 'the route table of the assignment'
    const wire = await server.connect()
    const { status } = await asksHealth(wire, why)
    if (status !== 'ok') {
      throw wire.fails({ expected: 'status: ok', received: `status: ${status}`, why })
    }
    await counts(wire, 1, why)
  })

  it('counts the connections that are open, silent ones and its own among them', async ({
    server,
  }) => {
    const why = 'connections are those that are open, whatever they do'
    const wire = await server.connect()
    const others = [await server.connect(), await server.connect(), await server.connect()]
    await counts(wire, 4, why)
    for (const other of others) other.close()
    await counts(wire, 1, 'a connection that has ended is not open')
  })

  it('counts the time since the start', async ({ server }) => {
    const why = 'uptimeSeconds grows by a second in a second'
    const wire = await server.connect()
    const from = performance.now()
    const first = await asksHealth(wire, why)
    for (let work = 0; work < 11; work++) await asks(wire, get('/work'), { status: 200 }, why)
    const second = await asksHealth(wire, why)
    // Whole seconds are a number, too.
    const most = (performance.now() - from) / 1000 + 1.1
    const grown = second.uptimeSeconds - first.uptimeSeconds
    if (grown > 0 && grown <= most && first.uptimeSeconds < 60) return
    throw wire.fails({
      expected: `more than ${first.uptimeSeconds}, by at most ${most.toFixed(1)}`,
      received: `${second.uptimeSeconds}`,
      why,
    })
  })

  it('says 503 and draining on a connection that is busy while the server ends', async ({
    server,
  }) => {
    const why = 'a load balancer has to learn that this server takes nothing new'
    const busy = await server.connect()
    await busy.sendInReads(['GET /health HTTP/1.1\r\n', 'Host: loc'])
    const idle = await server.connect()
    await asksHealth(idle, why)
    server.signal('SIGTERM')
    await needs('3.9', 'The server does not end idle connections after SIGTERM.', () =>
      closes(idle, why),
    )
    const response = await asks(busy, 'alhost\r\n\r\n', { status: 503 }, why)
    const { status } = healthOf(busy, response, why)
    if (status !== 'draining') {
      throw busy.fails({ expected: 'status: draining', received: `status: ${status}`, why })
    }
    saysClose(busy, response, true, why)
  })

  it('is a route like others', async ({ server }) => {
    const why = '/health answers HEAD and OPTIONS, and refuses the rest with 405'
    const wire = await server.connect()
    const asked = await asks(wire, head('HEAD /health HTTP/1.1'), { status: 200 }, why)
    if (asked.content.length > 0)
      throw wire.fails({ expected: 'no content', received: 'some', why })
    await asks(
      wire,
      head('POST /health HTTP/1.1'),
      { status: 405, fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
      why,
    )
  })
})
