import { describe, it } from '../../kit/unlimited.ts'
import { asks, asksAtOnce, type Exchange } from '../../kit/conversation.ts'
import { isErrorContent } from '../../kit/error-content.ts'
import { counts } from '../../kit/health.ts'
import { closes, holds } from '../../kit/holds.ts'
import {
  afterTheEnd,
  allEntries,
  entryIs,
  isAboutRequest,
  isComplete,
  requestEntries,
  type Entry,
} from '../../kit/log-lines.ts'
import { escapesControls } from '../../kit/log-probe.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { get, head, headerSection, post, requestLine } from '../../kit/request.ts'
import { survivesWhatIsThrown } from '../../kit/throws.ts'
import type { Server } from '../../../harness/server.ts'

const SAME = 'every refusal has the same content: {"error":{"code","status","message"}}'
const ONE_EACH = 'one line a request'

/** Fails when stderr holds a control character that is not the end of a line. */
function hasNoControl(server: Server, why: string): void {
  const control = /[^\P{Cc}\n]/u.exec(server.stderr.text)?.[0]
  if (control === undefined) return
  const code = control.charCodeAt(0).toString(16).padStart(4, '0')
  throw server.fails({ expected: 'no character of category Cc', received: `U+${code}`, why })
}

describe('errors and logs (RFC 9110 §15)', () => {
  it('refuses whatever it refuses with the same JSON, from the parser to the handlers', async ({
    server,
  }) => {
    for (const [send, status, code] of [
      [requestLine(9000), 414, 'REQUEST_LINE_TOO_LONG'],
      ['GET\r\n\r\n', 400, 'INVALID_REQUEST_LINE'],
      ['GET / HTTP/4.0\r\n\r\n', 505, 'UNSUPPORTED_VERSION'],
      [`GET / HTTP/1.1\r\n${headerSection(20_000)}`, 431, 'FIELD_SECTION_TOO_LARGE'],
      ['GET / HTTP/1.1\r\nHost: a\r\nb c: d\r\n\r\n', 400, 'INVALID_FIELD_LINE'],
      [head('GET / HTTP/1.1', 'Host: twice'), 400, 'INVALID_HOST'],
      [head('POST /echo HTTP/1.1', 'Content-Length: x'), 400, 'INVALID_CONTENT_LENGTH'],
      [
        head('POST /echo HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
        400,
        'AMBIGUOUS_LENGTH',
      ],
      [
        head('POST /echo HTTP/1.1', 'Transfer-Encoding: gzip, chunked'),
        501,
        'UNKNOWN_TRANSFER_CODING',
      ],
      [head('BREW / HTTP/1.1'), 501, 'UNKNOWN_METHOD'],
      [get('/users/%'), 400, 'INVALID_PATH'],
      [get('/users/1/nothing'), 404, 'NOT_FOUND'],
      [head('DELETE /work HTTP/1.1'), 405, 'METHOD_NOT_ALLOWED'],
      [get('/bytes/1x'), 400, 'INVALID_PARAMETER'],
      [post('/echo', 'a', 'Expect: wonders'), 417, 'EXPECTATION_FAILED'],
      [head('POST /echo HTTP/1.1', 'Content-Length: 99999999'), 413, 'CONTENT_TOO_LARGE'],
      [`${head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked')}zz\r\n`, 400, 'INVALID_CHUNK'],
      [get('/fail'), 500, 'INTERNAL_ERROR'],
    ] as const) {
      isErrorContent(server, await holds(server, { send, expect: { status }, why: SAME }), code)
    }
  })

  it('refuses what comes too late, too often or to too many with the same JSON', async ({
    launch,
  }) => {
    const slow = await launch({ HEADER_TIMEOUT_MS: '1000' })
    const late = await holds(slow, { send: 'GET /', expect: { status: 408 }, why: SAME })
    isErrorContent(slow, late, 'REQUEST_TIMEOUT')

    const full = await launch({ POOL_SIZE: '1', MAX_QUEUE: '8' })
    for (let job = 0; job < 9; job++) await (await full.connect()).send(get('/fib/40'))
    await asks(await full.connect(), get('/work'), { status: 200 }, SAME)
    const busy = await holds(full, {
      send: get('/fib/36'),
      expect: { status: 503, fields: { 'Retry-After': '*' } },
      why: SAME,
    })
    isErrorContent(full, busy, 'TOO_BUSY')

    const limited = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    await holds(limited, { send: get('/'), expect: { status: 200 }, why: SAME })
    const often = await holds(limited, {
      send: get('/'),
      expect: { status: 429, fields: { 'Retry-After': '*' } },
      why: SAME,
    })
    isErrorContent(limited, often, 'TOO_MANY_REQUESTS')
  })

  it('refuses HEAD with the fields of a refusal and no content', async ({ server }) => {
    const why = 'an answer to HEAD has no content, whatever its status (RFC 9110 §9.3.2)'
    const wire = await server.connect()
    const fields = { 'Content-Type': '*', 'Content-Length': '*' }
    await asksAtOnce(
      wire,
      [
        { send: head('HEAD /nothing HTTP/1.1'), expect: { status: 404, fields } },
        { send: head('HEAD /fail HTTP/1.1'), expect: { status: 500, fields } },
        { send: head('HEAD /echo HTTP/1.1'), expect: { status: 405, fields: { Allow: '*' } } },
        { send: get('/'), expect: { status: 200 } },
      ],
      why,
    )
    for (const [status, send] of [
      [400, 'HEAD / HTTP/1.1\r\n\r\n'],
      [400, 'HEAD / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n'],
      [431, `HEAD / HTTP/1.1\r\n${headerSection(17_000)}`],
      [501, head('HEAD / HTTP/1.1', 'Transfer-Encoding: gzip, chunked')],
    ] as const) {
      const refused = await server.connect()
      await asksAtOnce(refused, [{ send: get('/'), expect: { status: 200 } }], why)
      await asks(refused, send, { status, fields }, why)
      await closes(refused, why)
    }
  })

  it('logs a pipeline in full: a line and an id of its own for each request', async ({
    launch,
    random,
  }) => {
    const server = await launch({ LOG: 'on' })
    const from = Date.now()
    const targets = Array.from({ length: 40 }, () => `/${random.word()}?${random.word(3)}=%20`)
    const wire = await server.connect()
    const exchanges = targets.map((target): Exchange => ({
      send: get(target),
      expect: { status: 404 },
    }))
    await asksAtOnce(wire, exchanges, ONE_EACH)
    const entries = await requestEntries(server, 40, ONE_EACH)
    for (const entry of entries) isComplete(server, entry, from, ONE_EACH)
    for (const target of targets) {
      const entry = entries.find((one) => one['target'] === target)
      entryIs(
        server,
        entry,
        { method: 'GET', target, status: 404 },
        'target is raw, with its query',
      )
    }
    const ids = new Set(entries.map(({ requestId }) => requestId))
    if (ids.size === 40) return
    throw server.fails({
      expected: '40 ids',
      received: `${ids.size} ids`,
      why: 'each request has another requestId',
    })
  })

  it('counts the bytes of content that it sent, without framing', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'bytes counts content: no head, no chunk sizes, and nothing for HEAD'
    const wire = await server.connect()
    const wanted = [
      [get('/bytes/123456'), 123_456],
      [get('/stream/100'), 792],
      [head('HEAD /bytes/1000 HTTP/1.1'), 0],
      [head('OPTIONS / HTTP/1.1'), 0],
      [post('/echo', ''), 0],
      [get('/greet?name=%E2%82%AC'), 11],
    ] as const
    for (const [send] of wanted) await asks(wire, send, {}, why)
    const entries = await requestEntries(server, wanted.length, ONE_EACH)
    for (const [index, [, bytes]] of wanted.entries())
      entryIs(server, entries[index], { bytes }, why)
  })

  it('says how long each request took', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'durationMs is the time from the request to its answer, in milliseconds'
    const wire = await server.connect()
    for (const earlier of [1, 2]) {
      await asks(wire, get('/work'), { status: 200 }, why)
      await requestEntries(server, earlier, ONE_EACH)
    }
    const startMs = performance.now()
    await asks(wire, get('/work'), { status: 200 }, why)
    const took = (await requestEntries(server, 3, ONE_EACH)).at(-1)?.['durationMs']
    // The line was written before we read it: no clock can have counted more.
    const mostMs = Math.ceil(performance.now() - startMs) + 10
    if (typeof took === 'number' && took >= 90 && took <= mostMs) return
    throw server.fails({
      expected: `durationMs of the third /work: 100 or more, and not more than the ${mostMs} that the client waited`,
      received: `${String(took)}`,
      why,
    })
  })

  it('answers 500 whatever a handler throws, and however', async ({ build }) => {
    await survivesWhatIsThrown(build, 3)
  })

  it('logs a fault of ours as an error, with what was thrown', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'a 500 is what somebody has to look at'
    const wire = await server.connect()
    await asks(wire, get('/fail'), { status: 500 }, why)
    await asks(wire, get('/nothing'), { status: 404 }, why)
    await asks(wire, get('/'), { status: 200 }, why)
    const [failed] = await requestEntries(server, 3, ONE_EACH)
    entryIs(server, failed, { target: '/fail', status: 500, level: 'error' }, why)
    if (JSON.stringify(allEntries(server)).includes('fails on purpose')) return
    throw server.fails({
      expected: 'what the handler threw, somewhere in the log',
      received: 'nothing of it',
      why: 'the answer tells nothing, so the log has to',
    })
  })

  it('logs refusals of every kind before there was a request, with null for what is not known', async ({
    launch,
  }) => {
    const server = await launch({ LOG: 'on', HEADER_TIMEOUT_MS: '100' })
    const from = Date.now()
    const sent = ['\0\x01\x02\r\n\r\n', 'GET /', `${requestLine(9000)}\r\n`]
    const statuses = [400, 408, 414]
    for (const [index, send] of sent.entries()) {
      await holds(server, { send, expect: { status: statuses[index] ?? 0 }, why: SAME })
      const entries = await requestEntries(server, index + 1, ONE_EACH)
      isComplete(server, entries[index] ?? {}, from, ONE_EACH)
      entryIs(server, entries[index], { status: statuses[index] }, ONE_EACH)
    }
    const [garbage, slow] = await requestEntries(server, 3, ONE_EACH)
    entryIs(
      server,
      garbage,
      { method: [null, '\0\x01\x02'], target: [null, ''] },
      'what is not known is null',
    )
    // The method of a request line that is not complete can be known.
    entryIs(
      server,
      slow,
      { method: [null, 'GET'], target: [null, '/'] },
      'what is not known is null',
    )
    hasNoControl(server, 'a line end or an escape of a client must not reach the log')
  })

  it('logs who was refused a place', async ({ launch }) => {
    const server = await launch({ LOG: 'on', MAX_CONNECTIONS: '2' })
    const why = 'the refusals of the connection limit are logged, too'
    const first = await server.connect()
    await counts(first, 1, why)
    const second = await server.connect()
    await asks(second, get('/'), { status: 200 }, why)
    const refused = await server.connect()
    isErrorContent(refused, await refused.response({ why }), 'TOO_MANY_CONNECTIONS')
    await closes(refused, why)
    const [entry] = await requestEntries(server, 1, why, ({ status }) => status === 503)
    const wanted = { method: null, target: null, remoteAddress: '127.0.0.1' }
    entryIs(server, entry, wanted, why)
  })

  it('logs answers that were cut or never begun once each', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'one line a request, also for those whose client has left'
    const wire = await server.connect()
    wire.stall()
    await wire.send(get('/bytes/1073741824') + get('/stream/1000000') + get('/work?waits'))
    const other = await server.connect()
    await asks(other, get('/work'), { status: 200 }, why)
    wire.reset()
    const isCut = ({ target }: Entry) => target === '/bytes/1073741824'
    await requestEntries(server, 1, why, isCut)
    await asks(other, get('/'), { status: 200 }, why)
    await requestEntries(server, 1, why, ({ target }) => target === '/')
    const entries = allEntries(server).filter(isAboutRequest)
    // What stands behind an answer that nobody takes may be left unread.
    for (const target of ['/bytes/1073741824', '/stream/1000000', '/work?waits']) {
      const lines = entries.filter((entry) => entry['target'] === target).length
      if (lines <= 1) continue
      throw server.fails({ expected: `one line about ${target}`, received: `${lines}`, why })
    }
  })

  it('logs requests in full whose client has left before the answer, and no fault of its own', async ({
    launch,
  }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'a client that leaves is no fault of the server'
    const other = await server.connect()
    for (let client = 0; client < 3; client++) {
      const wire = await server.connect()
      await wire.send(get('/work'))
      await asks(other, get('/'), { status: 200 }, why)
      wire.reset()
    }
    await asks(other, get('/work'), { status: 200 }, why)
    const entries = await requestEntries(server, 7, ONE_EACH)
    for (const entry of entries) entryIs(server, entry, { status: [200, null] }, why)
  })

  it('escapes every control character wherever it stands', async ({ build }) => {
    await escapesControls(build)
  })

  it('lets no client begin a line, or write to the terminal of whoever reads the log', async ({
    launch,
  }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'a client writes your log: what it sends must not reach a terminal'
    for (const send of [
      'G\x1bET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /a\n{"forged":true} HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /\r{"forged":true}\r\n\r\n',
    ]) {
      await holds(server, { send, expect: { status: 400 }, why })
    }
    for (const target of ['/\x1b]0;title\x07', '/\xc2\x9b31m\x85\x7f']) {
      await holds(server, { send: get(target), expect: { status: [400, 404] }, why })
    }
    // Percent-encoded it is a legal target, and the raw target is what is logged.
    const wire = await server.connect()
    await asks(wire, get('/%1B%5B2J%0A%22'), { status: 404 }, why)
    const entries = await requestEntries(server, 6, ONE_EACH)
    entryIs(server, entries.at(-1), { target: '/%1B%5B2J%0A%22', status: 404 }, 'target is raw')
    hasNoControl(server, why)
    if (allEntries(server).every((entry) => !('forged' in entry))) return
    throw server.fails({ expected: 'no line that a client wrote', received: 'one', why })
  })

  it('writes a line when it starts, and one when it has ended', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'start and end each write a log line'
    const wire = await server.connect()
    await asks(wire, get('/', 'Connection: close'), { status: 200 }, why)
    await closes(wire, why)
    wire.close()
    const before = allEntries(server).length
    await afterTheEnd(server)
    const entries = allEntries(server)
    const atStart = entries.findIndex(isAboutRequest)
    if (atStart > 0 && entries.length > Math.max(before, 2)) return
    throw server.fails({
      expected: 'a line before the first request, and one after SIGTERM',
      received: `${entries.length} lines, the first request in line ${atStart + 1}`,
      why,
    })
  })
})
