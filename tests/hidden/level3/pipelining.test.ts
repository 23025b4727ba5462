import { toBuffer } from '../../../harness/wire/bytes.ts'
import { describe, it } from '../../kit/unlimited.ts'
import {
  asks,
  asksAtOnce,
  getsAnswers,
  saysClose,
  somethingComes,
  staysOpen,
  type Exchange,
} from '../../kit/conversation.ts'
import { closes, holds, serves } from '../../kit/holds.ts'
import { makesNothingForHead } from '../../kit/nothing-for-head.ts'
import { growthWhileStalled } from '../../kit/pipelining.ts'
import { answersOwn } from '../../kit/own-handlers.ts'
import type { Random } from '../../kit/random.ts'
import { get, head, post } from '../../kit/request.ts'
import { stallsFlat } from '../../kit/stalled.ts'
import { framedAs, hasDigest, lines } from '../../kit/stream.ts'
import { plays } from '../../kit/turns.ts'

const ORDER = 'answers come in the order of the requests (RFC 9112 §9.3.2)'

/** More than the pipes between us and the server hold. */
const MORE_THAN_BUFFERS = 12 * 1024 * 1024

const DONE: Exchange = { send: get('/work'), expect: { status: 200, content: 'done' } }

/** A request of any kind, and its answer. */
function anyExchange(random: Random): Exchange {
  const word = random.word()
  const content = random.bytes(random.integer(0, 900))
  const n = random.integer(0, 60)
  return random.pick<Exchange>([
    DONE,
    { send: get(`/greet?name=${word}`), expect: { status: 200, content: `Hello, ${word}!` } },
    { send: post('/echo', content), expect: { status: 200, content: content.toString('latin1') } },
    { send: post(`/${word}`, content), expect: { status: 404 } },
    { send: get(`/users/${word}`), expect: { status: 200, content: `{"id":"${word}"}` } },
    { send: head(`HEAD /greet?name=${word} HTTP/1.1`), expect: { status: 200 } },
    { send: get(`/stream/${n}`), expect: { status: 200, content: lines(n) } },
    { send: get('/fib/12'), expect: { status: 200, content: '{"n":12,"value":144}' } },
    { send: get('/fail'), expect: { status: 500 } },
    { send: head('DELETE /echo HTTP/1.1'), expect: { status: 405 } },
    {
      send: get(`/bytes/${n}`),
      expect: { status: 200, content: String.fromCharCode(...Array(n).keys()) },
    },
  ])
}

/** A server that has not read a request for so long has stopped reading. */
const READS_NO_MORE_MS = 1500

