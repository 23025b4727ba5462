import { toBuffer } from '../../../harness/wire/bytes.ts'
import { describe, it } from '../../kit/test.ts'
import { holds, serves } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { onlyWorkIsSlow } from '../../kit/quickest.ts'
import { get, post } from '../../kit/request.ts'
import { settles, type Visit } from '../../kit/rounds.ts'

const KB = 1024

describe('no leak', () => {
  it('keeps nothing of what is different in every request', async ({ launch, random }) => {
    const server = await launch({
      MAX_REQUEST_LINE_BYTES: String(64 * KB),
      MAX_HEADER_BYTES: String(64 * KB),
    })
    const filler = random.word(15 * KB)
    let count = 0
    const next = () => {
      const key = `${count++}-${filler}`
      return toBuffer(
        get(`/greet?name=${count}&q=${key}`, `X-${count}: ${filler}`, `X-Filler: ${key}`),
      )
    }

    await needs(
      '1.1',
      'The load has heads that come in two reads, and these are not answered yet.',
      () =>
        holds(server, {
          send: ['GET / HTTP/1.1\r\n', 'Host: a\r\n\r\n'],
          expect: { status: 200 },
          why: 'task 1.1',
        }),
    )
    await needs(
      '1.5',
      'The load has heads of 45 KiB, and a server with raised limits does not answer them yet.',
      () =>
        holds(server, {
          send: next(),
          expect: { status: 200, closes: true },
          why: 'the limits are raised',
        }),
    )
    await needs('1.4', 'GET / pays for /work: 12,000 requests would take 20 minutes.', () =>
      onlyWorkIsSlow(server),
    )
    await settles(
      server,
      {
        says: '1,000 requests of 50 clients at a time: GET /greet, with queries and field lines that never come again',
        visits: 1000,
        atATime: 50,
        visit: () => ({ send: next(), then: 'read', status: 200 }),
      },
      'nothing of a finished request is kept',
    )
  })

  it('keeps nothing of connections that ended badly', async ({ server, random }) => {
    const content = random.bytes(128 * KB)
    const whole = post('/echo', content)
    const kinds: readonly Visit[] = [
      // Cut off in its content.
      { send: whole.subarray(0, -1), then: 'end', status: 400 },
      { send: whole.subarray(0, -1), then: 'reset' },
      { send: post('/nothing', content), then: 'read', status: 404 },
      { send: post('/echo', content, 'No colon'), then: 'read', status: 400 },
      // Cut off in its head.
      {
        send: toBuffer(get('/', `X-Filler: ${random.word(15 * KB)}`)).subarray(0, -2),
        then: 'end',
        status: 400,
      },
    ]
    for (const { send, then, status } of kinds) {
      if (status === undefined) continue
      await needs(
        '1.5',
        'The load is made of requests that are refused, and these are not refused yet.',
        () =>
          holds(server, {
            send,
            end: then === 'end',
            expect: { status, closes: true },
            why: 'task 1.5',
          }),
      )
    }
    await needs(
      '1.5',
      'The server does not survive a client that leaves half-way yet.',
      async () => {
        const wire = await server.connect()
        await wire.send(whole.subarray(0, -1))
        wire.reset()
        // By the time the second one is answered, the server has seen the reset.
        await serves(server)
        await serves(server)
      },
    )
    await needs(
      '1.4',
      'GET / pays for /work: rounds of 1,000 connections would take too long.',
      () => onlyWorkIsSlow(server),
    )
    await settles(
      server,
      {
        says: '1,000 connections of 50 clients at a time: cut off by FIN, reset half-way, refused',
        visits: 1000,
        atATime: 50,
        visit: (index) => kinds[index % kinds.length] ?? { send: whole, then: 'read' },
      },
      'a connection that has ended leaves nothing behind, however it ended',
    )
    await holds(server, {
      send: get('/'),
      expect: { status: 200 },
      why: 'the server goes on after the load',
    })
  })
})
