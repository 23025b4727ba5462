import { describe, it } from '../../kit/unlimited.ts'
import { asks, staysOpen } from '../../kit/conversation.ts'
import { isErrorContent } from '../../kit/error-content.ts'
import { holds } from '../../kit/holds.ts'
import {
  afterTheEnd,
  allEntries,
  entryIs,
  isComplete,
  requestEntries,
} from '../../kit/log-lines.ts'
import { get, head, post } from '../../kit/request.ts'

const ONE_EACH = 'one line a request'

describe('errors and logs (RFC 9110 §15)', () => {
  it('refuses with JSON: a code, the status and a sentence', async ({ server }) => {
    const why = 'every refusal has the same content: {"error":{"code","status","message"}}'
    const wire = await server.connect()
    for (const [send, status, code] of [
      [get('/nothing'), 404, 'NOT_FOUND'],
      [head('PUT /greet HTTP/1.1'), 405, 'METHOD_NOT_ALLOWED'],
      ['GET / HTTP/1.1\r\n\r\n', 400, 'INVALID_HOST'],
    ] as const) {
      isErrorContent(wire, await asks(wire, send, { status }, why), code)
    }
  })

  it('tells nothing of what a handler threw', async ({ server }) => {
    const why = 'a fault of ours is 500, and what it was stays with us (RFC 9110 §15.6.1)'
    const wire = await server.connect()
    isErrorContent(wire, await asks(wire, get('/fail'), { status: 500 }, why), 'INTERNAL_ERROR')
    await staysOpen(wire, why)
  })

  it('writes one line a request, with all its fields', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const from = Date.now()
    const wire = await server.connect()
    await asks(wire, get('/greet?name=Zo%C3%AB'), { status: 200 }, ONE_EACH)
    await asks(wire, post('/echo', 'abcde'), { status: 200 }, ONE_EACH)
    await asks(wire, get('/nothing?x=1'), { status: 404 }, ONE_EACH)
    const entries = await requestEntries(server, 3, ONE_EACH)
    for (const entry of entries) isComplete(server, entry, from, ONE_EACH)
    const [greet, echo, nothing] = entries
    const target = '/greet?name=Zo%C3%AB'
    entryIs(
      server,
      greet,
      { method: 'GET', target, status: 200, bytes: 12 },
      'target is raw, with its query',
    )
    entryIs(server, echo, { method: 'POST', target: '/echo', status: 200, bytes: 5 }, ONE_EACH)
    entryIs(server, nothing, { method: 'GET', target: '/nothing?x=1', status: 404 }, ONE_EACH)
  })

  it('writes a line for a refusal before there was a request', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'what is not known is null'
    await holds(server, { send: 'NONSENSE\r\n\r\n', expect: { status: 400 }, why })
    const [entry] = await requestEntries(server, 1, ONE_EACH)
    entryIs(server, entry, { method: [null, 'NONSENSE'], target: [null, ''], status: 400 }, why)
  })

  it('writes a line for an answer that the client did not wait for', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'an answer that nobody took is a request all the same'
    const wire = await server.connect()
    wire.stall()
    await wire.send(get('/bytes/1073741824'))
    await asks(await server.connect(), get('/'), { status: 200 }, why)
    wire.reset()
    const entries = await requestEntries(server, 2, why)
    const aborted = entries.find(({ target }) => target === '/bytes/1073741824')
    entryIs(server, aborted, { method: 'GET', status: [200, null] }, why)
  })

  it('writes no control character, whatever it is sent', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why = 'a client writes your log: what it sends must not reach a terminal'
    await holds(server, {
      send: 'GET /\x1b[31m\x7f\x9bred HTTP/1.1\r\nHost: a\r\n\r\n',
      expect: { status: [400, 404] },
      why,
    })
    await requestEntries(server, 1, ONE_EACH)
    const control = /[^\P{Cc}\n]/u.exec(server.stderr.text)?.[0]
    if (control === undefined) return
    const code = control.charCodeAt(0).toString(16).padStart(4, '0')
    throw server.fails({ expected: 'no character of category Cc', received: `U+${code}`, why })
  })

  it('writes JSON alone on stderr, also at the start and at the end', async ({ launch }) => {
    const server = await launch({ LOG: 'on' })
    const why =
      'stderr holds one JSON object a line, and nothing else; stdout the line that says where it listens'
    await holds(server, { send: get('/', 'Connection: close'), expect: { status: 200 }, why })
    await afterTheEnd(server)
    const entries = allEntries(server)
    if (!server.stderr.text.endsWith('\n') || entries.length < 3) {
      throw server.fails({
        expected: 'a line at the start, one for the request, and one at the end',
        received: `${entries.length} lines`,
        why,
      })
    }
    const line = `listening on http://${server.address.host}:${server.address.port}\n`
    if (server.stdout.text === line) return
    throw server.fails({
      expected: `${JSON.stringify(line)} on stdout, and nothing else`,
      received: JSON.stringify(server.stdout.text.slice(0, 300)),
      why,
    })
  })

  it('writes nothing when the log is off', async ({ server }) => {
    const why = 'LOG is off here'
    for (const target of ['/', '/nothing', '/fail']) {
      await holds(server, { send: get(target, 'Connection: close'), expect: { closes: true }, why })
    }
    await afterTheEnd(server)
    const entries = allEntries(server)
    if (entries.length === 0) return
    throw server.fails({ expected: 'no line on stderr', received: `${entries.length} lines`, why })
  })
})
