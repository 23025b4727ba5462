import { describe, it } from '../../kit/unlimited.ts'
import { asks, asksAtOnce, getsAnswers, saysClose, staysOpen } from '../../kit/conversation.ts'
import { toBuffer } from '../../../harness/wire/bytes.ts'
import { closes } from '../../kit/holds.ts'
import { runSideBySide } from '../../kit/pipelining.ts'
import { get, head, post } from '../../kit/request.ts'
import { framedAs, hasDigest, lines } from '../../kit/stream.ts'
import { plays } from '../../kit/turns.ts'

describe('pipelining and content of unknown length (RFC 9112 §9.3.2, §7.1)', () => {
  it('answers in the order of the requests, also when a later one is ready first', async ({
    server,
  }) => {
    const why = 'answers have no names: only their order says what they answer (RFC 9112 §9.3.2)'
    const wire = await server.connect()
    await asksAtOnce(
      wire,
      [
        { send: get('/work'), expect: { status: 200, content: 'done' } },
        { send: get('/greet?name=Ada'), expect: { status: 200, content: 'Hello, Ada!' } },
        { send: get('/work'), expect: { status: 200, content: 'done' } },
        { send: get('/nothing'), expect: { status: 404 } },
        { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
      ],
      why,
    )
  })

  it('runs requests that only ask side by side', async ({ server }) => {
    await runSideBySide(server)
  })

  it('has no more requests of a connection in flight than it may', async ({ launch }) => {
    const server = await launch({ MAX_PIPELINE: '2', POOL_SIZE: '1', MAX_QUEUE: '1' })
    const why =
      'MAX_PIPELINE is 2 here: one request of /fib is computed and one waits, so that none finds the queue full'
    const wire = await server.connect()
    const one = { send: get('/fib/10'), expect: { status: 200, content: '{"n":10,"value":55}' } }
    await asksAtOnce(wire, Array(12).fill(one), why)
  })

  it('lets a method that is not safe wait until all before it are answered', async ({ server }) => {
    const why =
      'a method that is not safe runs when all before it is answered (RFC 9112 §9.3.2): only then its content is asked for'
    const wire = await server.connect()
    const before = await asksAtOnce(
      wire,
      [
        { send: get('/work'), expect: { status: 200, content: 'done' } },
        {
          send: get('/') + head('POST /echo HTTP/1.1', 'Content-Length: 3', 'Expect: 100-continue'),
          expect: { status: 200, content: 'Hello, World!' },
        },
      ],
      why,
    )
    if (before.some(({ interim }) => interim.length > 0)) {
      throw wire.fails({ expected: '100 after the two answers', received: '100 before', why })
    }
    await asksAtOnce(
      wire,
      [
        { send: 'abc', expect: { status: 200, content: 'abc' } },
        { send: get('/greet?name=Ada'), expect: { status: 200, content: 'Hello, Ada!' } },
      ],
      why,
    )
  })

  it('starts nothing beside a method that is not safe', async ({ build }) => {
    await plays(build, {
      most: 4,
      steps: [
        ['add a', 'start a', 'room'],
        ['add B', 'full'],
        ['answer a', 'send a', 'start B', 'full'],
        ['answer B', 'send B', 'room'],
        ['add c', 'start c', 'room'],
      ],
      why: 'what B changes must not depend on who is quicker: it waits for a, and nothing is taken in after it',
    })
  })

  it('sends the answers that are due before it refuses a bad request', async ({ server }) => {
    const why = 'the requests before the bad one were good: they are answered first, in order'
    const wire = await server.connect()
    const [, , last] = await asksAtOnce(
      wire,
      [
        { send: get('/work'), expect: { status: 200, content: 'done' } },
        { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
        { send: `GET\r\n\r\n${get('/greet?name=beyond')}`, expect: { status: 400 } },
      ],
      why,
    )
    if (last !== undefined) saysClose(wire, last, true, why)
    await closes(wire, why)
  })

  it('gives a client that has ended its direction all answers that are due', async ({ server }) => {
    const why =
      'FIN ends what the client sends, and says nothing about what it still reads (RFC 9112 §9.6)'
    const wire = await server.connect()
    const exchanges = [
      { send: get('/work'), expect: { status: 200, content: 'done' } },
      { send: get('/'), expect: { status: 200, content: 'Hello, World!' } },
      { send: post('/echo', 'abc'), expect: { status: 200, content: 'abc' } },
    ]
    await wire.send(Buffer.concat(exchanges.map(({ send }) => toBuffer(send))))
    wire.end()
    await getsAnswers(wire, exchanges, why)
    await closes(wire, why)
  })

  it('sends content of unknown length chunked, and goes on', async ({ server }) => {
    const why =
      'chunks tell where the content ends, so that the connection persists (RFC 9112 §7.1)'
    const wire = await server.connect()
    const response = await asks(
      wire,
      get('/stream/5'),
      {
        status: 200,
        fields: { 'Content-Length': null, 'Content-Type': 'text/plain; charset=utf-8' },
        content: lines(5),
      },
      why,
    )
    framedAs(wire, response, 'chunked', why)
    hasDigest(
      wire,
      response,
      false,
      'a trailer section is for those who ask for it (RFC 9110 §6.5.1)',
    )
    await staysOpen(wire, why)
  })

  it('sends content of unknown length to HTTP/1.0 until it closes', async ({ server }) => {
    const why = 'HTTP/1.0 knows no chunks: only the close tells the end (RFC 9112 §6.1, §6.3)'
    const wire = await server.connect()
    const response = await asks(
      wire,
      'GET /stream/3 HTTP/1.0\r\n\r\n',
      { status: 200, fields: { 'Transfer-Encoding': null }, content: lines(3) },
      why,
    )
    framedAs(wire, response, 'close', why)
  })

  it('sends no content of unknown length to HEAD', async ({ server }) => {
    const why = 'HEAD is answered without content, and so without chunks (RFC 9110 §9.3.2)'
    const wire = await server.connect()
    await asks(wire, head('HEAD /stream/5 HTTP/1.1'), { status: 200 }, why)
    await staysOpen(wire, why)
  })

  it('adds a digest of the content to the trailer section when the client asks for trailers', async ({
    server,
  }) => {
    const why = 'TE: trailers says that a trailer section is welcome (RFC 9110 §10.1.4)'
    const wire = await server.connect()
    const response = await asks(
      wire,
      get('/stream/100', 'TE: trailers', 'Connection: TE'),
      { status: 200, fields: { Trailer: '*' }, content: lines(100) },
      why,
    )
    hasDigest(wire, response, true, why)
    await staysOpen(wire, why)
  })
})
