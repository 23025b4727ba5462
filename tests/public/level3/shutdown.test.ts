import { describe, it } from '../../kit/unlimited.ts'
import { asks, getsAnswers, saysClose } from '../../kit/conversation.ts'
import { answers, closes, serves } from '../../kit/holds.ts'
import { get } from '../../kit/request.ts'
import { drains, exits } from '../../kit/shutdown.ts'

describe('graceful shutdown (RFC 9112 §9.6)', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with exit code 0 on ${signal} when nothing is under way`, async ({ server }) => {
      await serves(server)
      server.signal(signal)
      await exits(server, 0, 'everything was finished')
    })
  }

  it('refuses new clients, and answers the request that runs, with the close option', async ({
    server,
  }) => {
    const wire = await server.connect()
    await wire.send('GET /greet?name=last HTTP/1.1\r\nHost: localhost\r\n')
    await serves(server)
    await drains(server)
    await wire.send('\r\n')
    const why =
      'a request runs from its first byte; the answer says that it is the last (RFC 9112 §9.6)'
    const response = await wire.response({ why })
    answers(wire, response, { status: 200, content: 'Hello, last!' }, why)
    saysClose(wire, response, true, why)
    await closes(wire, why)
    wire.end()
    await exits(server, 0, 'everything was finished')
  })

  it('lets a handler finish', async ({ server }) => {
    const busy = await Promise.all(Array.from({ length: 5 }, () => server.connect()))
    const work = get('/work')
    for (const wire of busy) await wire.send(work)
    // Who comes later is served later: the five have been read.
    await serves(server)
    server.signal('SIGTERM')
    for (const wire of busy) {
      await getsAnswers(
        wire,
        [{ send: work, expect: { status: 200, content: 'done' } }],
        'what was received is answered',
      )
      wire.end()
    }
    await exits(server, 0, 'everything was finished')
  })

  it('closes at once what is idle, and what never said anything', async ({ launch }) => {
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '0', SHUTDOWN_TIMEOUT_MS: '0' })
    const idle = await server.connect()
    const why = 'an idle connection gets FIN at once: nobody waits for a client that may never ask'
    await asks(idle, get('/'), { status: 200 }, why)
    const silent = await server.connect()
    await serves(server)
    await drains(server)
    await closes(idle, why)
    await closes(silent, why)
    await exits(server, 0, 'clients that keep their side open delay the end by at most a second')
  })

  it('cuts what is left after SHUTDOWN_TIMEOUT_MS, and says how much', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '300', LOG: 'on' })
    for (let client = 0; client < 7; client++) {
      const wire = await server.connect()
      await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n')
    }
    await serves(server)
    server.signal('SIGTERM')
    await exits(server, 1, 'seven requests were cut by force')
    const lines = server.stderr.text.split('\n').filter((line) => line.startsWith('{'))
    if (lines.some((line) => /"level" *: *"error"/.test(line) && /(?<![-\d])7(?!\d)/.test(line)))
      return
    throw server.fails({
      expected: 'a log line of level error that says that 7 requests were cut',
      received: lines.slice(-3).join('\n') || 'no log line',
      why: 'whoever restarts a server wants to know what it cost',
    })
  })

  it('ends at once on a second signal, with exit code 1', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
    const wire = await server.connect()
    await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n')
    await serves(server)
    await drains(server)
    server.signal('SIGTERM')
    await exits(server, 1, 'whoever asks twice does not want to wait')
  })
})
