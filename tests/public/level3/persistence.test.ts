import { describe, it } from '../../kit/unlimited.ts'
import { tries } from '../../kit/attempts.ts'
import { asks, asksAtOnce, saysClose, staysOpen } from '../../kit/conversation.ts'
import { answers, closes, holds, serves } from '../../kit/holds.ts'
import { closesAnIdleOne, closesSilently, PATIENCES } from '../../kit/idle.ts'
import { get, head, post } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'

describe('persistent connections (RFC 9112 §9.3, §9.6)', () => {
  it('keeps an HTTP/1.1 connection open after an answer', async ({ server }) => {
    const why = 'HTTP/1.1 connections persist unless someone says close (RFC 9112 §9.3)'
    const wire = await server.connect()
    for (const name of ['Ada', 'Grace', 'Barbara']) {
      const expect = { status: 200, content: `Hello, ${name}!` }
      saysClose(wire, await asks(wire, get(`/greet?name=${name}`), expect, why), false, why)
    }
    await staysOpen(wire, why)
  })

  it('says close and closes when the client asks for it', async ({ server }) => {
    const why =
      'a client that sends a close option gets its answer, and then the end (RFC 9112 §9.6)'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    const last = await asks(wire, get('/', 'Connection: close'), { status: 200 }, why)
    saysClose(wire, last, true, why)
    await closes(wire, why)
  })

  it('takes Connection for a list, in any letter case', async ({ server }) => {
    await holds(server, {
      send: get('/', 'Connection: x-note,\tCLOSE'),
      expect: { status: 200, content: 'Hello, World!', closes: true },
      why: 'Connection is a list of options, and they ignore letter case (RFC 9110 §7.6.1)',
    })
  })

  it('closes an HTTP/1.0 connection that was not asked to stay', async ({ server }) => {
    await holds(server, {
      send: 'GET / HTTP/1.0\r\n\r\n',
      expect: {
        status: 200,
        fields: { Connection: ['close'] },
        content: 'Hello, World!',
        closes: true,
      },
      why: 'a connection of HTTP/1.0 ends after its answer, unless keep-alive was asked for (RFC 9112 §9.3)',
    })
  })

  it('keeps an HTTP/1.0 connection open when it is asked to, and says so', async ({ server }) => {
    const why = 'a client of HTTP/1.0 has to ask for keep-alive, and has to be told (RFC 9112 §9.3)'
    const wire = await server.connect()
    for (let request = 0; request < 2; request++) {
      await asks(
        wire,
        'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
        { status: 200, fields: { Connection: ['keep-alive'] }, content: 'Hello, World!' },
        why,
      )
    }
  })

  it('closes silently, and not too early, when nothing comes any more', async ({ launch }) => {
    const why = 'KEEP_ALIVE_TIMEOUT_MS is counted from the last byte of the answer'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const wire = await server.connect()
      // The work takes 100 ms, and the timeout begins when it is done.
      const from = performance.now() + 100
      await asks(wire, get('/work'), { status: 200 }, why)
      await closesSilently(wire, { timeoutMs, from }, why)
      await serves(server, 'the next client finds the server as it was')
    })
  })

  it('does not take a request that arrives slowly for an idle connection', async ({ launch }) => {
    const why = 'the idle timeout does not run while a request is being read'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const slow = await server.connect()
      await asks(slow, get('/'), { status: 200 }, why)
      await slow.sendInReads(['GE', 'T / HTTP/1.1\r\nHo'])
      await closesAnIdleOne(server, timeoutMs)
      await asks(slow, 'st: localhost\r\n\r\n', { status: 200, content: 'Hello, World!' }, why)
    })
  })

  it('says close with the last request that a connection may have', async ({ launch }) => {
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '3' })
    const why = 'MAX_REQUESTS_PER_CONNECTION is 3 here, and the third answer announces the end'
    const wire = await server.connect()
    for (const request of [1, 2, 3]) {
      const response = await asks(wire, get('/'), { status: 200 }, why)
      saysClose(wire, response, request === 3, why)
    }
    await closes(wire, why)
  })

  it('stays open after 404, 405 and 500', async ({ server }) => {
    const why = 'the server knows where the next request begins: nothing has to end'
    const wire = await server.connect()
    for (const [target, status] of [
      ['/nothing', 404],
      ['/echo', 405],
      ['/fail', 500],
    ] as const) {
      const response = await asks(wire, get(target), { status }, why)
      saysClose(wire, response, false, why)
    }
    await staysOpen(wire, why)
  })

  it('says close and closes after 400, also on a connection that has served', async ({
    server,
  }) => {
    const why = 'nobody knows where a request ends that cannot be understood (RFC 9112 §9.6)'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    const response = await asks(wire, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', { status: 400 }, why)
    saysClose(wire, response, true, why)
    await closes(wire, why)
    await serves(server, why)
  })

  it('answers 400 to a later request that is cut off by FIN', async ({ server }) => {
    const why = 'a request that ends before its empty line is incomplete (RFC 9112 §8)'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n')
    wire.end()
    answers(wire, await wire.response({ why }), { status: 400 }, why)
    await closes(wire, why)
  })

  it('drops content that nobody asked for, and finds the next request behind it', async ({
    server,
    random,
  }) => {
    const why = 'content that is not read would be taken for the next request (RFC 9112 §9.3)'
    const wire = await server.connect()
    const content = Buffer.concat([Buffer.from(get('/fail')), random.bytes(100 * 1024)])
    await asksAtOnce(
      wire,
      [
        { send: post('/nothing', content), expect: { status: 404 } },
        { send: get('/greet?name=Ada'), expect: { status: 200, content: 'Hello, Ada!' } },
      ],
      why,
    )
  })

  it('forgets each request before it reads the next', async ({ server }) => {
    const why = 'nothing of one request may show in the next one'
    const wire = await server.connect()
    const typed = post('/echo', 'secret', 'Content-Type: text/x-secret')
    await asks(wire, typed, { status: 200, content: 'secret' }, why)
    await asks(
      wire,
      head('POST /echo HTTP/1.1'),
      { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content: '' },
      why,
    )
    await asks(wire, get('/greet?name=Ada'), { status: 200, content: 'Hello, Ada!' }, why)
    await asks(wire, get('/greet'), { status: 200, content: 'Hello, stranger!' }, why)
    await asks(wire, get('/users/7/posts/9'), { content: '{"id":"7","postId":"9"}' }, why)
    await asks(wire, get('/users/8'), { content: '{"id":"8"}' }, why)
  })

  it('gives the whole refusal, then FIN, to a client that goes on sending', async ({ server }) => {
    const megabytes = 4
    const why =
      'closing while bytes still come makes the kernel send a reset, which destroys the answer (RFC 9112 §9.6)'
    const beginning = head('POST /echo HTTP/1.1', `Content-Length: ${megabytes * 1024 * 1024}`)
    await refusesWhoSendsOn(server, beginning, megabytes, why, 413, async () => {
      const wire = await server.connect()
      await asks(wire, get('/'), { status: 200 }, why)
      return wire
    })
  })

  it('answers nothing that comes after a request with Connection: close', async ({ server }) => {
    await holds(server, {
      send: get('/greet?name=last', 'Connection: close') + get('/greet?name=beyond'),
      expect: { status: 200, content: 'Hello, last!', closes: true },
      why: 'after a close option no request is processed (RFC 9112 §9.6)',
    })
  })
})
