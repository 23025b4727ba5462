import { setTimeout as delay } from 'node:timers/promises'
import { describe, it } from '../../kit/test.ts'
import { asks, asksAtOnce, saysClose } from '../../kit/conversation.ts'
import { closes, holds } from '../../kit/holds.ts'
import { takeCostsTheSame } from '../../kit/limiter-cost.ts'
import { takesLeaveMemoryFlat } from '../../kit/limiter-memory.ts'
import { play, playAll, type LimiterModule, type RateVerdict } from '../../kit/limiter.ts'
import { LONG_WINDOW } from '../../kit/long-window.ts'
import { needsHealth } from '../../kit/needs-health.ts'
import { get, head, post } from '../../kit/request.ts'
import { Expectation } from '../../../harness/expectation.ts'
import { probe, type Json } from '../../../harness/probe.ts'
import { field } from '../../../harness/wire/response.ts'

const MINUTE = 60_000
const MANY_ADDRESSES =
  'at most 100,000 addresses are kept, the longest unused leaves: an attacker has more addresses than you have memory'

describe('rate limiter: the window', () => {
  it('has no border, wherever in time a client begins', async ({ build, random }) => {
    const limit = random.integer(50, 200)
    const start = random.integer(0, 1_000_000_000)
    const phases = Array.from({ length: 20 }, (_, index) => index)
    const steps = phases.flatMap((phase) => {
      const address = `198.51.100.${phase}`
      const at = start + phase * 10 * MINUTE + (phase / 20) * MINUTE
      return [
        { at, address },
        { at: at + 0.94 * MINUTE, address, times: limit },
        { at: at + 1.04 * MINUTE, address, times: limit },
        { at: at + 4 * MINUTE, address, times: limit + 5 },
      ]
    })
    const played = await play(build, { limit, windowMs: MINUTE }, steps)
    for (const phase of phases) {
      played.allows(
        phase * 4 + 1,
        limit - 1,
        // Of two counters, the older weighs less and less: some round its rest down.
        limit,
        'the first request is in the window still',
      )
      played.allows(
        phase * 4 + 2,
        // Two counters may let nobody pass here: of the first request, part is in the window still.
        0,
        Math.ceil(limit * 0.11) + 1,
        'a tenth of a window later nearly all requests of the burst are in the window still',
      )
      played.allows(phase * 4 + 3, limit, limit, 'after a window without requests nothing counts')
    }
  })

  it('lets as many pass as have left the window', async ({ build }) => {
    const played = await play(build, { limit: 60, windowMs: MINUTE }, [
      ...Array.from({ length: 60 }, (_, second) => ({ at: second * 1000 })),
      { at: 90_000, times: 60 },
    ])
    for (let second = 0; second < 60; second++) played.allows(second, 1, 1, 'sixty in a minute')
    played.allows(
      60,
      28,
      32,
      'they came evenly, and half a window later half of them has left it: both algorithms say so',
    )
  })

  it('says truly how many more are allowed, and when one more will be', async ({
    build,
    random,
  }) => {
    const options = { limit: random.integer(3, 9), windowMs: 10_000 }
    const steps: { at: number; times: number }[] = []
    for (let at = 0; steps.length < 60; at += random.integer(100, 4000)) {
      steps.push({ at, times: random.integer(1, 6) })
    }
    const why = 'what the fields tell is true: a client can plan with it'
    const played = await play(build, options, steps)
    for (const [index] of steps.entries()) {
      const verdicts = played.of(index)
      for (const [place, verdict] of verdicts.entries()) {
        const passed = verdicts.slice(place + 1).filter(({ allowed }) => allowed).length
        const wanted = Math.min(verdict.remaining, verdicts.length - place - 1)
        const isSound =
          verdict.limit === options.limit &&
          Number.isInteger(verdict.remaining) &&
          Number.isInteger(verdict.resetSeconds) &&
          verdict.resetSeconds >= 1 &&
          verdict.resetSeconds <= 10 &&
          (verdict.remaining === 0 || (verdict.allowed && verdict.retryAfterSeconds === 0))
        if (isSound && passed === wanted) continue
        throw played.fails(
          `limit ${options.limit}, resetSeconds 1 to 10, as many allowed as \`remaining\` says, and no wait while some remain`,
          `${JSON.stringify(verdict)}, and then ${passed} allowed of ${verdicts.length - place - 1}`,
          why,
          index,
        )
      }
    }
    // Each promise is tried on a limiter of its own, up to the refusal that made it.
    const refusals = [...steps.keys()].filter((index) => !played.last(index).allowed)
    const tries = refusals.map((index) => {
      const at = (steps[index]?.at ?? 0) + played.last(index).retryAfterSeconds * 1000
      return [...steps.slice(0, index + 1), { at, times: 1 }]
    })
    for (const [place, again] of (await playAll(build, options, tries)).entries()) {
      const index = refusals[place] ?? 0
      const { retryAfterSeconds } = played.last(index)
      if (retryAfterSeconds < 1 || retryAfterSeconds > 21 || !Number.isInteger(retryAfterSeconds)) {
        throw again.fails('1 to 21 whole seconds', `${retryAfterSeconds}`, why)
      }
      again.allows(index + 1, 1, 1, `it said that one more will pass after ${retryAfterSeconds} s`)
    }
  })

  it('takes a step of the clock backwards for no time at all', async ({ build }) => {
    const played = await play(build, { limit: 4, windowMs: MINUTE }, [
      { at: 10_000_000, times: 6 },
      { at: 1000, times: 4 },
      { at: 1000 + 2 * MINUTE + 1, times: 6 },
      { at: 500, times: 1 },
      { at: 700 + 3 * MINUTE, times: 6 },
    ])
    played.allows(0, 4, 4, 'four are allowed')
    played.allows(1, 0, 0, 'no time has gone by')
    played.allows(2, 4, 4, 'two windows have gone by since the step: nobody is locked out')
    played.allows(3, 0, 0, 'no time has gone by')
    played.allows(4, 4, 4, 'three windows have gone by since the step')
  })

  it('works with a limit of one, and with a short window', async ({ build }) => {
    const played = await play(build, { limit: 1, windowMs: 250 }, [
      { at: 0, times: 3 },
      { at: 249, times: 3 },
      { at: 501, times: 3 },
      { at: 1100, times: 2 },
    ])
    for (const [step, allowed] of [
      [0, 1],
      [1, 0],
      [2, 1],
      [3, 1],
    ] as const) {
      played.allows(step, allowed, allowed, 'one in a quarter of a second')
    }
  })
})

