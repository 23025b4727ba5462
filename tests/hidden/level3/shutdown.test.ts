import { tries } from '../../kit/attempts.ts'
import { describe, it } from '../../kit/unlimited.ts'
import { asks, getsAnswers, saysClose, type Exchange } from '../../kit/conversation.ts'
import { Download } from '../../kit/download.ts'
import { answers, closes, serves } from '../../kit/holds.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { needs } from '../../kit/needs.ts'
import { occupy } from '../../kit/places.ts'
import { get, head, post } from '../../kit/request.ts'
import { drains, exits } from '../../kit/shutdown.ts'
import { StaticRoot } from '../../kit/static-root.ts'
import { crowd } from '../../kit/visitor.ts'
import type { Server } from '../../../harness/server.ts'
import type { Wire } from '../../../harness/wire/wire.ts'

const MEGABYTE = 1024 * 1024
const LARGE = 40 * MEGABYTE
const FINISHED = 'everything was finished'
const HALF = 'GET / HTTP/1.1\r\nHost: localhost\r\n'

/** Has the server drain, and checks that all that was sent is answered, the last of it with close. */
async function closesWithTheLast(
  server: Server,
  wire: Wire,
  exchanges: readonly Exchange[],
  why: string,
): Promise<void> {
  await drains(server)
  const responses = await getsAnswers(wire, exchanges, why)
  for (const [index, response] of responses.entries()) {
    saysClose(wire, response, index === exchanges.length - 1, why)
  }
  await closes(wire, why)
  wire.end()
  await exits(server, 0, FINISHED)
}

