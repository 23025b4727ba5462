import { Expectation } from '../../../harness/expectation.ts'
import type { Server } from '../../../harness/server.ts'
import { PATIENCE_MS } from '../../../harness/wire/wire.ts'
import {
  promptly,
  silentlyCloses,
  timesOut,
  givesUpEach,
  tries,
  untilItShows,
} from '../../kit/attempts.ts'
import {
  givesUpTheEndless,
  givesUpTheSilent,
  readsOnWhileItSends,
  sendsFinAtOnce,
} from '../../kit/closing.ts'
import { isComplete, isText } from '../../kit/every-answer.ts'
import { answers, closes, holds, serves } from '../../kit/holds.ts'
import { says100ToNobody } from '../../kit/no-continue.ts'
import { get, head, headerSection, inChunks, post, requestLine } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

const ECHO = 'POST /echo HTTP/1.1'

const MEBIBYTE = 1024 * 1024

const NOT_A_REQUEST = 'NOT A REQUEST\r\n\r\n'

/** A POST whose content comes in chunks of 40,000 bytes: none of them ends where a read does. */
function chunked(content: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = 0; at < content.length; at += 40_000) pieces.push(content.subarray(at, at + 40_000))
  return Buffer.concat([Buffer.from(head(ECHO, 'Transfer-Encoding: chunked')), inChunks(pieces)])
}