describe('pipelining and content of unknown length (RFC 9112 §9.3.2, §7.1)', () => {
  it('keeps the order among requests of every kind, in one write and in many reads', async ({
    server,
    random,
  }) => {
    await Promise.all(
      [1, 25, 60].map(async (parts) => {
        const exchanges = Array.from({ length: 40 }, () => anyExchange(random))
        const bytes = Buffer.concat(exchanges.map(({ send }) => toBuffer(send)))
        const wire = await server.connect()
        await wire.sendInReads(random.cut(bytes, parts))
        await getsAnswers(wire, exchanges, ORDER)
        await staysOpen(wire, ORDER)
      }),
    )
  })

  it('keeps the order among answers that are refused, empty, streamed or computed', async ({
    server,
  }) => {
    const wire = await server.connect()
    await asksAtOnce(
      wire,
      [
        { send: get('/fib/25'), expect: { status: 200, content: '{"n":25,"value":75025}' } },
        { send: head('OPTIONS /work HTTP/1.1'), expect: { status: 204 } },
        { send: get('/stream/3'), expect: { status: 200, content: lines(3) } },
        { send: get('/fail'), expect: { status: 500 } },
        { send: head('HEAD /stream/3 HTTP/1.1'), expect: { status: 200 } },
        { send: get('/stream/0'), expect: { status: 200, content: '' } },
        { send: head('HEAD /work HTTP/1.1'), expect: { status: 200 } },
        { send: head('TRACE / HTTP/1.1'), expect: { status: 405 } },
        { send: get('/bytes/100000'), expect: { status: 200 } },
        { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
      ],
      ORDER,
    )
  })

  it('answers pipelines of several connections, each in its own order', async ({ server }) => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, client) => {
        const wire = await server.connect()
        const exchanges = Array.from({ length: 20 }, (_, request): Exchange => {
          const name = `${client}-${request}`
          if (request % 7 === client % 7) return DONE
          return { send: get(`/greet?name=${name}`), expect: { content: `Hello, ${name}!` } }
        })
        await asksAtOnce(wire, exchanges, ORDER)
      }),
    )
  })

  it('has no more than 16 requests of a connection in flight unless it is told otherwise', async ({
    launch,
  }) => {
    const server = await launch({ POOL_SIZE: '1', MAX_QUEUE: '15' })
    const why =
      'MAX_PIPELINE is 16: one request of /fib is computed and 15 wait, so that none finds the queue full'
    const wire = await server.connect()
    const one = { send: get('/fib/10'), expect: { status: 200, content: '{"n":10,"value":55}' } }
    await asksAtOnce(wire, Array(100).fill(one), why)
  })

  it('bounds what is in flight also when the requests come one by one', async ({ launch }) => {
    const server = await launch({ MAX_PIPELINE: '3', POOL_SIZE: '1', MAX_QUEUE: '2' })
    const why = 'MAX_PIPELINE is 3 here, however the bytes come'
    const wire = await server.connect()
    const one = { send: get('/fib/20'), expect: { status: 200 } }
    for (let request = 0; request < 30; request++) await wire.send(one.send)
    await getsAnswers(wire, Array(30).fill(one), why)
  })

  it('serves one request at a time when no more may be in flight', async ({ launch }) => {
    const why = 'MAX_PIPELINE is 1 here, and 0 means 1'
    for (const most of ['1', '0']) {
      const server = await launch({ MAX_PIPELINE: most, POOL_SIZE: '1', MAX_QUEUE: '1' })
      const wire = await server.connect()
      await asksAtOnce(
        wire,
        [
          ...Array<Exchange>(5).fill({ send: get('/fib/15'), expect: { status: 200 } }),
          DONE,
          { send: post('/echo', 'abc'), expect: { status: 200, content: 'abc' } },
          { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
        ],
        why,
      )
    }
  })

  it('sends in order what is answered in any order', async ({ build }) => {
    await plays(build, {
      most: 3,
      slow: 'b',
      steps: [
        ['add a', 'start a', 'room'],
        ['add b', 'start b', 'room'],
        ['add c', 'start c', 'full'],
        ['answer c', 'full'],
        ['answer b', 'full'],
        ['answer a', 'send a', 'send b', 'room'],
        ['add d', 'start d', 'full'],
        ['answer d', 'full'],
        ['sent b', 'send c', 'send d', 'room'],
      ],
      why: 'an answer leaves when all before it have left to their last byte (RFC 9112 §9.3.2)',
    })
  })

  it('keeps a place for a request whose content is still coming', async ({ build }) => {
    await plays(build, {
      most: 5,
      steps: [
        ['add a', 'start a', 'room'],
        ['begin B', 'full'],
        ['answer a', 'send a', 'full'],
        ['receive B', 'start B', 'full'],
        ['answer B', 'send B', 'room'],
        ['begin C', 'full'],
        ['answer C', 'send C', 'room'],
      ],
      why: 'what is not there yet cannot be started; what is refused before its content comes is answered all the same',
    })
  })

  it('frees what a client asked for that has left', async ({ launch }) => {
    const server = await launch({ POOL_SIZE: '1', MAX_QUEUE: '4' })
    const why = 'a client that leaves frees all its turns'
    const gone = await server.connect()
    await gone.send(get('/fib/37').repeat(5))
    await serves(server, why)
    gone.reset()
    await serves(server, why)
    await serves(server, why)
    const wire = await server.connect()
    const one = { send: get('/fib/10'), expect: { status: 200 } }
    await asksAtOnce(wire, Array<Exchange>(4).fill(one), why)
  })

  it('stops reading from a client that asks on and on and reads nothing', async ({ launch }) => {
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '0' })
    const why =
      'what a client does not read must not pile up in the server: neither answers nor requests'
    const requests = get(`/greet?name=${'n'.repeat(1000)}`).repeat(200)
    await growthWhileStalled(server, Buffer.from(requests), 600, why)
  })

  it('stops reading from a client that sends content on and on and reads nothing', async ({
    server,
    random,
  }) => {
    const why =
      'what a client does not read must not pile up in the server: neither answers nor requests'
    const request = post('/echo', random.bytes(200_000))
    await growthWhileStalled(server, request, 600, why)
  })

  it('runs nothing beside a method that is not safe', async ({ server }) => {
    const why =
      'a method that is not safe waits for all before it, and all behind it wait for it (RFC 9112 §9.3.2)'
    const wire = await server.connect()
    wire.stall()
    const large = get(`/bytes/${MORE_THAN_BUFFERS}`)
    await wire.send(
      Buffer.concat([Buffer.from(large), post('/echo', 'abc'), Buffer.from(get('/health'))]),
    )
    // What is counted behind the POST is counted after these have come.
    for (let client = 0; client < 3; client++) {
      await asks(await server.connect(), get('/'), { status: 200 }, why)
    }
    wire.resume()
    const first = await wire.response({ why })
    if (first.content.length !== MORE_THAN_BUFFERS) {
      throw wire.fails({
        expected: `${MORE_THAN_BUFFERS} bytes of content`,
        received: `${first.content.length} bytes`,
        why,
      })
    }
    const [, health] = await getsAnswers(
      wire,
      [
        { send: post('/echo', 'abc'), expect: { status: 200, content: 'abc' } },
        { send: get('/health'), expect: { status: 200 } },
      ],
      why,
    )
    const text = health?.content.toString() ?? ''
    if (/"connections":\s*4\b/.test(text)) return
    throw wire.fails({
      expected:
        '/health counts four connections: it was asked for behind the POST, and three clients came before the POST could run',
      received: text,
      why,
    })
  })

  it('resets the connection when content of unknown length fails', async ({ build }) => {
    await answersOwn(
      build,
      ['answer with a stream that throws, and with one that is right', 'read each to its end'],
      async ({ on, get }) => {
        const stream = (fails: boolean) => ({
          length: undefined,
          async *[Symbol.asyncIterator]() {
            for (const piece of ['abc', '', 'def']) {
              yield Buffer.from(piece)
              await new Promise((resolve) => setTimeout(resolve, 10))
            }
            if (fails) throw new Error('no more')
          },
        })
        on('throws', () => ({ status: 200, content: stream(true) }))
        on('right', () => ({ status: 200, content: stream(false) }))
        const [throws, right] = await Promise.all([get('throws'), get('right')])
        const lastChunks = ({ content }: { readonly content: string }) =>
          content.match(/(?<=^|\n)0+\r\n/g)?.length ?? 0
        return {
          throws: { ending: throws.ending, lastChunks: lastChunks(throws) },
          right: { ending: right.ending, lastChunks: lastChunks(right) },
        }
      },
      {
        throws: { ending: 'reset', lastChunks: 0 },
        right: { ending: 'FIN', lastChunks: 1 },
      },
      'an incomplete answer must not look complete (RFC 9112 §8)',
      3,
    )
  })

  it('sends what there is of content while the rest is still awaited', async ({ build }) => {
    await answersOwn(
      build,
      ['answer with a stream whose second piece is made when the first has arrived'],
      async ({ on, stall, until }) => {
        const arrivesEarly = async (name: string, length: number | undefined) => {
          const { promise: arrived, resolve: arrive } = Promise.withResolvers<undefined>()
          on(name, () => ({
            status: 200,
            content: {
              length,
              async *[Symbol.asyncIterator]() {
                yield Buffer.from('first')
                await arrived
                yield Buffer.from('second')
              },
            },
          }))
          const { client } = await stall(name)
          let text = ''
          client.on('data', (bytes) => (text += bytes.toString('latin1'))).resume()
          const early = await until(() => text.includes('first'))
          arrive(undefined)
          const whole = await until(() => text.includes('second'))
          client.destroy()
          return { early, whole }
        }
        return {
          'of unknown length': await arrivesEarly('unknown', undefined),
          'of a known length': await arrivesEarly('known', 11),
        }
      },
      {
        'of unknown length': { early: true, whole: true },
        'of a known length': { early: true, whole: true },
      },
      'content may be made over minutes: a client gets what there is, and need not wait for the rest',
      3,
    )
  })

  it('makes no piece of content for HEAD', async ({ build }) => {
    await makesNothingForHead(build, 3)
  })

  it('asks for content only when the answers before are sent', async ({ server }) => {
    const why =
      'a 100 before them would be taken for part of an earlier answer (RFC 9110 §15.2, RFC 9112 §9.3.2)'
    const wire = await server.connect()
    const expectant = head('POST /echo HTTP/1.1', 'Content-Length: 3', 'Expect: 100-continue')
    const before = await asksAtOnce(
      wire,
      [
        DONE,
        { send: get('/stream/2'), expect: { content: lines(2) } },
        { send: get('/') + expectant, expect: {} },
      ],
      why,
    )
    if (before.some(({ interim }) => interim.length > 0)) {
      throw wire.fails({ expected: '100 after the three answers', received: '100 before', why })
    }
    await somethingComes(wire)
    await wire.sendInReads(['a', 'b', 'c'])
    const answer = { send: 'abc', expect: { status: 200, content: 'abc' } }
    const [last] = await getsAnswers(wire, [answer], why)
    if (last?.interim.join() !== '100') {
      throw wire.fails({
        expected: 'one 100 before the answer, in however many reads its content comes',
        received: last?.interim.join(', ') || 'none',
        why,
      })
    }
  })

  it('loses patience with content that it asked for late', async ({ launch }) => {
    const server = await launch({ BODY_TIMEOUT_MS: '1000' })
    const why = 'BODY_TIMEOUT_MS is 1000 here, and holds for each request of a connection'
    const wire = await server.connect()
    const expectant = head('POST /echo HTTP/1.1', 'Content-Length: 3', 'Expect: 100-continue')
    await asksAtOnce(wire, [DONE, { send: expectant, expect: { status: 408 } }], why)
    await closes(wire, why)
  })

  it('answers in order what comes before a close option, and nothing behind it', async ({
    server,
  }) => {
    const why = 'after a close option no request is processed (RFC 9112 §9.6)'
    const wire = await server.connect()
    const responses = await asksAtOnce(
      wire,
      [
        DONE,
        { send: get('/greet?name=Ada'), expect: { content: 'Hello, Ada!' } },
        {
          send: get('/work', 'Connection: close') + get('/') + 'GARBAGE\r\n\r\n',
          expect: { content: 'done' },
        },
      ],
      why,
    )
    for (const [index, response] of responses.entries()) saysClose(wire, response, index === 2, why)
    await closes(wire, why)
  })

  it('keeps nothing of what comes behind a close option', async ({ build }) => {
    await answersOwn(
      build,
      [
        'ask for two answers that never come, the second with Connection: close',
        'then send 24 MiB, or as many as the server reads',
      ],
      async ({ on, stall, until }) => {
        let begun = 0
        on('never', () => {
          begun++
          return new Promise(() => {})
        })
        const { client } = await stall('never')
        client.write('GET /never HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
        await until(() => begun === 2)
        // What is garbage already is not kept; but its memory is freed on another thread, in its own time.
        process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
        const collect = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void
        const kept = () => {
          collect()
          return process.memoryUsage().arrayBuffers
        }
        const before = kept()
        const piece = Buffer.alloc(65_536, 'x')
        for (let sent = 0; sent < 384; sent++) {
          if (client.write(piece)) continue
          const { promise, resolve } = Promise.withResolvers<boolean>()
          client.once('drain', () => resolve(true))
          const stopsReading = setTimeout(() => resolve(false), 2000)
          if (!(await promise)) break
          clearTimeout(stopsReading)
        }
        const isLittle = await until(() => kept() - before < 12 * 2 ** 20)
        client.destroy()
        return isLittle ? 'less than 12 MiB more memory' : 'more than 12 MiB more memory'
      },
      'less than 12 MiB more memory',
      'nothing behind a close option is looked at (RFC 9112 §9.6): what a client sends there must not pile up while its answers are made',
      3,
    )
  })

  it('sends the answers that are due before each kind of refusal', async ({ server }) => {
    const why = 'the requests before the bad one were good: they are answered first, in order'
    for (const [send, status] of [
      ['GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n', 400],
      [head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked') + '2\r\nabc', 400],
      [head('BREW / HTTP/1.1'), 501],
      [head('POST /echo HTTP/1.1', 'Content-Length: 9999999'), 413],
      ['GET / HTTP/3.0\r\n\r\n', 505],
      [get('/fib/99'), 400],
    ] as const) {
      const wire = await server.connect()
      const responses = await asksAtOnce(
        wire,
        [
          DONE,
          { send: get('/stream/2'), expect: { status: 200, content: lines(2) } },
          { send: send + get('/greet?name=beyond'), expect: { status } },
        ],
        why,
      )
      for (const [index, response] of responses.entries())
        saysClose(wire, response, index === 2, why)
      await closes(wire, why)
    }
  })

  it('gives a client that has ended its direction a long pipeline, and 400 to its cut off end', async ({
    server,
  }) => {
    const why =
      'FIN ends what the client sends; what was asked is answered, what was cut off is refused (RFC 9112 §8)'
    const wire = await server.connect()
    const exchanges: Exchange[] = [
      ...Array<Exchange>(20).fill(DONE),
      { send: get('/bytes/200000'), expect: { status: 200 } },
      { send: get('/stream/3'), expect: { status: 200, content: lines(3) } },
      { send: 'GET / HTTP/1.1\r\nHos', expect: { status: 400 } },
    ]
    await wire.send(Buffer.concat(exchanges.map(({ send }) => toBuffer(send))))
    wire.end()
    await getsAnswers(wire, exchanges, why)
    await closes(wire, why)
  })

  it('ends the connection once a client that has ended its direction has its answers', async ({
    server,
  }) => {
    const why = 'nothing can come any more: FIN, as soon as the last answer is out (RFC 9112 §9.6)'
    for (const target of ['/work', '/fib/20', '/stream/10', '/bytes/70000']) {
      await holds(server, {
        send: get(target),
        end: true,
        expect: { status: 200, closes: true },
        why,
      })
    }
  })

  it('goes on serving when clients reset full pipelines', async ({ server }) => {
    const why = 'a connection that breaks is the loss of one client'
    const pipeline = Buffer.concat([
      Buffer.from(get('/work').repeat(5)),
      post('/echo', 'abc'),
      Buffer.from(get('/stream/100000') + get('/fib/20') + get('/bytes/1000000')),
    ])
    for (let client = 0; client < 5; client++) {
      const wire = await server.connect()
      if (client % 2 === 0) wire.stall()
      await wire.send(pipeline)
      if (client === 3) await wire.received(1)
      wire.reset()
    }
    // By the time the work is done, whatever can break has broken.
    await asks(await server.connect(), get('/work'), DONE.expect, why)
    await serves(server, why)
  })

  it('sends any number of lines chunked, none among them, whatever the connection does then', async ({
    server,
    random,
  }) => {
    const why =
      'content of unknown length is chunked for HTTP/1.1, also on a connection that closes (RFC 9112 §7.1)'
    const wire = await server.connect()
    for (const count of [0, 1, random.integer(2, 500), 30_000]) {
      const send = get(`/stream/${count}`, ...(count === 30_000 ? ['Connection: close'] : []))
      const expect = { status: 200, fields: { 'Content-Length': null }, content: lines(count) }
      framedAs(wire, await asks(wire, send, expect, why), 'chunked', why)
    }
    await closes(wire, why)
  })

  it('makes lines no faster than the client reads them', async ({ server }) => {
    const why = 'content that is made while it is sent waits for the client'
    await holds(server, {
      send: head('HEAD /stream/1000000 HTTP/1.1'),
      expect: { status: 200 },
      why,
    })
    await stallsFlat(server, 12, '/stream/1000000', 96 * 1024 * 1024)
  })

  it('goes on with a client that reads on, however little had waited for it', async ({
    launch,
  }) => {
    const why =
      'who stops reading requests while an answer waits must begin again when it has gone, be it too short for a drain event'
    const server = await launch({ MAX_REQUESTS_PER_CONNECTION: '100000' })
    const wire = await server.connect()
    // Whoever can go on once must be able to go on again.
    for (let round = 0; round < 2; round++) {
      wire.stall()
      const bytes = 30_000
      // One answer a write: what is left when the buffers are full lies below the socket's high-water mark.
      let asked = 1
      while (await wire.sendIsRead(get(`/bytes/${bytes}`), READS_NO_MORE_MS)) {
        if (asked * bytes > MORE_THAN_BUFFERS) break
        asked++
      }
      wire.resume()
      for (let answer = 1; answer <= asked; answer++) {
        const { status, content } = await wire.response({ why })
        if (status === 200 && content.length === bytes) continue
        throw wire.fails({
          expected: `answer ${answer} of ${asked}: status 200, ${bytes} bytes`,
          received: `status ${status}, ${content.length} bytes`,
          why,
        })
      }
    }
    await asks(wire, get('/'), { status: 200 }, why)
  })

  it('ends content of unknown length by closing for HTTP/1.0 that asked for keep-alive, and says so', async ({
    server,
  }) => {
    const why = 'only the close tells an HTTP/1.0 client where such content ends (RFC 9112 §6.3)'
    const wire = await server.connect()
    const kept = 'Connection: keep-alive\r\n\r\n'
    const response = await asks(
      wire,
      `GET /stream/40 HTTP/1.0\r\nTE: trailers\r\n${kept}GET / HTTP/1.0\r\n${kept}`,
      { status: 200, fields: { 'Transfer-Encoding': null }, content: lines(40) },
      why,
    )
    framedAs(wire, response, 'close', why)
    saysClose(wire, response, true, why)
  })

  it('answers HEAD of unknown length without a Content-Length, and goes on', async ({ server }) => {
    const why =
      'HEAD has the fields of GET, and no content: not even the last chunk (RFC 9110 §9.3.2)'
    const wire = await server.connect()
    await asksAtOnce(
      wire,
      [
        {
          send: head('HEAD /stream/9 HTTP/1.1', 'TE: trailers'),
          expect: { status: 200, fields: { 'Content-Length': null } },
        },
        { send: head('HEAD /stream/0 HTTP/1.1'), expect: { status: 200 } },
        { send: get('/greet?name=Ada'), expect: { status: 200, content: 'Hello, Ada!' } },
      ],
      why,
    )
  })

  it('finds trailers in TE wherever it stands, and nothing else for it', async ({
    server,
    random,
  }) => {
    const why = 'TE is a list that ignores letter case (RFC 9110 §10.1.4)'
    const wire = await server.connect()
    const count = random.integer(1, 300)
    for (const [wanted, fieldLines] of [
      [true, ['te: deflate;q=0.5 ,\tTRAILERS']],
      [true, ['TE: gzip', 'TE: trailers']],
      [false, ['TE: trailersx, x-trailers']],
      [false, ['TE: gzip']],
      [false, ['Trailer: Content-Digest']],
      [false, ['TE:']],
      [false, []],
    ] as const) {
      const expect = { status: 200, content: lines(count) }
      const response = await asks(wire, get(`/stream/${count}`, ...fieldLines), expect, why)
      hasDigest(wire, response, wanted, why)
    }
  })

  it('digests each content by itself, empty content among them', async ({ server, random }) => {
    const why = 'the digest is that of the content of this answer (RFC 9530 §2)'
    const wire = await server.connect()
    for (const count of [0, random.integer(1, 100), random.integer(1000, 9000)]) {
      const expect = { status: 200, content: lines(count) }
      const response = await asks(wire, get(`/stream/${count}`, 'TE: trailers'), expect, why)
      hasDigest(wire, response, true, why)
    }
    const known = await asks(wire, get('/bytes/10', 'TE: trailers'), { status: 200 }, why)
    framedAs(wire, known, 'Content-Length', 'content of known length is not chunked')
  })

  it('refuses a number of lines that is none', async ({ server }) => {
    for (const target of [
      '/stream/-1',
      '/stream/1e3',
      '/stream/1000001',
      '/stream/x',
      '/stream/1.5',
    ]) {
      await holds(server, {
        send: get(target),
        expect: { status: 400, closes: true },
        why: 'n of /stream/:n is decimal digits, from 0 to 1,000,000',
      })
    }
  })
})