describe('graceful shutdown: what has begun is finished', () => {
  it('answers all of a pipeline, and says close with the last answer', async ({ launch }) => {
    // What is not safe waits for its turn, so that all of it takes 100 ms for each pair.
    const pair = [
      { send: get('/work'), expect: { status: 200, content: 'done' } },
      { send: post('/echo', 'abc'), expect: { status: 200, content: 'abc' } },
    ]
    const last = { send: get('/greet?name=last'), expect: { status: 200, content: 'Hello, last!' } }
    const why = 'what was received is answered, all pipelined ones, the last with close'
    // On a busy machine, all may be answered before the signal has come.
    await tries([2, 4, 7, 7, 7], async (pairs) => {
      const exchanges = [...Array.from({ length: pairs }, () => pair).flat(), last]
      const server = await launch()
      const wire = await server.connect()
      await wire.send(Buffer.concat(exchanges.map(({ send }) => Buffer.from(send))))
      // The first answer says that the server has them; the others are still to come.
      await wire.received(1)
      await closesWithTheLast(server, wire, exchanges, why)
    })
  })

  it('says close with the last of a pipeline whose requests run side by side', async ({
    launch,
  }) => {
    const why = 'an answer that says close is the last one: whatever was received behind it is lost'
    // On a busy machine, all may be answered before the signal has come.
    await tries([34, 37, 39, 40], async (n) => {
      const exchanges = [
        { send: get(`/fib/${n}`), expect: { status: 200 } },
        { send: get('/work'), expect: { status: 200, content: 'done' } },
        { send: get('/greet?name=last'), expect: { status: 200, content: 'Hello, last!' } },
      ]
      const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
      const wire = await server.connect()
      await wire.send(exchanges.map(({ send }) => send).join(''))
      await serves(server)
      await closesWithTheLast(server, wire, exchanges, why)
    })
  })

  it('finishes what is half received, byte by byte', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
    const first = await server.connect()
    await first.send('G')
    const content = await server.connect()
    await content.send(`${head('POST /echo HTTP/1.1', 'Content-Length: 6')}abc`)
    const chunked = await server.connect()
    await chunked.send(`${head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked')}3\r\nab`)
    await serves(server)
    await drains(server)
    const why = 'a request runs from its first byte: what is half received is finished'
    for (const [wire, rest, expected] of [
      [first, get('/').slice(1), 'Hello, World!'],
      [content, 'def', 'abcdef'],
      [chunked, 'c\r\n0\r\n\r\n', 'abc'],
    ] as const) {
      await wire.sendInReads([rest.slice(0, 1), rest.slice(1)])
      const response = await wire.response({ why })
      answers(wire, response, { status: 200, content: expected }, why)
      saysClose(wire, response, true, why)
      await closes(wire, why)
      wire.end()
    }
    await exits(server, 0, FINISHED)
  })

  it('says close where it refuses what is half received', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
    const why = 'the last answer of a shutdown says close (RFC 9112 §9.6)'
    const wire = await server.connect()
    await wire.send('POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n')
    await serves(server)
    await drains(server)
    await wire.sendInReads(['\r\n', 'abcde'])
    const response = await wire.response({ why })
    answers(wire, response, { status: 404 }, why)
    saysClose(wire, response, true, why)
    await closes(wire, why)
    wire.end()
    await exits(server, 0, FINISHED)
  })

  it('sends the rest of long answers to slow readers', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('large.bin', LARGE)
    const server = await folder.serve(launch, { SHUTDOWN_TIMEOUT_MS: '0' })
    const file = await Download.begin(server, '/static/large.bin')
    const bytes = await Download.begin(server, `/bytes/${LARGE}`)
    await drains(server)
    for (const download of [file, bytes]) {
      const rest = await download.rest(undefined)
      if (rest.ending !== 'complete' || rest.bytes !== LARGE) {
        throw server.fails({
          expected: `all ${LARGE} bytes of the answer that was under way`,
          received: `${rest.bytes} bytes, then ${rest.ending}`,
          why: 'an answer that has begun is finished',
        })
      }
      download.close()
    }
    await exits(server, 0, FINISHED)
  })

  it('lets a crowd finish its work', async ({ server }) => {
    const visitors = await crowd(server, 100)
    for (const visitor of visitors) visitor.send(get('/work'))
    // All of them have been read when the last one is answered.
    const last = await server.connect()
    await asks(last, get('/work'), { status: 200 }, 'the route table')
    for (const visitor of visitors) visitor.send(get('/work'))
    await asks(last, get('/'), { status: 200 }, 'the route table')
    last.close()
    server.signal('SIGTERM')
    await Promise.all(visitors.map(({ ended }) => ended))
    for (const visitor of visitors) visitor.close()
    const served = visitors.filter(({ statuses }) => statuses.join() === '200,200').length
    if (served !== 100) {
      throw server.fails({
        expected: '100 clients with both of their answers',
        received: `${served} with both, the others without the one that was due when the signal came`,
        why: 'what was received is answered',
      })
    }
    await exits(server, 0, FINISHED)
  })

  it('lets computation finish that somebody waits for', async ({ launch }) => {
    const why = 'what was received is answered, whoever computes it'
    // Where we are slow or the server is quick, it may have computed before the signal comes: then more of it shows more.
    for (const [n, value] of [
      [27, 196_418],
      [32, 2_178_309],
      [36, 14_930_352],
    ]) {
      const server = await launch()
      const wire = await server.connect()
      await wire.send(get(`/fib/${n}`))
      await serves(server)
      const wasEarly = wire.bytesReceived > 0
      server.signal('SIGTERM')
      const content = `{"n":${n},"value":${value}}`
      answers(wire, await wire.response({ why }), { status: 200, content }, why)
      wire.end()
      await exits(server, 0, FINISHED)
      if (!wasEarly) return
    }
  })

  it('tells who asks for its health that it drains', async ({ server }) => {
    const wire = await server.connect()
    await wire.send('GET /health HTTP/1.1\r\nHost: localhost\r\n')
    await serves(server)
    await drains(server)
    await wire.send('\r\n')
    const why = '/health on a connection that is still busy answers 503 draining'
    const response = await wire.response({ why })
    answers(wire, response, { status: 503 }, why)
    if (!response.content.includes('"draining"')) {
      throw wire.fails({
        expected: '"status":"draining"',
        received: response.content.toString().slice(0, 200),
        why,
      })
    }
    saysClose(wire, response, true, why)
    await closes(wire, why)
    wire.end()
    await exits(server, 0, FINISHED)
  })

  it('keeps its patience with what is half received, and no more', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0', HEADER_TIMEOUT_MS: '1500' })
    const wire = await server.connect()
    await wire.send(HALF)
    await serves(server)
    await drains(server)
    const why = 'the timeouts of a request hold while the server drains'
    const response = await wire.response({ why })
    answers(wire, response, { status: 408 }, why)
    saysClose(wire, response, true, why)
    wire.end()
    await exits(server, 0, FINISHED)
  })
})