describe('limits and patience (RFC 9110 §15.5)', () => {
  it('keeps the limits of a request line and a header section, by default and as set', async ({
    launch,
  }) => {
    const exactly = 'exactly the limit passes'
    for (const [line, section] of [
      [8192, 16_384],
      [100, 200],
    ] as const) {
      const server = await launch(
        line === 8192
          ? {}
          : { MAX_REQUEST_LINE_BYTES: String(line), MAX_HEADER_BYTES: String(section) },
      )
      await holds(server, {
        send: requestLine(line) + headerSection(section),
        expect: { status: 200, closes: true },
        why: exactly,
      })
      await holds(server, {
        send: requestLine(line + 1) + headerSection(100),
        expect: { status: 414, closes: true },
        why: 'a request line above the limit is refused (RFC 9110 §15.5.15)',
      })
      await holds(server, {
        send: requestLine(50) + headerSection(section + 1),
        expect: { status: 431, closes: true, serves: true },
        why: 'a header section above the limit is refused (RFC 6585 §5)',
      })
    }
  })

  it('takes 1 MiB of content when nobody sets a limit, and gives it back whole', async ({
    server,
    random,
  }) => {
    const content = random.bytes(MEBIBYTE)
    for (const send of [post('/echo', content), chunked(content)]) {
      await holds(server, {
        send,
        expect: { status: 200, content: content.toString('latin1') },
        why: 'MAX_CONTENT_BYTES is 1048576 if nobody says otherwise, and exactly the limit passes',
      })
    }
    for (const send of [
      head(ECHO, `Content-Length: ${MEBIBYTE + 1}`),
      chunked(Buffer.concat([content, Buffer.from('x')])),
    ]) {
      await holds(server, {
        send,
        expect: { status: 413, closes: true },
        why: 'one byte more than the limit is refused (RFC 9110 §15.5.14)',
      })
    }
  })

  it('refuses what never ends, as soon as it is too long', async ({ server }) => {
    const why = 'a line that never ends is too long long before (RFC 9110 §15.5.15, RFC 6585 §5)'
    await holds(server, {
      send: `GET /${'x'.repeat(9000)}`,
      expect: { status: 414, closes: true },
      why,
    })
    await holds(server, {
      send: `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}`,
      expect: { status: 431, closes: true },
      why,
    })
    await holds(server, {
      send: `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}`,
      expect: { status: 431, closes: true },
      why,
    })
  })

  it('answers every refusal as completely as a success', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10' })
    const cases: readonly [number, string][] = [
      [414, requestLine(9000)],
      [431, `GET / HTTP/1.1\r\n${headerSection(17_000)}`],
      [413, head(ECHO, 'Content-Length: 11')],
      [417, head(ECHO, 'Expect: tea', 'Content-Length: 1')],
      [501, head(ECHO, 'Transfer-Encoding: gzip, chunked')],
    ]
    const check = async (server: Server, status: number, send: string, waitMs = 0) => {
      const fact = {
        send,
        expect: { status, closes: true as const },
        why: 'the routes and limits of the assignment',
      }
      const response = await promptly(() =>
        holds(server, fact, { patienceMs: waitMs + PATIENCE_MS }),
      )
      isComplete(server, response)
      isText(server, response)
    }
    await Promise.all(cases.map(([status, send]) => check(server, status, send)))
    // On a busy machine, 200 ms may pass before the first byte is sent.
    await tries([200, 2000, 8000], async (timeoutMs) => {
      const server = await launch({ HEADER_TIMEOUT_MS: String(timeoutMs) })
      await check(server, 408, 'GET / HTTP/1.1\r\n', timeoutMs)
    })
  })

  it('finds the first fault of several, in the order of the assignment', async ({ server }) => {
    const long = 'x'.repeat(9000)
    const big = 'Content-Length: 99999999'
    const cases: readonly [number, string][] = [
      [414, `GET  /${long} HTTP/9.9\r\n\r\n`],
      [400, 'GET  / HTTP/9.9\r\nHost: a\r\n\r\n'],
      [505, `GET / HTTP/2.0\r\nA: ${long}${long}\r\n\r\n`],
      [431, `GET / HTTP/1.1\r\nA b: ${long}${long}\r\n\r\n`],
      [400, 'GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
      [501, head('GET /nowhere HTTP/1.1', 'Transfer-Encoding: gzip, chunked')],
      [501, head('BREW /nowhere HTTP/1.1', big)],
      [501, head('CONNECT /users/%zz HTTP/1.1')],
      [400, head('POST /users/%zz HTTP/1.1', big)],
      [404, head('POST /nowhere HTTP/1.1', 'Expect: tea', big)],
      [405, head('POST /fib/41 HTTP/1.1', big)],
      [405, head('PUT /echo HTTP/1.1', 'Expect: tea', big)],
      [400, get('/fib/41', 'Expect: tea', big)],
      [417, head(ECHO, 'Expect: tea', big)],
      [413, head(ECHO, big)],
    ]
    for (const [status, send] of cases) {
      await holds(server, {
        send,
        expect: { status, closes: true },
        why: 'the order of faults in the assignment',
      })
    }
  })

  it('loses nothing of a refusal while the client goes on sending', async ({ server }) => {
    const why =
      'a server that closes while bytes are unread sends a reset, and a reset destroys the answer (RFC 9112 §9.6)'
    const flood = Buffer.alloc(8 * 1024 * 1024, 'x')
    for (const [status, send] of [
      [413, head(ECHO, `Content-Length: ${flood.length}`)],
      [414, 'GET /'],
      [404, head('POST /nowhere HTTP/1.1', `Content-Length: ${flood.length}`)],
    ] as const) {
      await promptly(async () => {
        const wire = await server.connect()
        await wire.send(send)
        await wire.send(flood)
        answers(wire, await wire.response({ why }), { status }, why)
        await closes(wire, why)
      })
    }
    await serves(server, why)
  })

  it('answers 408 when content does not come to its end, however often bytes come', async ({
    launch,
  }) => {
    const why = 'BODY_TIMEOUT_MS runs in all, not from byte to byte (RFC 9110 §15.5.9)'
    const requests = [
      [head(ECHO, 'Content-Length: 100000'), ''],
      [head(ECHO, 'Content-Length: 100000'), 'x'],
      [head(ECHO, 'Transfer-Encoding: chunked'), '1\r\nx\r\n'],
      [`${head(ECHO, 'Transfer-Encoding: chunked')}0\r\n`, 'X: y\r\n'],
      [head('GET / HTTP/1.1', 'Content-Length: 100000'), 'x'],
    ] as const
    await givesUpEach(launch, 'BODY_TIMEOUT_MS', requests, why)
  })

  it('answers 408 to a request line that does not come to its end', async ({ launch }) => {
    const why = 'HEADER_TIMEOUT_MS runs from the first byte of a request, in all (RFC 9110 §15.5.9)'
    const requests = [
      ['G', ''],
      ['G', 'E'],
      ['GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'],
    ] as const
    await givesUpEach(launch, 'HEADER_TIMEOUT_MS', requests, why)
  })

  it('counts the patience for a header section from its first byte', async ({ launch }) => {
    const why = 'HEADER_TIMEOUT_MS runs from the first byte of a request (RFC 9110 §15.5.9)'
    await untilItShows([1_500, 1_500, 4_000, 8_000], async (timeoutMs) => {
      const server = await launch({ HEADER_TIMEOUT_MS: String(timeoutMs) })
      const openMs = performance.now()
      const wire = await server.connect()
      await wire.received(1, timeoutMs / 4)
      const startMs = performance.now()
      await wire.send('GET / HTTP/1.1\r\n')
      // On a machine that stood still meanwhile, the silence may have been too long.
      const wasLate = performance.now() - openMs > timeoutMs * 0.9
      try {
        await timesOut(wire, startMs, timeoutMs, why)
      } catch (error) {
        if (wasLate && error instanceof Expectation) return false
        throw error
      }
      return true
    })
  })

  it('closes without a word on a client that says nothing', async ({ launch }) => {
    const timeoutMs = 300
    const server = await launch({ HEADER_TIMEOUT_MS: String(timeoutMs) })
    const why = 'where nothing was asked, nothing is answered'
    await Promise.all(Array.from({ length: 5 }, () => silentlyCloses(server, timeoutMs, why)))
    // On a busy machine we say nothing for so long ourselves.
    await tries([1, 2, 3], () => serves(server, why))
  })

  it('gives content a time of its own', async ({ launch }) => {
    const why = 'the time for the header section ends where the content begins'
    // On a busy machine, we need so long ourselves for the header section.
    await tries([1_500, 4_000, 8_000], async (timeoutMs) => {
      const server = await launch({ HEADER_TIMEOUT_MS: String(timeoutMs) })
      const wire = await server.connect()
      await wire.send('POST /ec')
      await serves(server)
      await wire.send('ho HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe')
      // A connection opened later has seen its time pass: so has this one.
      await silentlyCloses(server, timeoutMs, 'a connection that says nothing is closed')
      await wire.send('llo')
      answers(wire, await wire.response({ why }), { status: 200, content: 'hello' }, why)
    })
  })

  it('lets no timer for reading run while it answers', async ({ launch }) => {
    const why = 'a request that was read in time is answered, however long the answer takes'
    const bytes = 24 * 1024 * 1024
    await untilItShows([500, 2_000, 8_000], async (timeoutMs) => {
      const server = await launch({
        HEADER_TIMEOUT_MS: String(timeoutMs),
        BODY_TIMEOUT_MS: String(timeoutMs),
      })
      const startMs = performance.now()
      const wire = await server.connect()
      wire.discard()
      await wire.send(get(`/bytes/${bytes}`))
      // On a machine that stood still meanwhile, the request did not come in time.
      if (!(await wire.received(1)) && performance.now() - startMs >= timeoutMs / 2) return false
      wire.stall()
      await silentlyCloses(server, timeoutMs, 'a connection that says nothing is closed')
      wire.resume()
      if (await wire.received(bytes, 30_000)) return true
      throw wire.fails({
        expected: `an answer of ${bytes} bytes`,
        received: `the end after ${wire.bytesReceived} bytes`,
        why,
      })
    })
  })

  it('waits without end where a timeout is 0', async ({ launch }) => {
    const server = await launch({ HEADER_TIMEOUT_MS: '0', BODY_TIMEOUT_MS: '300' })
    const why = 'a timeout of 0 never gives up'
    const silent = await server.connect()
    const begun = await server.connect()
    await begun.send('GET / HTTP/1.1\r\n')
    const wire = await server.connect()
    const startMs = performance.now()
    await wire.send(head(ECHO, 'Content-Length: 3'))
    await timesOut(wire, startMs, 300, `${why}; one that is not 0 does (RFC 9110 §15.5.9)`)
    await begun.send('Host: a\r\n\r\n')
    answers(begun, await begun.response({ why }), { status: 200 }, why)
    await silent.send(get('/'))
    answers(silent, await silent.response({ why }), { status: 200 }, why)
    const patient = await launch({ HEADER_TIMEOUT_MS: '300', BODY_TIMEOUT_MS: '0' })
    await tries([1, 2, 3], async () => {
      const slow = await patient.connect()
      await slow.send(`${head(ECHO, 'Content-Length: 3')}a`)
      // A connection opened later has seen its time pass.
      await silentlyCloses(patient, 300, 'a connection that says nothing is closed')
      await slow.send('bc')
      answers(slow, await slow.response({ why }), { status: 200, content: 'abc' }, why)
    })
  })

  it('says 100 once, whatever the case and the framing, and nothing with it', async ({
    server,
  }) => {
    const why = 'an interim answer is a status line and an empty line (RFC 9110 §15.2.1)'
    for (const [fields, content] of [
      [['EXPECT: 100-Continue', 'Content-Length: 2'], 'ok'],
      [['Expect:100-continue', 'Transfer-Encoding: chunked'], '2\r\nok\r\n0\r\n\r\n'],
    ] as const) {
      const wire = await server.connect()
      await wire.send(head(ECHO, ...fields))
      await wire.received(1)
      await wire.sendInReads([...content])
      const all = await wire.response({ why })
      answers(wire, all, { status: 200, content: 'ok' }, why)
      if (all.interim.join() !== '100') {
        throw wire.fails({
          expected: 'one interim answer, 100',
          received: all.interim.join(', ') || 'none',
          why,
        })
      }
    }
    const wire = await server.connect()
    await wire.send(head(ECHO, 'Expect: 100-continue', 'Content-Length: 2'))
    let comes = true
    while (comes && !wire.pending.includes('\r\n\r\n')) {
      comes = await wire.received(wire.bytesReceived + 1)
    }
    if (!/^HTTP\/1\.1 100 [^\r\n]*\r\n\r\n$/.test(wire.pending.toString('latin1'))) {
      throw wire.fails({
        expected: '"HTTP/1.1 100 Continue\\r\\n\\r\\n"',
        received: JSON.stringify(wire.pending.toString('latin1')),
        why,
      })
    }
  })

  it('refuses what it will not serve without asking for its content', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10' })
    const why = 'a client that is to be refused is spared its content (RFC 9110 §10.1.1)'
    const expects = ['Expect: 100-continue', 'Content-Length: 5']
    const cases: readonly [number, string][] = [
      [404, head('POST /nowhere HTTP/1.1', ...expects)],
      [405, head('PUT /greet HTTP/1.1', ...expects)],
      [400, get('/bytes/x', ...expects)],
      [413, head(ECHO, 'Expect: 100-continue', 'Content-Length: 11')],
      [501, head('BREW / HTTP/1.1', ...expects)],
      [417, head(ECHO, 'Expect: 200-ok', 'Content-Length: 5')],
      [417, head(ECHO, 'Expect: 100-continue, tea', 'Content-Length: 5')],
    ]
    for (const [status, send] of cases) {
      const wire = await server.connect()
      await wire.send(send)
      const response = await wire.response({ why })
      answers(wire, response, { status }, why)
      if (response.interim.length > 0)
        throw wire.fails({ expected: `${status} and no 100`, received: '100 first', why })
      await closes(wire, why)
    }
  })

  it('says no 100 where nobody waits for it', async ({ server }) => {
    await says100ToNobody(server)
  })

  it('times out also after it has asked for the content', async ({ launch }) => {
    const timeoutMs = 300
    const server = await launch({ BODY_TIMEOUT_MS: String(timeoutMs) })
    const wire = await server.connect()
    const startMs = performance.now()
    await wire.send(head(ECHO, 'Expect: 100-continue', 'Content-Length: 5'))
    await timesOut(
      wire,
      startMs,
      timeoutMs,
      'BODY_TIMEOUT_MS runs from the end of the header section (RFC 9110 §15.5.9)',
    )
  })

  it('serves a client that ends first, and refuses one that is cut off', async ({ server }) => {
    const why = 'FIN says that no more is sent, not that nothing is read (RFC 9112 §9.6)'
    await holds(server, {
      send: get('/work'),
      end: true,
      expect: { status: 200, content: 'done', closes: true },
      why,
    })
    await holds(server, {
      send: post('/echo', 'all'),
      end: true,
      expect: { status: 200, content: 'all', closes: true },
      why,
    })
    const cut = 'a request that is cut off is incomplete (RFC 9112 §8)'
    await holds(server, {
      send: 'GET / HTTP/1.1\r\nHo',
      end: true,
      expect: { status: 400, closes: true },
      why: cut,
    })
    await holds(server, {
      send: `${head(ECHO, 'Content-Length: 5')}1234`,
      end: true,
      expect: { status: 400, closes: true },
      why: cut,
    })
    const silent = await server.connect()
    silent.end()
    await closes(silent, 'a client that ends without a byte has asked nothing')
  })

  it('sends no content in answer to HEAD, not in its refusals either', async ({ launch }) => {
    const why = 'the answer to HEAD has no content (RFC 9110 §9.3.2)'
    const cases: readonly [number, string][] = [
      [400, 'HEAD / HTTP/1.1\r\n\r\n'],
      [400, '\r\nHEAD / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n'],
      [431, `HEAD / HTTP/1.1\r\n${headerSection(17_000)}`],
      [413, head('HEAD / HTTP/1.1', 'Content-Length: 11')],
      [404, head('HEAD /nowhere HTTP/1.1')],
      [405, head('HEAD /echo HTTP/1.1')],
      [500, head('HEAD /fail HTTP/1.1')],
      [408, head('HEAD / HTTP/1.1', 'Content-Length: 5')],
      [408, 'HEAD / HTTP/1.1\r\nHost: a\r\n'],
    ]
    // On a busy machine, 300 ms are little for those that are not late on purpose.
    await tries(['300', '3000'], async (timeoutMs) => {
      const server = await launch({
        MAX_CONTENT_BYTES: '10',
        HEADER_TIMEOUT_MS: timeoutMs,
        BODY_TIMEOUT_MS: timeoutMs,
      })
      await Promise.all(
        cases.map(async ([status, send]) => {
          const wire = await server.connect()
          await wire.send(send)
          answers(wire, await wire.response({ method: 'HEAD' }), { status }, why)
          await closes(wire, why)
        }),
      )
    })
  })

  it('drops what comes after its one request', async ({ server }) => {
    const why = 'in this level a connection carries one request and one answer'
    const wire = await server.connect()
    await wire.send(get('/') + get('/greet') + 'NOT A REQUEST\r\n\r\n')
    answers(wire, await wire.response({ why }), { status: 200, content: 'Hello, World!' }, why)
    await closes(wire, why)
    const later = await server.connect()
    await later.send(get('/work'))
    await later.send(get('/'))
    answers(later, await later.response({ why }), { status: 200, content: 'done' }, why)
    await closes(later, why)
  })

  it('sends FIN right behind its answer', async ({ server }) => {
    await sendsFinAtOnce(server, get('/'))
  })

  it('gives up a client that does not close', async ({ server }) => {
    await givesUpTheSilent(server, [get('/'), NOT_A_REQUEST])
  })

  it('gives up a client that sends on without end', async ({ server }) => {
    await givesUpTheEndless(server, NOT_A_REQUEST)
  })

  it('reads on while a client that it has answered still sends', async ({ server }) => {
    await readsOnWhileItSends(server, NOT_A_REQUEST)
  })
})
