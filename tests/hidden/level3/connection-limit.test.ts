import { truncate } from 'node:fs/promises'
import { describe, it } from '../../kit/unlimited.ts'
import { promptly, SILENCE_MS } from '../../kit/attempts.ts'
import { givesUpTheSilent } from '../../kit/closing.ts'
import { asks } from '../../kit/conversation.ts'
import { Download } from '../../kit/download.ts'
import { endings, endInEveryWay } from '../../kit/endings.ts'
import { answers, closes, serves } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { leaveDescriptors } from '../../kit/open-file-limit.ts'
import { exactlyFit, findsPlace, occupy } from '../../kit/places.ts'
import { get, head } from '../../kit/request.ts'
import { refusesWhoSendsOn } from '../../kit/sends-on.ts'
import { givesUpWhoTakesNothing, letsGo } from '../../kit/stalled.ts'
import { StaticRoot } from '../../kit/static-root.ts'
import { crowd, Visitor } from '../../kit/visitor.ts'
import { Blocked, Expectation } from '../../../harness/expectation.ts'
import { patience } from '../../../harness/patience.ts'
import { probe } from '../../../harness/probe.ts'
import type { Server } from '../../../harness/server.ts'
import { PATIENCE_MS } from '../../../harness/wire/wire.ts'

const MEGABYTE = 1024 * 1024

const BACK = 'every way in which a connection can end gives its place back, once'