describe('graceful shutdown: what has not begun is over', () => {
  it('sends FIN to a crowd that says nothing', async ({ launch }) => {
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '0', SHUTDOWN_TIMEOUT_MS: '0' })
    const visitors = await crowd(server, 100)
    for (const visitor of visitors.slice(50)) visitor.send(get('/'))
    await Promise.all(visitors.slice(50).map(({ fate }) => fate))
    server.signal('SIGTERM')
    const areEnded = await Promise.all(visitors.map(({ ended }) => ended))
    if (areEnded.includes(false)) {
      throw server.fails({
        expected: 'FIN for each connection that is idle, or never said anything',
        received: `${areEnded.filter((isEnded) => !isEnded).length} of 100 are still open`,
        why: 'idle connections get FIN at once: nobody waits for a client that may never ask',
      })
    }
    await exits(server, 0, 'clients that keep their side open delay the end by at most a second')
    const fates = await Promise.all(visitors.slice(0, 50).map(({ fate }) => fate))
    for (const visitor of visitors) visitor.close()
    if (fates.every((fate) => fate === 'FIN')) return
    throw server.fails({
      expected: 'FIN, and no byte, for each connection that never sent one',
      received: [...new Set(fates)].join(', '),
      why: 'who has asked nothing gets no answer',
    })
  })

  it('sends FIN to idle connections at once, and not when it looks at them next', async ({
    launch,
  }) => {
    const why = 'idle connections, and those that never sent a byte, get FIN at once'
    const timesMs: number[] = []
    // The quickest of three: a busy machine makes some slower, and none quicker.
    for (let time = 0; time < 3; time++) {
      const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '0', SHUTDOWN_TIMEOUT_MS: '0' })
      const silent = await server.connect()
      const idle = await server.connect()
      await asks(idle, get('/'), { status: 200 }, 'the route table')
      server.signal('SIGTERM')
      const startMs = performance.now()
      await closes(idle, why)
      await closes(silent, why)
      timesMs.push(performance.now() - startMs)
      if (Math.min(...timesMs) < 1_000) return
      if (time === 2) {
        throw server.fails({
          expected: 'FIN as soon as the signal has come',
          received: `FIN after ${(Math.min(...timesMs) / 1000).toFixed(1)} s, the quickest of 3`,
          why,
        })
      }
    }
  })

  it('waits at most a second for clients to end their side', async ({ launch }) => {
    const times: number[] = []
    // The quickest of three: a busy machine makes some slower, and none quicker.
    for (let time = 0; time < 3; time++) {
      const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
      const idle = await server.connect()
      await asks(idle, get('/'), { status: 200 }, 'the route table')
      const asked = await server.connect()
      await asks(asked, get('/', 'Connection: close'), { status: 200 }, 'the route table')
      server.signal('SIGTERM')
      await idle.ending()
      const start = performance.now()
      await exits(server, 0, FINISHED)
      times.push(performance.now() - start)
      if (Math.min(...times) < 1_800) return
      if (time === 2) {
        throw server.fails({
          expected: 'the end, at most 1 s after FIN has been sent',
          received: `the end after ${Math.round(Math.min(...times))} ms, the quickest of 3`,
          why: 'a connection that only waits for the client to end its side delays the exit by at most 1 s',
        })
      }
    }
  })

  it('is not held up by computation that nobody waits for', async ({ launch }) => {
    // On a busy machine, everything that leads to the end may take its time.
    await tries([1, 2, 3], async () => {
      const server = await launch({ POOL_SIZE: '1' })
      const start = performance.now()
      const wire = await server.connect()
      await needs('2.6', '/fib/35 is not computed yet', () =>
        asks(wire, get('/fib/35'), { status: 200 }, 'task 2.6'),
      )
      const onceMs = performance.now() - start
      wire.close()
      // Begun or waiting, nobody will take what comes of it.
      const visitors = await crowd(server, 12)
      for (const visitor of visitors) visitor.send(get('/fib/40'))
      await serves(server)
      for (const visitor of visitors) visitor.reset()
      await serves(server)
      const asked = performance.now()
      server.signal('SIGTERM')
      await exits(server, 0, 'nobody waits for what is computed: everything was finished')
      const tookMs = performance.now() - asked
      // /fib/40 takes eleven times as long as /fib/35.
      if (tookMs < Math.max(6 * onceMs, 700)) return
      throw server.fails({
        expected: 'the end, long before one of the computations could be over',
        received: `the end after ${Math.round(tookMs)} ms; /fib/35 takes ${Math.round(onceMs)} ms`,
        why: 'computation that nobody waits for never holds the exit',
      })
    })
  })

  it('is not held up by addresses whose window is full', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    const wire = await server.connect()
    await wire.send(get('/').repeat(3))
    for (const status of [200, 429, 429]) {
      answers(wire, await wire.response(), { status }, 'RATE_LIMIT is 1')
    }
    wire.end()
    server.signal('SIGTERM')
    await exits(server, 0, 'a timer is no work')
  })

  it('is not held up by clients that were refused a place', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1', SHUTDOWN_TIMEOUT_MS: '0' })
    const visitors = [...(await occupy(server, 1)), ...(await crowd(server, 4))]
    await Promise.all(visitors.slice(1).map(({ ended }) => ended))
    server.signal('SIGTERM')
    await exits(server, 0, FINISHED)
    for (const visitor of visitors) visitor.close()
  })
})

