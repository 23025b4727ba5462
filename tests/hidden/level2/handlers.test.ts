import { setTimeout as delay } from 'node:timers/promises'
import { Blocked } from '../../../harness/expectation.ts'
import { crowding } from '../../../harness/patience.ts'
import { cpuTimeOf } from '../../../harness/proc.ts'
import type { Server } from '../../../harness/server.ts'
import { datesEachAnswer, isComplete, isText } from '../../kit/every-answer.ts'
import { answers, contentIs, holds } from '../../kit/holds.ts'
import { quickestMs } from '../../kit/quickest.ts'
import { get, head, post } from '../../kit/request.ts'
import { survivesWhatIsThrown } from '../../kit/throws.ts'
import { describe, it } from '../../kit/test.ts'

/** What `/bytes/:n` answers. */
function pattern(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251))
}

describe('handlers that wait', () => {
  it('answers others while a handler waits', async ({ server }) => {
    const why = 'a handler that waits holds nobody'
    // On a machine that stands still for 100 ms, the one that waits can be done first.
    let inTime = 0
    for (let round = 0; round < 10 && inTime < 3; round++) {
      const waiting = await server.connect()
      await waiting.send(get('/work'))
      const done = waiting.response({ why })
      const quick = await server.connect()
      await quick.send(get('/'))
      const home = quick.response({ why })
      if ((await Promise.race([home.then(() => 'home'), done.then(() => 'done')])) === 'home')
        inTime++
      answers(quick, await home, { status: 200, content: 'Hello, World!' }, why)
      answers(waiting, await done, { status: 200, content: 'done' }, why)
    }
    if (inTime < 3)
      throw server.fails({
        expected: '/ answered before /work',
        received: '/work first, again and again',
        why,
      })
  })

  it('waits 100 ms for each /work, also when many ask at once', async ({ server }) => {
    const times = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const wire = await server.connect()
        const startMs = performance.now()
        await wire.send(get('/work'))
        answers(wire, await wire.response(), { status: 200, content: 'done' })
        return performance.now() - startMs
      }),
    )
    const least = Math.min(...times)
    if (least > 90) return
    throw server.fails({
      expected: 'done after 100 ms, not sooner',
      received: `done after ${Math.round(least)} ms`,
      why: 'the work takes 100 ms; what changes is that nobody else waits for it',
    })
  })

  it('lets 100 clients of /work wait together, not a few at a time', async ({ server }) => {
    // The quickest of a few: a busy machine makes some slower, and none quicker.
    const oneMs = await quickestMs(server, get('/work'), 5)
    const mostMs = Math.max(1000, 8 * oneMs)
    let allMs = Infinity
    for (let time = 0; time < 4 && allMs > mostMs; time++)
      allMs = Math.min(allMs, await workMs(server, 100))
    if (allMs <= mostMs) return
    if (crowding() > 1) throw new Blocked('system', 'this machine is too busy to measure a second')
    throw server.fails({
      expected: `100 clients done within ${Math.round(mostMs)} ms, where a single one is done in ${Math.round(oneMs)} ms`,
      received: `${Math.round(allMs)} ms, the quickest of 4`,
      why: 'waiting costs nothing: no client needs to wait until another has waited',
    })
  })

  it('still serves the routes of level 1', async ({ server, random }) => {
    const why = 'the routes of level 1 hold'
    const name = random.word()
    const content = random.bytes(2000)
    await holds(server, {
      send: get(`/greet?name=${name}%21&name=x`),
      expect: { status: 200, content: `Hello, ${name}!!` },
      why,
    })
    await holds(server, {
      send: get('/greet'),
      expect: { status: 200, content: 'Hello, stranger!' },
      why,
    })
    await holds(server, {
      send: get('/greet?name='),
      expect: { status: 200, content: 'Hello, !' },
      why,
    })
    await holds(server, {
      send: get('/greet?name=a+%zz%ff'),
      expect: { status: 200, content: 'Hello, a %zz\xef\xbf\xbd!' },
      why,
    })
    await holds(server, {
      send: post('/echo', content),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'application/octet-stream' },
        content: content.toString('latin1'),
      },
      why,
    })
    await holds(server, {
      send: post('/echo', 'x', 'Content-Type: a/b; c=d'),
      expect: { status: 200, fields: { 'Content-Type': 'a/b; c=d' }, content: 'x' },
      why,
    })
    await holds(server, {
      send: head('POST /echo HTTP/1.1'),
      expect: { status: 200, fields: { 'Content-Length': '0' }, content: '' },
      why,
    })
  })

  it('gives each /bytes its pattern, across all borders', async ({ server, random }) => {
    const why = 'byte i is i mod 251'
    for (const bytes of [0, 1, 251, 252, random.integer(60_000, 140_000), 1_048_577]) {
      const wire = await server.connect()
      await wire.send(get(`/bytes/${bytes}`))
      const response = await wire.response({ why })
      answers(wire, response, { status: 200, fields: { 'Content-Length': String(bytes) } }, why)
      contentIs(wire, response, pattern(bytes), why)
    }
  })

  it('takes numbers as decimal digits in their range, and refuses all else', async ({ server }) => {
    const why = 'decimal digits, from 0 to 40 and from 0 to 2^30; everything else is 400'
    await holds(server, {
      send: get('/fib/0'),
      expect: { status: 200, content: '{"n":0,"value":0}' },
      why,
    })
    await holds(server, {
      send: get('/fib/007'),
      expect: { status: 200, content: '{"n":7,"value":13}' },
      why,
    })
    await holds(server, {
      send: get('/bytes/0000000000000000000000003'),
      expect: { status: 200, content: '\0\x01\x02' },
      why,
    })
    const wrong = [
      '-1',
      '+1',
      '1e1',
      '0x1f',
      '3.0',
      '%20',
      '%201',
      '1%20',
      '1_0',
      'ten',
      'NaN',
      'Infinity',
      '%D9%A3',
      '9'.repeat(400),
    ]
    for (const target of [
      '/fib/41',
      '/bytes/1073741825',
      ...wrong.flatMap((text) => [`/fib/${text}`, `/bytes/${text}`]),
    ]) {
      await holds(server, { send: get(target), expect: { status: 400, closes: true }, why })
    }
    await holds(server, {
      send: get('/fib/41', 'Content-Length: 5'),
      expect: { status: 400, closes: true },
      why: 'a request that cannot be served is refused before its content is read',
    })
  })

  it('answers HEAD with the fields of GET', async ({ server }) => {
    const why = 'HEAD is GET without the content (RFC 9110 §9.3.2)'
    for (const target of ['/users/7', '/work', '/fib/20', '/greet?name=Ada']) {
      const got = await holds(server, { send: get(target), expect: { status: 200 }, why })
      await holds(server, {
        send: head(`HEAD ${target} HTTP/1.1`),
        expect: {
          status: 200,
          fields: { 'Content-Length': String(got.content.length) },
          closes: true,
        },
        why,
      })
    }
  })

  it('survives a thousand failures, and tells nobody why', async ({ launch }) => {
    // On a busy machine, a client of fifty may need long until it sends what it has to say.
    const server = await launch({ HEADER_TIMEOUT_MS: '60000' })
    const why =
      'a failure is a 500 for its own request, without stack or message (RFC 9110 §15.6.1)'
    const working = await server.connect()
    for (let round = 0; round < 20; round++) {
      if (round === 19) await working.send(get('/work'))
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const wire = await server.connect()
          await wire.send(get('/fail'))
          answers(wire, await wire.response({ why }), { status: 500 }, why)
          wire.close()
        }),
      )
    }
    answers(working, await working.response({ why }), { status: 200, content: 'done' }, why)
    const response = await holds(server, {
      send: get('/fail'),
      expect: { status: 500, closes: true, serves: true },
      why,
    })
    isComplete(server, response)
    isText(server, response)
    const text = response.content.toString()
    if (/on purpose|\n\s*at |\.[jt]s\b|node:/.test(text)) {
      throw server.fails({
        expected: 'a sentence that tells nothing of the inside',
        received: JSON.stringify(text),
        why,
      })
    }
  })

  it('says in Date when each answer was made', async ({ server }) => {
    const why = 'Date is the moment of its answer, however rarely its text is made'
    await datesEachAnswer(server, [
      () => holds(server, { send: get('/'), expect: { status: 200 }, why }),
      () => holds(server, { send: get('/nothing'), expect: { status: 404 }, why }),
    ])
  })

  it('answers 500 whatever a handler throws, and however', async ({ build }) => {
    await survivesWhatIsThrown(build, 2)
  })

  it('spends nothing on 500 connections that are silent, and serves each of them when it speaks', async ({
    launch,
  }) => {
    // On a busy machine, the last of them speaks late.
    const server = await launch({ HEADER_TIMEOUT_MS: '60000' })
    const why =
      'a connection that says nothing is a number in a table of the kernel; nobody needs to look after it'
    const window = async (): Promise<number> => {
      const [startMs, startUs] = [performance.now(), cpuUs(server)]
      // Idleness is the subject: there is nothing to wait for but time.
      await delay(600)
      return (cpuUs(server) - startUs) / 1000 / (performance.now() - startMs)
    }
    const wires = await Promise.all(Array.from({ length: 500 }, () => server.connect()))
    await window()
    const share = Math.min(await window(), await window())
    if (share > 0.1) {
      throw server.fails({
        expected: 'next to no processor time while 500 connections are silent',
        received: `${Math.round(share * 100)} % of a processor`,
        why,
      })
    }
    await Promise.all(
      wires.map(async (wire) => {
        await wire.send(get('/'))
        answers(wire, await wire.response({ why }), { status: 200 }, why)
      }),
    )
  })
})

/** How long it takes until so many clients, who ask for `/work` at the same moment, all have their answers. */
async function workMs(server: Server, clients: number): Promise<number> {
  const wires = await Promise.all(Array.from({ length: clients }, () => server.connect()))
  const startMs = performance.now()
  await Promise.all(
    wires.map(async (wire) => {
      await wire.send(get('/work'))
      const response = await wire.response({ patienceMs: 30_000 })
      answers(wire, response, { status: 200, content: 'done' })
    }),
  )
  const tookMs = performance.now() - startMs
  for (const wire of wires) wire.close()
  return tookMs
}

function cpuUs(server: Server): number {
  const micros = cpuTimeOf(server.pid)
  if (micros === undefined)
    throw new Blocked('system', 'the processor time of a process can be read on Linux only')
  return micros
}
