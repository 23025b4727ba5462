import { answers, holds, serves } from '../../kit/holds.ts'
import { quickestMs } from '../../kit/quickest.ts'
import { get } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

describe('handlers that wait', () => {
  it('serves 100 clients of /work at once, not one after the other', async ({ server }) => {
    const why = 'a handler that waits gives the event loop back: 100 clients wait together'
    const clients = 100
    const oneMs = await quickestMs(server, get('/work'), 1)
    const wires = await Promise.all(Array.from({ length: clients }, () => server.connect()))
    const startMs = performance.now()
    await Promise.all(
      wires.map(async (wire) => {
        await wire.send(get('/work'))
        answers(
          wire,
          await wire.response({ patienceMs: 30_000 }),
          { status: 200, content: 'done' },
          why,
        )
      }),
    )
    const allMs = performance.now() - startMs
    if (allMs < (oneMs * clients) / 4) return
    throw server.fails({
      expected: `${clients} clients done in far less than ${clients} times one client's ${Math.round(oneMs)} ms`,
      received: `${Math.round(allMs)} ms`,
      why,
    })
  })

  it('answers 500 when a handler throws, and goes on', async ({ server }) => {
    const why = 'what one request does wrong is the answer to that request (RFC 9110 §15.6.1)'
    await holds(server, {
      send: get('/fail'),
      expect: { status: 500, closes: true, serves: true },
      why,
    })
    await serves(server, why)
  })

  it('serves the routes of the table', async ({ server }) => {
    const why = 'the route table of the assignment'
    await holds(server, {
      send: get('/users/7'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/json' },
        content: '{"id":"7"}',
      },
      why,
    })
    await holds(server, {
      send: get('/bytes/5'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/octet-stream', 'Content-Length': '5' },
        content: '\0\x01\x02\x03\x04',
      },
      why,
    })
    await holds(server, {
      send: get('/greet?name=Ada'),
      expect: { status: 200, content: 'Hello, Ada!' },
      why,
    })
    await holds(server, {
      send: get('/bytes/1e3'),
      expect: { status: 400, closes: true },
      why: 'a number is decimal digits and nothing else',
    })
  })
})
