import { describe, it } from '../../kit/test.ts'
import { asks, getsAnswers } from '../../kit/conversation.ts'
import { answers, holds } from '../../kit/holds.ts'
import { play } from '../../kit/limiter.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { needsHealth } from '../../kit/needs-health.ts'
import { get, head } from '../../kit/request.ts'
import { field } from '../../../harness/wire/response.ts'

const MINUTE = 60_000

describe('rate limiter (RFC 6585 §4)', () => {
  it('allows so many requests in a window, and no more', async ({ build }) => {
    const played = await play(build, { limit: 5, windowMs: MINUTE }, [
      { at: 1000, times: 8 },
      { at: 30_000, times: 3 },
      { at: 1000 + 2 * MINUTE, times: 8 },
    ])
    played.allows(0, 5, 5, 'five requests are allowed, the others are refused')
    played.allows(1, 0, 0, 'the window of a minute is not over')
    played.allows(2, 5, 5, 'after two windows nothing of the first requests is left')
  })

  it('slides: there is no border at which a client gets twice as much', async ({ build }) => {
    const played = await play(build, { limit: 100, windowMs: MINUTE }, [
      { at: 0 },
      { at: 0.95 * MINUTE, times: 99 },
      { at: 1.05 * MINUTE, times: 100 },
    ])
    played.allows(1, 99, 99, 'a hundred requests are allowed in the first minute')
    played.allows(
      2,
      1,
      11,
      'six seconds later most of the hundred are still in the window of a minute that ends now',
    )
  })

  it('does not count what it refuses', async ({ build }) => {
    const played = await play(build, { limit: 10, windowMs: MINUTE }, [
      { at: 0, times: 10 },
      { at: 0.6 * MINUTE, times: 500 },
      { at: 1.5 * MINUTE, times: 1 },
    ])
    played.allows(1, 0, 0, 'the window is full')
    played.allows(2, 1, 1, 'who asks too often is slowed down, not locked out')
  })

  it('counts each address by itself', async ({ build }) => {
    const played = await play(build, { limit: 2, windowMs: MINUTE }, [
      { at: 0, address: '192.0.2.1', times: 3 },
      { at: 0, address: '192.0.2.2', times: 3 },
      { at: 0, address: '2001:db8::1', times: 3 },
    ])
    for (const step of [0, 1, 2]) played.allows(step, 2, 2, 'the limit is for each remote address')
  })

  it('takes an IPv4-mapped address for the IPv4 address, and a /64 for one client', async ({
    build,
  }) => {
    const played = await play(build, { limit: 2, windowMs: MINUTE }, [
      { at: 0, address: '192.0.2.1', times: 2 },
      { at: 0, address: '::ffff:192.0.2.1' },
      { at: 0, address: '2001:db8:0:7::1', times: 2 },
      { at: 0, address: '2001:db8:0:7:a:b:c:d' },
      { at: 0, address: '2001:db8:0:8::1' },
    ])
    played.allows(1, 0, 0, '::ffff:192.0.2.1 is 192.0.2.1 (RFC 4291 §2.5.5.2)')
    played.allows(3, 0, 0, 'who has one address of a /64 has all of them')
    played.allows(4, 1, 1, 'another /64 is another client')
  })

  it('forgets the address that was not seen for longest', async ({ build }) => {
    const played = await play(build, { limit: 1, windowMs: MINUTE, maxAddresses: 3 }, [
      { at: 0, address: '192.0.2.1' },
      { at: 0, address: '192.0.2.2' },
      { at: 0, address: '192.0.2.3' },
      { at: 1, address: '192.0.2.1' },
      { at: 2, address: '192.0.2.4' },
      { at: 3, address: '192.0.2.1' },
      { at: 4, address: '192.0.2.2' },
    ])
    played.allows(5, 0, 0, 'this address was seen a moment ago: it is remembered')
    played.allows(6, 1, 1, 'three addresses are remembered; this was the longest unused of four')
  })

  it('tells when one more will pass', async ({ build }) => {
    const options = { limit: 3, windowMs: MINUTE }
    const first = await play(build, options, [{ at: 0 }, { at: 20_000, times: 5 }])
    const { retryAfterSeconds } = first.last(1)
    if (!Number.isInteger(retryAfterSeconds) || retryAfterSeconds < 1 || retryAfterSeconds > 120) {
      throw first.fails(
        'a whole number of seconds, 1 to 120',
        String(retryAfterSeconds),
        'Retry-After is a number of seconds (RFC 9110 §10.2.3)',
      )
    }
    const second = await play(build, options, [
      { at: 0 },
      { at: 20_000, times: 5 },
      { at: 20_000 + retryAfterSeconds * 1000 },
    ])
    second.allows(2, 1, 1, `it said that one more will pass after ${retryAfterSeconds} s`)
  })

  it('answers 429 to one request too many, and says how things stand', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '3', RATE_WINDOW_MS: LONG_WINDOW })
    for (const remaining of ['2', '1', '0']) {
      await holds(server, {
        send: get('/'),
        expect: {
          status: 200,
          fields: {
            'RateLimit-Limit': '3',
            'RateLimit-Remaining': remaining,
            'RateLimit-Reset': '*',
          },
        },
        why: 'every limited answer tells the limit, what is left of it, and when it begins anew',
      })
    }
    const refused = await holds(server, {
      send: get('/'),
      expect: {
        status: 429,
        fields: {
          'RateLimit-Limit': '3',
          'RateLimit-Remaining': '0',
          'RateLimit-Reset': '*',
          'Retry-After': '*',
          'Content-Type': 'application/json',
        },
      },
      why: 'the fourth request in a window is one too many (RFC 6585 §4)',
    })
    const mostSeconds = (2 * Number(LONG_WINDOW)) / 1000
    for (const name of ['Retry-After', 'RateLimit-Reset']) {
      const value = field(refused, name) ?? ''
      if (/^\d+$/.test(value) && Number(value) <= mostSeconds) continue
      throw server.fails({
        expected: `${name} in whole seconds, at most ${mostSeconds}`,
        received: `${name}: ${value}`,
        why: 'the fields are seconds (RFC 9110 §10.2.3)',
      })
    }
  })

  it('exempts /health, and nothing else', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    const why = 'whoever watches the server must always get an answer; exactly /health is exempt'
    await needsHealth(server)
    for (let time = 0; time < 3; time++) {
      await holds(server, { send: get('/health'), expect: { status: 200 }, why })
    }
    await holds(server, { send: get('/'), expect: { status: 200 }, why })
    await holds(server, { send: get('/healthy'), expect: { status: 429 }, why })
    await holds(server, { send: get('/health'), expect: { status: 200 }, why })
  })

  it('believes the connection, not X-Forwarded-For', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    const why = 'anybody can write X-Forwarded-For; the address is that of the connection'
    await holds(server, {
      send: get('/', 'X-Forwarded-For: 192.0.2.1'),
      expect: { status: 200 },
      why,
    })
    await holds(server, {
      send: get('/', 'X-Forwarded-For: 192.0.2.2'),
      expect: { status: 429 },
      why,
    })
  })

  it('leaves the connection open after 429', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    await needsHealth(server)
    const wire = await server.connect()
    const why = '429 is an answer like any other: the connection persists'
    await asks(wire, get('/'), { status: 200 }, why)
    await asks(wire, get('/'), { status: 429 }, why)
    await asks(wire, get('/health'), { status: 200 }, why)
    await wire.send(get('/') + get('/health', 'Connection: close'))
    await getsAnswers(
      wire,
      [
        { send: get('/'), expect: { status: 429 } },
        { send: get('/health'), expect: { status: 200 } },
      ],
      why,
    )
  })

  it('refuses before it reads the content', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    await holds(server, { send: get('/'), expect: { status: 200 }, why: 'one request is allowed' })
    const wire = await server.connect()
    await wire.send(head('POST /echo HTTP/1.1', 'Content-Length: 100000'))
    const why =
      'who is refused need not send the content first: the limit is checked, and 429 answered, when the header section has come'
    answers(wire, await wire.response({ why }), { status: 429 }, why)
  })
})