describe('rate limiter: addresses', () => {
  it('takes every spelling of an address for the same client', async ({ build }) => {
    const clients = [
      ['203.0.113.9', '::ffff:203.0.113.9', '::ffff:cb00:7109'],
      ['198.51.100.9', '0:0:0:0:0:ffff:c633:6409', '0::ffff:198.51.100.9', '0:0::ffff:c633:6409'],
      ['2001:db8::1', '2001:db8:0:0::2', '2001:db8::ffff:ffff:ffff:ffff', '2001:db8:0:0:1:2:3:4'],
      ['2001:db8:0:1::', '2001:db8:0:1::abcd', '2001:DB8:0:1:1::'],
      ['2001:db8:1::1', '2001:db8:1:0:8000::'],
      ['::1', '::2', '::abcd:1'],
      ['fe80::1', 'fe80::2'],
    ]
    const steps = clients.flatMap((spellings) => spellings.map((address) => ({ at: 0, address })))
    const played = await play(build, { limit: 1, windowMs: MINUTE }, steps)
    let step = 0
    for (const spellings of clients) {
      for (const [index] of spellings.entries()) {
        const wanted = index === 0 ? 1 : 0
        played.allows(
          step++,
          wanted,
          wanted,
          'IPv4-mapped is IPv4; IPv6 counts by its first 64 bits (RFC 4291 §2.2, §2.5.5.2)',
        )
      }
    }
  })

  it('keeps at most 100,000 addresses, those that were seen last', async ({ build }) => {
    const { size, largest, regular, recent, early } = await probe(
      build,
      'level3/rate-limiter.ts',
      (module: LimiterModule, { addresses, kept }) => {
        const limiter = new module.RateLimiter({ limit: 2, windowMs: 60_000, now: () => 0 })
        const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
        let largest = 0
        for (let n = 0; n < addresses; n++) {
          limiter.take(address(n))
          if (n % 20_000 === 0) limiter.take('192.0.2.1')
          largest = Math.max(largest, limiter.size)
        }
        return {
          size: limiter.size,
          largest,
          regular: limiter.take('192.0.2.1').allowed,
          // Seen within the last 100,000: its one request is remembered.
          recent: limiter.take(address(addresses - kept)).remaining,
          // Forgotten long ago.
          early: limiter.take(address(1)).remaining,
        }
      },
      { addresses: 140_000, kept: 90_000 },
      { patienceMs: 40_000 },
    )
    if (largest > 100_000 || size < 99_000)
      throw limiterFails('99,000 to 100,000 addresses', `${size}, at most ${largest}`)
    if (regular)
      throw limiterFails('an address that comes again and again is remembered', 'it was forgotten')
    if (recent !== 0)
      throw limiterFails('a recent address is remembered: nothing remains', `${recent} remain`)
    if (early !== 1)
      throw limiterFails(
        'an early address is forgotten: one remains after its first',
        `${early} remain`,
      )
  })

  it('leaves memory flat, however many addresses come', async ({ build }) => {
    await takesLeaveMemoryFlat(
      build,
      {
        limit: 2,
        windowMs: MINUTE,
        maxAddresses: 10_000,
        addresses: 500_000,
        count: 500_000,
        everyMs: 0,
      },
      'take() a request of each of 500,000 addresses',
      MANY_ADDRESSES,
    )
  })

  it('leaves memory flat, however long one address keeps coming', async ({ build }) => {
    await takesLeaveMemoryFlat(
      build,
      {
        limit: 100,
        windowMs: MINUTE,
        maxAddresses: 100,
        addresses: 1,
        count: 1_000_000,
        everyMs: 1000,
      },
      'take() 1,000,000 requests of one address, one each second of the clock: all of them are allowed',
      'a request that has left the window is forgotten: a client that stays within its limit may stay for ever',
    )
  })

  it('costs the same, however many addresses are known', async ({ build }) => {
    const side = { limit: 10, strangers: true }
    await takeCostsTheSame(
      build,
      { small: { ...side, maxAddresses: 1000 }, large: { ...side, maxAddresses: 100_000 } },
      'take requests of ever new addresses, with maxAddresses at 1,000 and at 100,000',
      'the oldest address is found without a look at the others: it runs for every request',
    )
  })

  it('costs the same, however high the limit', async ({ build }) => {
    const side = { maxAddresses: 100, strangers: false }
    await takeCostsTheSame(
      build,
      { small: { ...side, limit: 10 }, large: { ...side, limit: 200_000 } },
      'take requests of one address that has always used up its limit, with a limit of 10 and of 200,000',
      'a request costs the same whatever the limit: nothing looks through all that came before it',
    )
  })
})