describe('connection limit: places', () => {
  it('belong to connections, and not to a counter', async ({ build }) => {
    const seen = await probe(
      build,
      'level3/connection-limit.ts',
      async (
        module: {
          ConnectionLimit: new (most: number) => {
            open: number
            hasPlace: boolean
            admit(connection: object): boolean
            release(connection: object): void
            emptied(): Promise<void>
          } & Iterable<object>
        },
        most: number,
      ) => {
        const limit = new module.ConnectionLimit(most)
        const guests = Array.from({ length: most + 1 }, (_, index) => ({ index }))
        const said: unknown[] = []
        const look = () => said.push([limit.open, limit.hasPlace])
        await limit.emptied()
        look()
        said.push(guests.map((guest) => limit.admit(guest)))
        look()
        // The one that was refused, and one that gives its place back twice.
        for (const index of [most, 0, 0]) {
          const guest = guests[index]
          if (guest !== undefined) limit.release(guest)
        }
        look()
        said.push([...limit].map((guest) => (guest as { index: number }).index).sort())
        let isEmpty = false
        const emptied = limit.emptied().then(() => (isEmpty = true))
        await new Promise((resolve) => setImmediate(resolve))
        said.push(isEmpty)
        for (const guest of guests) limit.release(guest)
        await emptied
        look()
        const unlimited = new module.ConnectionLimit(0)
        said.push(
          guests.every((guest) => unlimited.admit(guest)),
          unlimited.hasPlace,
        )
        return said as never
      },
      3,
    )
    const expected = [
      [0, true],
      [true, true, true, false],
      [3, false],
      [2, true],
      [1, 2],
      false,
      [0, true],
      true,
      true,
    ]
    if (JSON.stringify(seen) === JSON.stringify(expected)) return
    throw new Expectation({
      steps: [
        'new ConnectionLimit(3): look at open and hasPlace',
        'admit() four connections, and look',
        'release() the one that was refused, then the first one, twice; look, and list those that are left',
        'ask whether it is empty; release() all, and look',
        'new ConnectionLimit(0): admit() four connections',
      ],
      expected: JSON.stringify(expected),
      received: JSON.stringify(seen),
      why: 'a place belongs to the connection that has it: giving it back twice gives back one',
    })
  })

  it('are given to no more than fit, when many come at the same moment', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '20' })
    const { signal: over } = patience(PATIENCE_MS)
    for (;;) {
      const isLast = over.aborted
      const startMs = performance.now()
      const visitors = Array.from({ length: 60 }, () =>
        new Visitor(server).send('GET / HTTP/1.1\r\nHost: a\r\n'),
      )
      await Promise.all(visitors.map(({ connected }) => connected))
      for (const visitor of visitors) visitor.send('\r\n')
      const fates = await Promise.all(visitors.map(({ fate }) => fate))
      for (const visitor of visitors) visitor.close()
      const served = fates.filter((fate) => fate === 200).length
      const refused = fates.filter((fate) => fate === 503).length
      if (served === 20 && refused === 40) return
      // Those of the time before may still be there.
      if (served < 20 && served + refused === 60 && !isLast) continue
      // Who is refused and cannot read for so long may be given up.
      if (served <= 20 && performance.now() - startMs >= SILENCE_MS && !isLast) continue
      throw server.fails({
        expected: '20 served and 40 times 503, of 60 clients at once',
        received: `${served} served and ${refused} times 503`,
        why: 'to ask for a place and to take it is one step',
      })
    }
  })

  it('come back after hundreds of every way to end', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '50' })
    await endInEveryWay(server, 50, 2)
    await exactlyFit(server, 50, BACK)
  })

  it('come back after each way to end', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '6' })
    for (const { title, play } of endings) {
      const visitors = await crowd(server, 6)
      server.transcript.note(0, `each of them ends with: ${title}`)
      await Promise.all(visitors.map(async (visitor) => play(visitor)))
      for (const visitor of visitors) visitor.close()
      await exactlyFit(server, 6, `${BACK}; here with: ${title}`)
    }
  })

  it('come back after every timeout', async ({ launch }) => {
    const server = await launch({
      MAX_CONNECTIONS: '9',
      KEEP_ALIVE_TIMEOUT_MS: '700',
      HEADER_TIMEOUT_MS: '700',
      BODY_TIMEOUT_MS: '700',
    })
    const visitors = await crowd(server, 9)
    for (const [index, visitor] of visitors.entries()) {
      if (index % 3 === 1) visitor.send('GET / HTTP/1.1\r\nHost: a\r\n')
      if (index % 3 === 2) visitor.send(`${head('POST /echo HTTP/1.1', 'Content-Length: 9')}abc`)
    }
    await Promise.all(visitors.map(({ ended }) => ended))
    for (const visitor of visitors) visitor.close()
    await exactlyFit(server, 9, `${BACK}; here with 408, and with silence`)
  })

  it('come back after the endings that the server itself chooses, while the clients stay', async ({
    launch,
  }) => {
    const server = await launch({
      MAX_CONNECTIONS: '3',
      MAX_REQUESTS_PER_CONNECTION: '3',
      WRITE_TIMEOUT_MS: '1000',
    })
    for (const [title, last] of [
      ['2 s of silence after the last request that a connection may have', get('/').repeat(2)],
      ['2 s of silence after 400', 'GET\r\n\r\n'],
    ] as const) {
      const why = `${BACK}; here with: ${title}`
      const wire = await findsPlace(server, why)
      const ends = [{ port: wire.port }]
      await wire.send(last)
      await wire.ending()
      await letsGo(server, ends)
      await exactlyFit(server, 3, why)
    }
    const why = `${BACK}; here with: WRITE_TIMEOUT_MS of a client that takes nothing of its answer`
    const wire = await findsPlace(server, why)
    await givesUpWhoTakesNothing(server, 1000, wire)
    await exactlyFit(server, 3, why)
  })

  it('come back after an answer that the server breaks off', async ({ launch }) => {
    const why = `${BACK}; here with: a file that becomes shorter while it is sent`
    const folder = await StaticRoot.with()
    await folder.writeSparse('shrinks.bin', 40 * MEGABYTE)
    const server = await folder.serve(launch, { MAX_CONNECTIONS: '3' })
    const wire = await findsPlace(server, why)
    await needs('3.5', 'files are not served yet', async () => {
      await asks(wire, head('HEAD /static/shrinks.bin HTTP/1.1'), { status: 200 }, why)
    })
    wire.close()
    const download = await Download.begin(server, '/static/shrinks.bin')
    await truncate(folder.at('shrinks.bin'), MEGABYTE)
    const { ending } = await download.rest(0)
    if (ending === 'complete' || ending === 'silence')
      throw new Blocked('3.5', 'the answer is not broken off')
    await exactlyFit(server, 3, why)
    download.close()
  })

  it('are not given back by those that never had one', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '3' })
    const visitors = await occupy(server, 3)
    for (let round = 0; round < 4; round++) {
      const refused = await crowd(server, 10)
      const fates = await Promise.all(refused.map(({ fate }) => fate))
      for (const [index, visitor] of refused.entries()) {
        if (index % 2 === 0) visitor.reset()
        else visitor.close()
      }
      if (fates.every((fate) => fate === 503)) continue
      throw server.fails({
        expected: '503 for each of ten more clients',
        received: fates.join(', '),
        why: 'a refused connection had no place that it could give back',
      })
    }
    for (const visitor of visitors) visitor.close()
    await exactlyFit(server, 3, BACK)
  })

  it('are kept by connections that are being closed', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1' })
    const [holder] = await occupy(server, 1)
    const before = performance.now()
    holder?.send('GET\r\n\r\n')
    await holder?.ended
    const refused = new Visitor(server).send(get('/'))
    const fate = await refused.fate
    // After 2 s of silence the server may have given up the first one.
    if (fate !== 503 && performance.now() - before < 1_500) {
      throw server.fails({
        expected: '503: the connection that is being closed is still open',
        received: String(fate),
        why: 'a connection counts until it is gone',
      })
    }
    refused.close()
    holder?.close()
    await exactlyFit(server, 1, BACK)
  })
})

