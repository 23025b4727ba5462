import { setTimeout as delay } from 'node:timers/promises'
import { it as itByDefault } from '../../kit/test.ts'
import { describe, it } from '../../kit/unlimited.ts'
import { givesUpEach, promptly, tries } from '../../kit/attempts.ts'
import {
  givesUpTheEndless,
  givesUpTheSilent,
  readsOnWhileItSends,
  sendsFinAtOnce,
} from '../../kit/closing.ts'
import { asks, asksAtOnce, getsAnswers, saysClose, staysOpen } from '../../kit/conversation.ts'
import { answers, closes, holds, serves } from '../../kit/holds.ts'
import { datesEachAnswer } from '../../kit/every-answer.ts'
import { closesAnIdleOne, closesSilently, PATIENCES } from '../../kit/idle.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { says100ToNobody } from '../../kit/no-continue.ts'
import { get, head, headerSection, post, requestLine } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'
import { givesUpWhoDrips, givesUpWhoTakesNothing, letsGo } from '../../kit/stalled.ts'
import { toBuffer } from '../../../harness/wire/bytes.ts'
import type { Server } from '../../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../../harness/wire/wire.ts'

/** A request of HTTP/1.0 with these field lines. */
function old(target: string, ...fieldLines: readonly string[]): string {
  return [`GET ${target} HTTP/1.0`, ...fieldLines, '', ''].join('\r\n')
}

/** A connection that has been served before. */
async function usedConnection(server: Server): Promise<Wire> {
  const wire = await server.connect()
  await asks(wire, get('/'), { status: 200 }, 'connections persist (RFC 9112 §9.3)')
  return wire
}

const LAST = get('/', 'Connection: close')

const MEGABYTE = 1024 * 1024

const NOT_A_REQUEST = 'NOT A REQUEST\r\n\r\n'

/** Fills the pipes with so much that the server must notice whoever does not read. */
const MORE_THAN_BUFFERS = 48 * 1024 * 1024