describe('rate limiter: answers', () => {
  it('names the fields of a verdict', async ({ build }) => {
    const verdict = {
      limit: 7,
      remaining: 3,
      resetSeconds: 12,
      retryAfterSeconds: 0,
      allowed: true,
    }
    const refusal = {
      limit: 7,
      remaining: 0,
      resetSeconds: 12,
      retryAfterSeconds: 9,
      allowed: false,
    }
    const [allowed, refused] = await probe(
      build,
      'level3/rate-limiter.ts',
      (module: LimiterModule, input: { verdicts: readonly RateVerdict[] } & Record<string, Json>) =>
        input.verdicts.map((one) => module.rateLimitFields(one)) as unknown as Json[],
      { verdicts: [verdict, refusal] },
    )
    const wanted = { 'ratelimit-limit': '7', 'ratelimit-remaining': '3', 'ratelimit-reset': '12' }
    hasFields(allowed, wanted)
    hasFields(refused, { ...wanted, 'ratelimit-remaining': '0', 'retry-after': '9' })
  })

  it('writes large numbers as digits and nothing else', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '12001', RATE_WINDOW_MS: LONG_WINDOW })
    for (const left of ['12000', '11999']) {
      await holds(server, {
        send: get('/'),
        expect: {
          status: 200,
          fields: { 'RateLimit-Limit': '12001', 'RateLimit-Remaining': left },
        },
        why: 'RATE_LIMIT is 12001 here; a number in a field is its digits',
      })
    }
  })

  it('counts nothing behind a close option', async ({ launch }) => {
    const why =
      'behind a close option no request is processed: who sent it will send it again elsewhere (RFC 9112 §9.6)'
    const server = await launch({ RATE_LIMIT: '50', RATE_WINDOW_MS: LONG_WINDOW })
    const wire = await server.connect()
    const last = get('/work', 'Connection: close')
    await asksAtOnce(
      wire,
      [
        { send: get('/'), expect: { status: 200 } },
        { send: last + get('/').repeat(5), expect: { status: 200, content: 'done' } },
      ],
      why,
    )
    await closes(wire, why)
    await holds(server, {
      send: get('/'),
      expect: { status: 200, fields: { 'RateLimit-Remaining': '47' } },
      why,
    })
  })

  it('counts nothing behind a refusal that closes, were that still to wait for its turn', async ({
    launch,
  }) => {
    const why =
      'after a refusal that closes nothing is looked at, and nothing counted (RFC 9112 §9.6)'
    const server = await launch({ RATE_LIMIT: '50', RATE_WINDOW_MS: LONG_WINDOW })
    for (const [refused, status, left] of [
      [get('/fib/99'), 400, '47'],
      [get('/%zz'), 400, '44'],
      [head('BREW / HTTP/1.1'), 501, '41'],
    ] as const) {
      const wire = await server.connect()
      await asksAtOnce(
        wire,
        [
          { send: get('/work'), expect: { status: 200, content: 'done' } },
          { send: refused + get('/').repeat(5), expect: { status } },
        ],
        why,
      )
      await closes(wire, why)
      await holds(server, {
        send: get('/'),
        expect: { status: 200, fields: { 'RateLimit-Remaining': left } },
        why,
      })
    }
  })

  it('counts every request that was parsed, whatever it comes to', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '6', RATE_WINDOW_MS: LONG_WINDOW })
    const why = 'every parsed request counts, but /health'
    await needsHealth(server)
    for (const [send, status, remaining] of [
      [get('/nothing'), 404, '5'],
      [head('DELETE / HTTP/1.1'), 405, '4'],
      [head('BREW / HTTP/1.1'), 501, '3'],
      [post('/echo', 'abc'), 200, '2'],
      [head('HEAD / HTTP/1.1'), 200, '1'],
      [head('OPTIONS * HTTP/1.1'), 204, '0'],
    ] as const) {
      await holds(server, {
        send,
        expect: { status, fields: { 'RateLimit-Remaining': remaining } },
        why,
      })
    }
    for (const send of [
      get('/'),
      get('/nothing'),
      get('/healthz'),
      get('/health/'),
      get('/HEALTH'),
      get('/x/../health'),
      head('BREW / HTTP/1.1'),
      head('DELETE / HTTP/1.1'),
      head('GET / HTTP/1.0'),
      get('/', 'Forwarded: for=192.0.2.9', 'X-Real-IP: 192.0.2.9', 'X-Forwarded-For: 192.0.2.9'),
    ]) {
      await holds(server, {
        send,
        expect: { status: 429, fields: { 'RateLimit-Remaining': '0', 'Retry-After': '*' } },
        why: 'the rate is looked at before method, path and content; no field of the request changes it',
      })
    }
    for (const [send, status] of [
      [get('/health'), 200],
      [get('/health?verbose=1'), 200],
      [head('HEAD /health HTTP/1.1'), 200],
      [head('DELETE /health HTTP/1.1'), 405],
    ] as const) {
      const why = 'exactly the path /health is exempt, whatever the method and the query'
      await holds(server, { send, expect: { status }, why })
    }
    await holds(server, {
      send: 'GET / HTTP/1.1\r\nHost: a\r\nno field line\r\n\r\n',
      expect: { status: 400 },
      why: 'the order of faults: what cannot be parsed is 400, not 429',
    })
  })

  it('counts all connections of an address together', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '20', RATE_WINDOW_MS: LONG_WINDOW })
    const why = 'the limit is for an address, not for a connection'
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const wire = await server.connect()
        await wire.send(get('/').repeat(6))
        const received: number[] = []
        for (let time = 0; time < 6; time++) received.push((await wire.response()).status)
        return received
      }),
    )
    const all = statuses.flat()
    const allowed = all.filter((status) => status === 200).length
    const refused = all.filter((status) => status === 429).length
    if (allowed === 20 && refused === 10) return
    throw server.fails({
      expected: '20 times 200 and 10 times 429',
      received: `${allowed} times 200 and ${refused} times 429`,
      why,
    })
  })

  it('reads and drops the content of what it refused, and goes on', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    await needsHealth(server)
    const wire = await server.connect()
    const why = 'the content of a refused request is not the next request (RFC 9112 §9.3)'
    await asks(wire, get('/'), { status: 200 }, why)
    const content = get('/health').repeat(50)
    await asksAtOnce(
      wire,
      [
        { send: post('/echo', content), expect: { status: 429 } },
        { send: get('/health'), expect: { status: 200 } },
        { send: get('/'), expect: { status: 429 } },
      ],
      why,
    )
  })

  it('closes when a client that waits for a 100 is refused', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '1', RATE_WINDOW_MS: LONG_WINDOW })
    const why =
      'nobody knows whether its content still comes, so nobody knows where the next request begins (RFC 9110 §10.1.1)'
    const wire = await server.connect()
    await asks(wire, get('/'), { status: 200 }, why)
    const send = head('POST /echo HTTP/1.1', 'Content-Length: 3', 'Expect: 100-continue')
    const refused = await asks(wire, send, { status: 429 }, why)
    saysClose(wire, refused, true, why)
    await closes(wire, why)
  })

  it('keeps its promise: after Retry-After one more passes', async ({ launch }) => {
    const server = await launch({ RATE_LIMIT: '2', RATE_WINDOW_MS: '300' })
    const wire = await server.connect()
    const why = 'Retry-After is true: after so many seconds one more passes'
    let seconds = NaN
    // On a slow machine the window can be over before it is full.
    for (let time = 0; time < 200 && Number.isNaN(seconds); time++) {
      await wire.send(get('/').repeat(4))
      for (let answer = 0; answer < 4; answer++) {
        const response = await wire.response()
        if (response.status === 429) seconds = Number(field(response, 'Retry-After') ?? '0')
      }
    }
    if (!(seconds >= 1 && seconds <= 2)) {
      throw server.fails({ expected: '429 with Retry-After: 1 or 2', received: `${seconds}`, why })
    }
    await delay(seconds * 1000)
    await asks(wire, get('/'), { status: 200 }, why)
  })

  it('limits nothing when RATE_LIMIT or RATE_WINDOW_MS is 0', async ({ launch }) => {
    for (const settings of [{ RATE_LIMIT: '0' }, { RATE_LIMIT: '1', RATE_WINDOW_MS: '0' }]) {
      const server = await launch(settings)
      for (let time = 0; time < 3; time++) {
        await holds(server, {
          send: get('/'),
          expect: { status: 200, fields: { 'RateLimit-Limit': null } },
          why: '0 switches the limit off',
        })
      }
    }
  })

  it('limits to 100 a minute by default', async ({ launch }) => {
    const server = await launch()
    const wire = await server.connect()
    const why = 'RATE_LIMIT is 100 and RATE_WINDOW_MS 60000 by default'
    await wire.send(get('/').repeat(101))
    for (let time = 0; time < 100; time++) {
      const response = await wire.response({ why })
      if (response.status === 200) continue
      throw wire.fails({
        expected: '100 times 200',
        received: `status ${response.status} to request ${time + 1}`,
        why,
      })
    }
    const { status } = await wire.response()
    if (status !== 429)
      throw wire.fails({ expected: 'status 429 to request 101', received: `status ${status}`, why })
  })
})

function limiterFails(expected: string, received: string): Expectation {
  return new Expectation({
    steps: ['new RateLimiter({ limit, windowMs: 60000 })', 'take() of very many addresses'],
    expected,
    received,
    why: MANY_ADDRESSES,
  })
}

/** A field's value may be given as a number. */
function asText(value: Json | undefined): string | undefined {
  return typeof value === 'number'
    ? value.toString()
    : typeof value === 'string'
      ? value
      : undefined
}

function hasFields(received: Json | undefined, wanted: Readonly<Record<string, string>>): void {
  const fields = Object.fromEntries(
    Object.entries((received ?? {}) as Record<string, Json>).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  )
  const isRight =
    Object.entries(wanted).every(([name, value]) => asText(fields[name]) === value) &&
    ('retry-after' in wanted || !('retry-after' in fields))
  if (isRight) return
  throw new Expectation({
    steps: ['rateLimitFields(verdict)'],
    expected: JSON.stringify(wanted),
    received: JSON.stringify(received),
    why: 'Retry-After stands on a refusal only; the other three on every limited answer',
  })
}