describe('connection limit: refusals', () => {
  it('say what is the matter, whatever is asked', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1' })
    await occupy(server, 1)
    for (const send of [
      '',
      get('/health'),
      'GET\r\n\r\n',
      'BREW / HTTP/9.9\r\n\r\n',
      get('/').repeat(20),
    ]) {
      const why = 'the refusal is sent at accept; /health has no place of its own'
      await promptly(async () => {
        const wire = await server.connect()
        if (send !== '') await wire.send(send)
        const response = await wire.response({ why })
        answers(
          wire,
          response,
          { status: 503, fields: { Connection: ['close'], Date: '*', 'Retry-After': '*' } },
          why,
        )
        hasCode(server, response.content.toString())
        await closes(wire, why)
      })
    }
  })

  it('reach a client that sends megabytes before it reads', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1' })
    await occupy(server, 1)
    const why = 'close in two steps: FIN, then read what still comes (RFC 9112 §9.6)'
    const beginning = head('POST /echo HTTP/1.1', `Content-Length: ${8 * 1024 * 1024}`)
    for (let client = 0; client < 3; client++)
      await refusesWhoSendsOn(server, beginning, 8, why, 503)
  })

  it('end also for clients that neither speak nor close', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '1' })
    await occupy(server, 1)
    await givesUpTheSilent(server, ['', get('/')])
  })

  it('are not felt by a client in the middle of its answer', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '2' })
    await occupy(server, 1)
    const why = 'who is connected does not notice who is refused'
    const wire = await findsPlace(server, why)
    await wire.send(get('/work') + get('/bytes/300000'))
    const refused = Array.from({ length: 30 }, () => new Visitor(server))
    await Promise.all(refused.map(({ fate }) => fate))
    answers(wire, await wire.response({ why }), { status: 200, content: 'done' }, why)
    answers(
      wire,
      await wire.response({ why }),
      { status: 200, fields: { 'Content-Length': '300000' } },
      why,
    )
    await asks(wire, get('/'), { status: 200 }, why)
  })
})

describe('connection limit: many', () => {
  it('is 1000 by default, and a thousand are served at once', async ({ launch }) => {
    // On a busy machine, a thousand clients need long until all of them have said something.
    const server = await launch({ KEEP_ALIVE_TIMEOUT_MS: '60000', HEADER_TIMEOUT_MS: '60000' })
    await exactlyFit(server, 1000, 'MAX_CONNECTIONS is 1000 by default')
  })

  it('is switched off by 0', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '0' })
    const visitors = await crowd(server, 1100)
    for (const visitor of visitors) visitor.send(get('/'))
    const fates = await Promise.all(visitors.map(({ fate }) => fate))
    for (const visitor of visitors) visitor.close()
    const served = fates.filter((fate) => fate === 200).length
    if (served === 1100) return
    throw server.fails({
      expected: '1100 clients served at once',
      received: `${served} served`,
      why: 'MAX_CONNECTIONS=0 switches the limit off',
    })
  })

  it('survives running out of file descriptors', async ({ launch }) => {
    const server = await launch({ MAX_CONNECTIONS: '500' })
    const wire = await server.connect()
    const why = 'out of file descriptors nobody who is connected notices, and later ones are served'
    await needs('3.1', 'a connection does not stay open yet', () =>
      asks(wire, get('/'), { status: 200 }, why),
    )
    leaveDescriptors(server, 12)
    const visitors = await crowd(server, 60)
    for (const visitor of visitors) visitor.send(get('/'))
    for (let time = 0; time < 5; time++) await asks(wire, get('/work'), { status: 200 }, why)
    for (const visitor of visitors) visitor.reset()
    await servesAgain(server, why)
    await asks(wire, get('/'), { status: 200 }, why)
  })

  it('survives running out of file descriptors while files are asked for', async ({ launch }) => {
    // Another file each time: what was asked for before may still be at hand.
    const others = ['b.txt', 'c.txt', 'd.txt']
    const names = ['a.txt', ...others, 'e.txt']
    const folder = await StaticRoot.with(Object.fromEntries(names.map((name) => [name, name])))
    const server = await folder.serve(launch)
    const wire = await server.connect()
    const why = 'out of file descriptors a file is 503, and the process goes on'
    await needs('3.5', 'files are not served yet', () =>
      asks(wire, get('/static/a.txt'), { status: 200 }, why),
    )
    for (const name of others) {
      leaveDescriptors(server, 0)
      // A descriptor that was just being closed makes room for one more.
      const wanted = name === others.at(-1) ? 503 : [200, 503]
      const { status } = await asks(wire, get(`/static/${name}`), { status: wanted }, why)
      if (status === 503) break
    }
    await asks(wire, get('/'), { status: 200 }, why)
    leaveDescriptors(server, 20)
    await asks(wire, get('/static/e.txt'), { status: 200, content: 'e.txt' }, why)
  })
})

function hasCode(server: Server, content: string): void {
  let code: unknown
  try {
    const { error } = JSON.parse(content) as { error?: { code?: unknown } }
    code = error?.code
  } catch {
    // No JSON: then it has no code either.
  }
  if (code === 'TOO_MANY_CONNECTIONS') return
  throw server.fails({
    expected: 'JSON with the code TOO_MANY_CONNECTIONS',
    received: content.slice(0, 200),
    why: 'every refusal has the form of task 3.6, that of the connection limit too',
  })
}

/** Descriptors come free a moment after their connections have gone. */
async function servesAgain(server: Server, why: string): Promise<void> {
  const { signal: over } = patience(PATIENCE_MS)
  for (;;) {
    const isLast = over.aborted
    try {
      return await serves(server, why)
    } catch (error) {
      if (isLast || server.ended !== undefined) throw error
    }
  }
}