describe('persistent connections (RFC 9112 §9.3, §9.6)', () => {
  it('finds the close option wherever it stands in Connection', async ({ server }) => {
    const why =
      'Connection is a list: white space around members, empty members and several lines are all one (RFC 9110 §5.6.1, §7.6.1)'
    for (const lines of [
      ['Connection: ,, close ,'],
      ['Connection: keep-alive, Close'],
      ['Connection: x-a', 'connection: close'],
      ['CONNECTION:x-a,x-b \t,\t cLoSe'],
    ]) {
      const send = get('/', ...lines) + get('/greet?name=beyond')
      await holds(server, { send, expect: { status: 200, closes: true }, why })
    }
  })

  it('takes no other option for close', async ({ server }) => {
    const why = 'options are compared as wholes (RFC 9110 §7.6.1)'
    const wire = await server.connect()
    for (const line of [
      'Connection: closed, not-close',
      'Connection: x-close',
      'Connection: keep-alive',
      'Connection:',
      'X-Connection: close',
      'Connection-Close: close',
      'Proxy-Connection: close',
    ]) {
      saysClose(wire, await asks(wire, get('/', line), { status: 200 }, why), false, why)
    }
    await staysOpen(wire, why)
  })

  it('finds keep-alive of HTTP/1.0 anywhere in the list, unless close is there too', async ({
    server,
  }) => {
    const why = 'Connection is a list that ignores letter case, and close wins (RFC 9112 §9.3)'
    const wire = await server.connect()
    for (const line of ['Connection: x-a ,KEEP-alive', 'connection:keep-alive\t, ']) {
      const kept = { status: 200, fields: { Connection: ['keep-alive'] } }
      await asks(wire, old('/', line), kept, why)
    }
    const send = old('/', 'Connection: keep-alive, close') + old('/greet?name=beyond')
    await holds(server, { send, expect: { status: 200, closes: true }, why })
  })

  it('asks HTTP/1.0 again with every request', async ({ server }) => {
    const why = 'each request of HTTP/1.0 decides for itself (RFC 9112 §9.3)'
    const wire = await server.connect()
    await asks(wire, old('/', 'Connection: keep-alive'), { status: 200 }, why)
    await asks(wire, old('/', 'Connection: x-other'), { status: 200 }, why)
    await closes(wire, why)
  })

  it('serves both versions on one connection, each by its own rule', async ({ server }) => {
    const why = 'the version of a request decides about its own persistence (RFC 9112 §9.3)'
    const wire = await server.connect()
    await asks(wire, old('/', 'Connection: keep-alive'), { status: 200 }, why)
    await asks(wire, get('/'), { status: 200 }, why)
    await asks(wire, 'GET / HTTP/1.9\r\nHost: a\r\n\r\n', { status: 200 }, why)
    await asks(wire, old('/'), { status: 200 }, why)
    await closes(wire, why)
  })

  it('keeps HTTP/1.0 open after a refusal that does not close, and says so', async ({ server }) => {
    const why = '404 ends nothing, and an HTTP/1.0 client must be told that (RFC 9112 §9.3)'
    const wire = await server.connect()
    const kept = { status: 404, fields: { Connection: ['keep-alive'] } }
    await asks(wire, old('/nothing', 'Connection: keep-alive'), kept, why)
    await asks(wire, old('/', 'Connection: keep-alive'), { status: 200 }, why)
  })

  it('ignores what an HTTP/1.0 client expects, in a refusal too', async ({ server }) => {
    const why = 'a client of HTTP/1.0 waits for no 100, and sends its content (RFC 9110 §10.1.1)'
    const wire = await server.connect()
    const fields = 'Connection: keep-alive\r\nContent-Length: 3\r\nExpect: 100-continue'
    const send = `POST /nothing HTTP/1.0\r\n${fields}\r\n\r\nabc`
    const kept = { status: 404, fields: { Connection: ['keep-alive'] } }
    await asks(wire, send, kept, why)
    await asks(wire, old('/', 'Connection: keep-alive'), { status: 200 }, why)
  })

  it('keeps the place after answers that have no content', async ({ server }) => {
    const why =
      'a client would take content that must not be there for the next answer (RFC 9112 §6.3)'
    const wire = await server.connect()
    await asksAtOnce(
      wire,
      [
        {
          send: head('HEAD / HTTP/1.1'),
          expect: { status: 200, fields: { 'Content-Length': '13' } },
        },
        { send: head('HEAD /nothing HTTP/1.1'), expect: { status: 404 } },
        { send: head('OPTIONS /echo HTTP/1.1'), expect: { status: 204, content: '' } },
        {
          send: head('HEAD /bytes/70000 HTTP/1.1'),
          expect: { status: 200, fields: { 'Content-Length': '70000' } },
        },
        { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
      ],
      why,
    )
  })

  it('closes silently when a client connects and never says anything', async ({ launch }) => {
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '1000', HEADER_TIMEOUT_MS: '60000' })
    const from = performance.now()
    const wire = await server.connect()
    await closesSilently(wire, { timeoutMs: 1000, from }, 'KEEP_ALIVE_TIMEOUT_MS is 1000 here')
    await serves(server, 'the next client finds the server as it was')
  })

  it('does not take an empty line for the beginning of a request', async ({ launch }) => {
    const why =
      'an empty line before a request line is none of its bytes (RFC 9112 §2.2): the client is idle'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const wire = await server.connect()
      await asks(wire, get('/'), { status: 200 }, why)
      await wire.send('\r\n')
      await closesSilently(wire, { timeoutMs }, why)
    })
  })

  it('takes a client that sends empty lines on and on for idle', async ({ launch }) => {
    const why =
      'empty lines before a request line are no request under way (RFC 9112 §2.2), and the idle timeout counts from the last answer'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const wire = await server.connect()
      await asks(wire, get('/'), { status: 200 }, why)
      const until = performance.now() + 4 * timeoutMs
      while (wire.ended === 'still open' && performance.now() < until) {
        await wire.send('\r\n')
        await delay(100)
      }
      if (wire.ended === 'still open') {
        throw wire.fails({
          expected: `FIN after ${timeoutMs} ms`,
          received: 'nothing, in four times as long',
          why,
        })
      }
      await closesSilently(wire, { timeoutMs }, why)
    })
  })

  it('begins the idle timeout anew after each answer', async ({ launch }) => {
    const why = 'the idle timeout is counted from the last byte written, not from the connection'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const wire = await server.connect()
      // 100 ms each, and more than the timeout together.
      for (let request = 0; request < timeoutMs / 80; request++)
        await asks(wire, get('/work'), { status: 200 }, why)
      const from = performance.now()
      await asks(wire, get('/'), { status: 200 }, why)
      await closesSilently(wire, { timeoutMs, from }, why)
    })
  })

  it('does not take a handler that takes its time for an idle connection', async ({ launch }) => {
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '50' })
    const why =
      'the idle timeout does not run while a request is being answered, and /work takes 100 ms'
    let wire = await server.connect()
    let served = 0
    // On a busy machine we may be too late ourselves, and a server that cuts its handlers may be too late once.
    for (let attempt = 0; attempt < 20; attempt++) {
      await wire.send(get('/work'))
      if (await wire.received(1)) {
        answers(wire, await wire.response({ why }), { status: 200, content: 'done' }, why)
        if (++served === 3) return
      }
      wire = await server.connect()
    }
    throw wire.fails({
      expected: 'three answers of /work',
      received: `${served}, and FIN again and again`,
      why,
    })
  })

  it('does not take a client that reads slowly for an idle connection', async ({ launch }) => {
    const why = 'the idle timeout does not run while an answer is on its way'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const slow = await server.connect()
      slow.stall()
      await slow.send(get(`/bytes/${MORE_THAN_BUFFERS}`))
      await closesAnIdleOne(server, timeoutMs)
      slow.discard()
      slow.resume()
      if (await slow.received(MORE_THAN_BUFFERS)) return
      throw slow.fails({
        expected: `${MORE_THAN_BUFFERS} bytes of content`,
        received: `${slow.bytesReceived} bytes in all, then ${slow.ended}`,
        why,
      })
    })
  })

  it('does not take a client that reads slowly for idle, were its answer made at once', async ({
    launch,
    random,
  }) => {
    const why =
      'the idle timeout counts from the last byte that was written, not from the first: until then an answer is on its way'
    // No period of it is a number of bytes that anybody reads or writes at once.
    const content = Buffer.alloc(12 * MEGABYTE, random.bytes(997))
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({
        KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs),
        MAX_CONTENT_BYTES: String(content.length),
      })
      const slow = await server.connect()
      await slow.send(post('/echo', content))
      await slow.received(1)
      slow.stall()
      await closesAnIdleOne(server, timeoutMs)
      slow.resume()
      answers(
        slow,
        await slow.response({ why }),
        { status: 200, content: content.toString('latin1') },
        why,
      )
      await staysOpen(slow, why)
    })
  })

  it('does not take content that arrives slowly for an idle connection', async ({ launch }) => {
    const why = 'the idle timeout does not run while a request is being read'
    await tries(PATIENCES, async (timeoutMs) => {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: String(timeoutMs) })
      const slow = await server.connect()
      await slow.sendInReads([head('POST /echo HTTP/1.1', 'Content-Length: 6'), 'abc'])
      await closesAnIdleOne(server, timeoutMs)
      await slow.send('def')
      answers(slow, await slow.response({ why }), { status: 200, content: 'abcdef' }, why)
    })
  })

  itByDefault(
    'closes an idle connection after five seconds unless it is told otherwise',
    async ({ server }) => {
      const why = 'KEEP_ALIVE_TIMEOUT_MS is 5000 unless it is set'
      const wire = await server.connect()
      const from = performance.now()
      await asks(wire, get('/'), { status: 200 }, why)
      await closesSilently(wire, { timeoutMs: 5000, from }, why)
    },
  )

  it('never closes an idle connection when the timeout is switched off', async ({ launch }) => {
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '0' })
    const why = 'a timeout of 0 is switched off'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    const other = await server.connect()
    for (let time = 0; time < 4; time++) await asks(other, get('/work'), { status: 200 }, why)
    await staysOpen(wire, why)
  })

  it('begins the patience for a header section with its first byte, on a used connection too', async ({
    launch,
  }) => {
    const server = await launch({ HEADER_TIMEOUT_MS: '200', KEEP_ALIVE_TIMEOUT_MS: '60000' })
    const why = 'HEADER_TIMEOUT_MS is 200 here, and runs from the first byte of a request'
    const idle = await server.connect()
    await asks(idle, get('/'), { status: 200 }, why)
    const slow = await server.connect()
    await asks(slow, get('/'), { status: 200 }, why)
    // 300 ms, in which nothing of its next request has come.
    for (let time = 0; time < 3; time++) await asks(idle, get('/work'), { status: 200 }, why)
    const from = performance.now()
    await slow.send('GET / HTTP/1.1\r\nHost:')
    const response = await slow.response({ why })
    answers(slow, response, { status: 408 }, why)
    saysClose(slow, response, true, why)
    if (performance.now() - from < 195) {
      throw slow.fails({ expected: '200 ms of patience', received: '408 before that', why })
    }
    await closes(slow, why)
    await staysOpen(idle, 'a connection between two requests has not begun a header section')
  })

  it('counts the patience for a header section in all, on a used connection too', async ({
    launch,
  }) => {
    const why = 'HEADER_TIMEOUT_MS runs from the first byte of a request, in all (RFC 9110 §15.5.9)'
    const requests = [
      ['G', 'E'],
      ['GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'],
    ] as const
    await givesUpEach(launch, 'HEADER_TIMEOUT_MS', requests, why, usedConnection)
  })

  it('gives up on content that does not come to its end, and counts its patience in all', async ({
    launch,
  }) => {
    const why = 'BODY_TIMEOUT_MS runs from the end of the header section, in all (RFC 9110 §15.5.9)'
    const requests = [
      [head('POST /echo HTTP/1.1', 'Content-Length: 100000'), ''],
      [head('POST /echo HTTP/1.1', 'Content-Length: 100000'), 'x'],
      [head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked'), '1\r\nx\r\n'],
    ] as const
    await givesUpEach(launch, 'BODY_TIMEOUT_MS', requests, why, usedConnection)
  })

  it('gives content a time of its own, however long its header section took', async ({
    launch,
  }) => {
    const server = await launch({ BODY_TIMEOUT_MS: '300' })
    const why = 'BODY_TIMEOUT_MS is 300 here, and runs from the end of the header section'
    const other = await server.connect()
    const slow = await server.connect()
    await asks(slow, get('/'), { status: 200 }, why)
    await slow.send('POST /echo HTTP/1.1\r\nHost: a\r\n')
    for (let time = 0; time < 4; time++) await asks(other, get('/work'), { status: 200 }, why)
    const from = performance.now()
    await slow.send('Content-Length: 2\r\n\r\nx')
    const response = await slow.response({ why })
    answers(slow, response, { status: 408 }, why)
    if (performance.now() - from < 295) {
      throw slow.fails({ expected: '300 ms of patience', received: '408 before that', why })
    }
    await closes(slow, why)
  })

  it('counts refused requests and those of a pipeline among those that a connection may have', async ({
    launch,
  }) => {
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '4' })
    const why = 'MAX_REQUESTS_PER_CONNECTION is 4 here; what comes after the fourth gets no answer'
    const wire = await server.connect()
    const statuses = [404, 200, 405, 200] as const
    const targets = ['/nothing', '/work', '/echo', '/', '/greet', '/nothing']
    await wire.send(targets.map((target) => get(target)).join(''))
    for (const [index, status] of statuses.entries()) {
      const response = await wire.response({ why })
      answers(wire, response, { status }, why)
      saysClose(wire, response, index === 3, why)
    }
    await closes(wire, why)
  })

  it('serves a single request when a connection may have one', async ({ launch }) => {
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '1' })
    const why = 'MAX_REQUESTS_PER_CONNECTION is 1 here, also for who asked to keep the connection'
    for (const send of [get('/'), old('/', 'Connection: keep-alive')]) {
      const wire = await server.connect()
      saysClose(wire, await asks(wire, send, { status: 200 }, why), true, why)
      await closes(wire, why)
    }
  })

  it('counts no requests when their number is not limited', async ({ launch }) => {
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '0' })
    const why = 'MAX_REQUESTS_PER_CONNECTION is 0 here: no limit'
    const wire = await server.connect()
    for (let request = 0; request < 3; request++) {
      saysClose(wire, await asks(wire, get('/'), { status: 200 }, why), false, why)
    }
    await staysOpen(wire, why)
  })

  it('serves a thousand requests on a connection, and says close with the last', async ({
    server,
  }) => {
    const why = 'MAX_REQUESTS_PER_CONNECTION is 1000 unless it is set'
    const wire = await server.connect()
    for (let hundred = 0; hundred < 10; hundred++) {
      await wire.send(get('/').repeat(hundred === 9 ? 103 : 100))
      for (let request = 1; request <= 100; request++) {
        const response = await wire.response({ why })
        answers(wire, response, { status: 200 }, why)
        saysClose(wire, response, hundred === 9 && request === 100, why)
      }
    }
    await closes(wire, why)
  })

  const closing: readonly (readonly [title: string, send: string, status: number])[] = [
    ['a broken request line', 'GET /\r\n\r\n', 400],
    ['a parameter that is out of range', get('/fib/41'), 400],
    ['a bad escape in a path', get('/users/%zz'), 400],
    ['a missing Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'broken chunked framing',
      head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked') + 'x\r\n',
      400,
    ],
    ['content above the limit', head('POST /echo HTTP/1.1', 'Content-Length: 1048577'), 413],
    ['a request line above the limit', requestLine(8193), 414],
    [
      'an expectation that is unknown',
      post('/echo', 'abc', 'Expect: more').toString('latin1'),
      417,
    ],
    ['a header section above the limit', `GET / HTTP/1.1\r\n${headerSection(16_385)}`, 431],
    ['a method that is unknown', head('BREW / HTTP/1.1'), 501],
    [
      'a transfer coding that is unknown',
      head('POST /echo HTTP/1.1', 'Transfer-Encoding: gzip, chunked'),
      501,
    ],
    ['another major version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
  ]
  for (const [title, send, status] of closing) {
    it(`says close and closes after ${title}, and answers nothing behind it`, async ({
      server,
    }) => {
      const why = `after ${status} the connection ends (the assignment's list of statuses)`
      const wire = await server.connect()
      await asks(wire, get('/greet?name=first'), { status: 200 }, why)
      const response = await asks(wire, send + get('/greet?name=beyond'), { status }, why)
      saysClose(wire, response, true, why)
      await closes(wire, why)
    })
  }

  it('stays open when the computing threads have too much to do', async ({ launch }) => {
    const server = await launch({ POOL_SIZE: '1', MAX_QUEUE: '8' })
    const why = 'a 503 of /fib ends nothing: only that of the connection limit does'
    for (let job = 0; job < 9; job++) await (await server.connect()).send(get('/fib/40'))
    const wire = await server.connect()
    await asks(wire, get('/work'), { status: 200 }, why)
    const refused = await asks(wire, get('/fib/36'), { status: 503 }, why)
    saysClose(wire, refused, false, why)
    await staysOpen(wire, why)
  })

  it('stays open after 429', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    const why = '429 ends nothing: the client may come back on the same connection'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    saysClose(wire, await asks(wire, get('/'), { status: 429 }, why), false, why)
    saysClose(wire, await asks(wire, get('/health'), { status: 200 }, why), false, why)
  })

  it('says in Date when each answer was made, on an old connection too', async ({ server }) => {
    const why = 'Date is the moment of its answer (RFC 9110 §6.6.1)'
    const wire = await server.connect()
    await datesEachAnswer(server, [
      () => asks(wire, get('/'), { status: 200 }, why),
      () => holds(server, { send: get('/nothing'), expect: { status: 404 }, why }),
    ])
  })

  it('gives up on a client that takes nothing of its last answer, however often it sends', async ({
    launch,
  }) => {
    await givesUpWhoDrips(launch, ['Connection: close'])
  })

  it('drops content up to the limit, in either framing, whatever refuses the request', async ({
    launch,
  }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '1000' })
    const why = 'unread content up to the content limit is read and dropped (RFC 9112 §9.3)'
    const wire = await server.connect()
    const decoy = get('/fail').repeat(40).slice(0, 1000)
    const chunked = `${head('PUT /echo HTTP/1.1', 'Transfer-Encoding: chunked')}1F4\r\n${decoy.slice(0, 500)}\r\n1f4;x\r\n${decoy.slice(0, 500)}\r\n0\r\nX-Trailer: a\r\n\r\n`
    await asksAtOnce(
      wire,
      [
        { send: post('/nothing', decoy), expect: { status: 404 } },
        { send: chunked, expect: { status: 405 } },
        { send: post('/', decoy), expect: { status: 405 } },
        {
          send: head('GET / HTTP/1.1', `Content-Length: ${decoy.length}`) + decoy,
          expect: { status: 200 },
        },
        {
          send: get('/fail', 'Content-Length: 9') + get('/nothing').slice(0, 9),
          expect: { status: 500 },
        },
        { send: get('/greet?name=Ada'), expect: { status: 200, content: 'Hello, Ada!' } },
      ],
      why,
    )
  })

  it('gives back 1 MiB of content whole, and stays open', async ({ server, random }) => {
    const content = random.bytes(1024 * 1024)
    const wire = await server.connect()
    const why = 'exactly the limit passes, and behind the content the next request begins'
    const expect = { status: 200, content: content.toString('latin1') }
    await asksAtOnce(
      wire,
      [
        { send: post('/echo', content), expect },
        { send: post('/echo', content), expect },
        { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
      ],
      why,
    )
    await staysOpen(wire, why)
  })

  it('closes when content that nobody wants is longer than the limit', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '1000' })
    const why =
      'content above the limit is not read to its end, so the connection cannot go on (RFC 9112 §9.6)'
    const chunked = head('POST /nothing HTTP/1.1', 'Transfer-Encoding: chunked')
    const send = `${chunked}3E9\r\n${'x'.repeat(1001)}\r\n0\r\n\r\n${get('/')}`
    await holds(server, { send, expect: { status: 404, closes: true, serves: true }, why })

    const wire = await server.connect()
    const announced = post('/nothing', get('/').repeat(60))
    saysClose(wire, await asks(wire, announced, { status: 404 }, why), true, why)
    await closes(wire, why)
  })

  it('gives the whole refusal, then FIN, to a client that sends megabytes that nobody wants', async ({
    server,
  }) => {
    const why =
      'closing while content still comes makes the kernel send a reset, which destroys the answer (RFC 9112 §9.6)'
    const length = `Content-Length: ${8 * MEGABYTE}`
    const chunk = `${(8 * MEGABYTE).toString(16)}\r\n`
    for (const [beginning, status] of [
      [head('POST /nothing HTTP/1.1', length), 404],
      [head('PUT /echo HTTP/1.1', length), 405],
      [head('POST /nothing HTTP/1.1', 'Transfer-Encoding: chunked') + chunk, 404],
    ] as const) {
      await refusesWhoSendsOn(server, beginning, 8, why, status)
    }
  })

  it('gives up content that nobody wants, and that does not come to its end', async ({
    launch,
  }) => {
    const server = await launch({ BODY_TIMEOUT_MS: '1000' })
    const why = 'BODY_TIMEOUT_MS is for content that is dropped, too: who is refused holds nothing'
    const ends = []
    for (const [line, status] of [
      ['POST /nothing HTTP/1.1', [404, 408]],
      ['PUT /echo HTTP/1.1', [405, 408]],
    ] as const) {
      const wire = await server.connect()
      ends.push({ port: wire.port })
      await asks(wire, `${head(line, 'Content-Length: 100')}abc`, { status }, why)
    }
    if (await letsGo(server, ends)) return
    throw server.fails({
      expected: 'the end of both connections after BODY_TIMEOUT_MS',
      received: `${PATIENCE_MS / 1000} s later the server still waits for their content`,
      why,
    })
  })

  it('asks for the content of each client that waits for a 100', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '5' })
    const why = 'a client that sends Expect: 100-continue waits for the word (RFC 9110 §10.1.1)'
    const wire = await server.connect()
    for (const content of ['abcde', 'ok']) {
      const fields = [`Content-Length: ${content.length}`, 'Expect: 100-continue']
      await wire.send(head('POST /echo HTTP/1.1', ...fields))
      const isAsked = await wire.received(wire.bytesReceived + 1)
      await wire.send(content)
      const response = await wire.response({ why })
      answers(wire, response, { status: 200, content }, why)
      if (isAsked && response.interim.join() === '100') continue
      throw wire.fails({
        expected: '100 Continue, while the client waits for it',
        received: isAsked ? 'no 100' : 'nothing until the content was sent all the same',
        why,
      })
    }
    await staysOpen(wire, why)
  })

  it('says no 100 where nobody waits for it', async ({ server }) => {
    await says100ToNobody(server)
  })

  it('closes when a client that waits for a 100 is refused', async ({ server }) => {
    const why =
      'nobody knows whether its content still comes, so nobody knows where the next request begins (RFC 9110 §10.1.1)'
    for (const [line, length, status, more] of [
      ['POST /nothing HTTP/1.1', 3, 404, ''],
      ['PUT /echo HTTP/1.1', 3, 405, ''],
      ['POST /echo HTTP/1.1', 1024 * 1024 + 1, 413, ''],
      ['POST /echo HTTP/1.1', 3, 417, ', tea'],
    ] as const) {
      const wire = await server.connect()
      const send = head(line, `Content-Length: ${length}`, `Expect: 100-continue${more}`)
      const response = await asks(wire, send, { status }, why)
      if (response.interim.length > 0) {
        throw wire.fails({ expected: 'no 100 before a refusal', received: '100', why })
      }
      saysClose(wire, response, true, why)
      await closes(wire, why)
    }
  })

  it('leaks no field of one request into the next', async ({ server, random }) => {
    const why = 'nothing of one request may show in the next one'
    const wire = await server.connect()
    const content = random.word(20)
    const chunked = `${head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked', 'Content-Type: a/b')}5\r\nabcde\r\n0\r\n\r\n`
    await asksAtOnce(
      wire,
      [
        {
          send: chunked,
          expect: { status: 200, fields: { 'Content-Type': 'a/b' }, content: 'abcde' },
        },
        {
          send: post('/echo', content),
          expect: { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content },
        },
        { send: head('POST /echo HTTP/1.1'), expect: { status: 200, content: '' } },
        { send: post('/echo', ''), expect: { status: 200, content: '' } },
        { send: head('PUT /users/1 HTTP/1.1'), expect: { status: 405 } },
        { send: head('POST /echo HTTP/1.1'), expect: { status: 200, fields: { Allow: null } } },
        { send: get('/users/1/posts/2'), expect: { content: '{"id":"1","postId":"2"}' } },
        { send: get('/users/%C3%A9'), expect: { content: '{"id":"\xc3\xa9"}' } },
        { send: get('/greet?name=Ada'), expect: { content: 'Hello, Ada!' } },
        { send: get('/greet'), expect: { content: 'Hello, stranger!' } },
        { send: old('/', 'Connection: keep-alive'), expect: { status: 200 } },
        { send: 'GET / HTTP/1.1\r\n\r\n', expect: { status: 400 } },
      ],
      why,
    )
    await closes(
      wire,
      'HTTP/1.1 needs a Host in every request, also in a later one (RFC 9112 §3.2)',
    )
  })

  it('leaks nothing from one connection into another', async ({ server, random }) => {
    const why = 'what a connection has read belongs to it alone'
    const wires: Wire[] = []
    for (let wire = 0; wire < 6; wire++) wires.push(await server.connect())
    const contents = wires.map(() => random.word(60))
    const parts = wires.map((_, index) => random.cut(post('/echo', contents[index] ?? ''), 5))
    for (let part = 0; part < 5; part++) {
      for (const [index, wire] of wires.entries()) await wire.send(parts[index]?.[part] ?? '')
    }
    for (const [index, wire] of wires.entries()) {
      answers(
        wire,
        await wire.response({ why }),
        { status: 200, content: contents[index] ?? '' },
        why,
      )
      await staysOpen(wire, why)
    }
  })

  it('finds every request, however the bytes of a connection are cut into reads', async ({
    server,
    random,
  }) => {
    const why = 'requests end where their framing says, not where reads do (RFC 9112 §2.2, §6.3)'
    const content = random.bytes(300)
    const exchanges = [
      { send: get('/greet?name=one'), expect: { status: 200, content: 'Hello, one!' } },
      {
        send: post('/echo', content),
        expect: { status: 200, content: content.toString('latin1') },
      },
      { send: `\r\n${get('/users/7')}`, expect: { status: 200, content: '{"id":"7"}' } },
      { send: post('/nothing', content), expect: { status: 404 } },
      {
        send: `${head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked')}3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`,
        expect: { status: 200, content: 'abc0123456789' },
      },
      { send: head('HEAD / HTTP/1.1'), expect: { status: 200 } },
      { send: get('/greet?name=last'), expect: { status: 200, content: 'Hello, last!' } },
    ]
    const bytes = Buffer.concat(exchanges.map(({ send }) => toBuffer(send)))
    await Promise.all(
      [12, 40, 90].map(async (parts) => {
        const wire = await server.connect()
        await wire.sendInReads(random.cut(bytes, parts))
        await getsAnswers(wire, exchanges, why)
      }),
    )
  })

  it('ends quietly with a client that ends between two requests', async ({ server }) => {
    const why =
      'FIN between two requests is no incomplete request: no answer is due (RFC 9112 §9.6)'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    wire.end()
    await closes(wire, why)
  })

  it('goes on serving when clients reset their connections between and within requests', async ({
    server,
  }) => {
    const why = 'a connection that breaks is the loss of one client'
    for (const rest of ['', 'GET /', post('/echo', 'abc').subarray(0, -1), get('/work')]) {
      const wire = await server.connect()
      await asks(wire, get('/'), { status: 200 }, why)
      await wire.send(rest)
      wire.reset()
      await serves(server, why)
    }
    await serves(server, why)
  })

  it('gives the last answer whole, then FIN, to a client that goes on sending after close', async ({
    server,
  }) => {
    const why =
      'closing while bytes still come makes the kernel send a reset, which destroys the answer (RFC 9112 §9.6)'
    await promptly(async () => {
      const wire = await server.connect()
      wire.stall()
      await wire.send(get('/bytes/300000', 'Connection: close'))
      for (let sent = 0; sent < 6; sent++) await wire.send(Buffer.alloc(1024 * 1024, 'GET '))
      wire.end()
      wire.resume()
      const response = await wire.response({ why })
      answers(wire, response, { status: 200, fields: { 'Content-Length': '300000' } }, why)
      await closes(wire, why)
    })
  })

  it('gives up on a client that takes nothing of an answer, and not too soon', async ({
    launch,
  }) => {
    await givesUpWhoTakesNothing(await launch({ WRITE_TIMEOUT_MS: '600' }), 600)
  })

  it('takes no client that is idle for one that takes nothing, and none for idle that takes nothing later', async ({
    launch,
  }) => {
    // On a busy machine, we may take nothing for so long ourselves.
    await tries([600, 4_000, 12_000], async (timeoutMs) => {
      const server = await launch({
        WRITE_TIMEOUT_MS: String(timeoutMs),
        KEEP_ALIVE_TIMEOUT_MS: '0',
      })
      const why = `WRITE_TIMEOUT_MS is ${timeoutMs} here, and runs while something waits to be taken`
      const wire = await server.connect()
      const large = get('/bytes/50000000')
      await asks(wire, large, { status: 200 }, why)
      const idleSinceMs = performance.now()
      const other = await server.connect()
      while (performance.now() - idleSinceMs < 1.5 * timeoutMs)
        await asks(other, get('/work'), { status: 200 }, why)
      await asks(wire, large, { status: 200 }, why)
      await givesUpWhoTakesNothing(server, timeoutMs, wire)
    })
  })

  it('sends FIN right behind its last answer', async ({ server }) => {
    await sendsFinAtOnce(server, LAST)
    await sendsFinAtOnce(server, NOT_A_REQUEST)
  })

  it('gives up a client that does not close', async ({ server }) => {
    await givesUpTheSilent(server, [LAST, NOT_A_REQUEST])
  })

  it('gives up a client that sends on without end', async ({ server }) => {
    await givesUpTheEndless(server, LAST)
  })

  it('reads on while a client that it has answered still sends', async ({ server }) => {
    await readsOnWhileItSends(server, LAST)
  })
})