describe('graceful shutdown: by force', () => {
  it('cuts only what is left, and says how many requests', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '600', LOG: 'on' })
    const left = await crowd(server, 11)
    for (const [index, visitor] of left.entries()) {
      const content = `${head('POST /echo HTTP/1.1', 'Content-Length: 5')}abc`
      visitor.send(index % 2 === 0 ? HALF : content)
    }
    const idle = await crowd(server, 4)
    const wire = await server.connect()
    await wire.send(get('/work'))
    await serves(server)
    server.signal('SIGTERM')
    for (const visitor of idle) void visitor.ended.then(() => visitor.close())
    answers(
      wire,
      await wire.response(),
      { status: 200, content: 'done' },
      'it was finished in time',
    )
    wire.end()
    await exits(server, 1, 'eleven requests were cut by force')
    hasErrorLine(server, 11)
  })

  it('cuts an answer that nobody reads', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '400', LOG: 'on' })
    const downloads = [
      await Download.begin(server, `/bytes/${LARGE}`),
      await Download.begin(server, `/bytes/${LARGE}`),
      await Download.begin(server, `/bytes/${LARGE}`),
    ]
    server.signal('SIGTERM')
    await exits(server, 1, 'three answers were cut by force')
    hasErrorLine(server, 3)
    for (const download of downloads) download.close()
  })

  it('cuts an answer that was made at once, and that nobody takes', async ({ launch }) => {
    const server = await launch({
      SHUTDOWN_TIMEOUT_MS: '400',
      LOG: 'on',
      MAX_CONTENT_BYTES: String(LARGE),
    })
    for (const lines of [[], ['Connection: close']]) {
      const wire = await server.connect()
      await wire.send(head('POST /echo HTTP/1.1', `Content-Length: ${LARGE}`, ...lines))
      await wire.send(Buffer.alloc(LARGE, 'x'))
      await wire.received(1)
      wire.stall()
      wire.discard()
    }
    server.signal('SIGTERM')
    await exits(server, 1, 'two answers were cut by force')
    hasErrorLine(server, 2)
  })

  it('ends with exit code 0 well before the time is over', async ({ launch }) => {
    const server = await launch({ SHUTDOWN_TIMEOUT_MS: '600000', LOG: 'on' })
    await serves(server)
    server.signal('SIGINT')
    await exits(server, 0, FINISHED)
    const lines = logLines(server)
    if (lines.length >= 2 && !lines.some(({ level }) => level === 'error')) return
    throw server.fails({
      expected: 'log lines at the start and at the end, none of level error',
      received: server.stderr.text.slice(-400),
      why: 'start and end each write a log line',
    })
  })

  for (const [first, second] of [
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGTERM'],
  ] as const) {
    it(`ends at once when ${second} follows ${first}`, async ({ launch }) => {
      const server = await launch({ SHUTDOWN_TIMEOUT_MS: '0' })
      const wire = await server.connect()
      await wire.send(HALF)
      await serves(server)
      await drains(server, first)
      server.signal(second)
      await exits(server, 1, 'a second signal ends at once')
    })
  }
})

interface Line {
  readonly level?: unknown
}

function logLines(server: Server): (Line & Readonly<Record<string, unknown>>)[] {
  return server.stderr.text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return []
    try {
      return [JSON.parse(line) as Line & Record<string, unknown>]
    } catch {
      return []
    }
  })
}

function hasErrorLine(server: Server, requests: number): void {
  const number = new RegExp(`(?<![-0-9])${requests}(?![0-9])`)
  const says = logLines(server).some(
    ({ level, time: _, ...rest }) => level !== 'info' && number.test(JSON.stringify(rest)),
  )
  if (says) return
  throw server.fails({
    expected: `a log line of level warn or error that says that ${requests} requests were cut`,
    received: server.stderr.text.slice(-600),
    why: 'after SHUTDOWN_TIMEOUT_MS what is left is cut, and a log line says how many requests',
  })
}
