import { answers, holds } from '../../kit/holds.ts'
import { plays } from '../../kit/pool.ts'
import { get } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

describe('CPU work off the event loop', () => {
  it('answers others while it computes', async ({ server }) => {
    const why =
      'computing on the event loop takes the processor from everybody; on another thread it does not'
    // On a machine that stands still for half a second, the computation can be done first.
    for (let attempt = 1; attempt <= 3; attempt++) {
      const computing = await server.connect()
      await computing.send(get('/fib/38'))
      const value = computing.response({ patienceMs: 30_000 })
      const quick = await server.connect()
      await quick.send(get('/'))
      const home = quick.response({ why })
      const first = await Promise.race([home.then(() => 'home'), value.then(() => 'value')])
      answers(quick, await home, { status: 200, content: 'Hello, World!' }, why)
      answers(computing, await value, { status: 200, content: '{"n":38,"value":39088169}' }, why)
      if (first === 'home') return
    }
    throw server.fails({
      expected: '/ answered before /fib/38',
      received: '/fib/38 first, three times',
      why,
    })
  })

  it('gives the value, as JSON', async ({ server }) => {
    await holds(server, {
      send: get('/fib/30'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/json' },
        content: '{"n":30,"value":832040}',
        closes: true,
      },
      why: 'the route table of the assignment',
    })
  })

  it('runs as many jobs as it has workers, lets a few wait, and refuses the rest', async ({
    build,
  }) => {
    await plays(
      build,
      [
        'make a pool with size 1 and maxQueue 1',
        'run a, b and c, of which a does not end yet',
        'let a end',
      ],
      async ({ pool, gate, open, end, until, begun }) => {
        const computing = pool(1, 1)
        const closed = gate()
        const a = end(computing.run({ say: 'a', gate: closed }))
        const b = end(computing.run({ say: 'b' }))
        const c = await end(computing.run({ say: 'c' }))
        await until(() => begun().length === 1)
        const counts = `${computing.running} running, ${computing.waiting} waiting`
        open(closed)
        return [
          c,
          counts,
          await a,
          await b,
          `${computing.running} running, ${computing.waiting} waiting`,
        ]
      },
      [
        'rejected: 503 TOO_BUSY, Retry-After',
        '1 running, 1 waiting',
        'a',
        'b',
        '0 running, 0 waiting',
      ],
      'a queue that can grow without end answers everybody too late (RFC 9110 §15.6.4)',
    )
  })
})
