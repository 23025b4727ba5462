import { Expectation } from '../../../harness/expectation.ts'
import { probe } from '../../../harness/probe.ts'
import type { Server } from '../../../harness/server.ts'
import type { Wire } from '../../../harness/wire/wire.ts'
import { answers, serves } from '../../kit/holds.ts'
import { plays } from '../../kit/pool.ts'
import { get, head } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

type Module = typeof import('../../../levels/level2/cpu-pool.ts')

const PATIENT = { patienceMs: 30_000 }

/** Sends a request, and returns when the server has surely read it: another one, sent later, is answered. */
async function asked(server: Server, request: string): Promise<Wire> {
  const wire = await server.connect()
  await wire.send(request)
  await serves(server)
  return wire
}

describe('CPU work off the event loop', () => {
  it('starts no worker before there is work, and uses workers again', async ({ build }) => {
    await plays(
      build,
      ['make a pool with size 4', 'run ten jobs, one after the other'],
      async ({ pool, end, started }) => {
        const computing = pool(4, 0)
        await new Promise((resolve) => setImmediate(resolve))
        const before = started()
        for (let job = 0; job < 10; job++) await end(computing.run({ say: 'x' }))
        return { before, after: started() }
      },
      { before: 0, after: 1 },
      'a worker is started when a job finds none idle, and used again',
    )
  })

  it('runs no more jobs at once than it may, and begins them in their order', async ({ build }) => {
    await plays(
      build,
      [
        'make a pool with size 2',
        'run six jobs that wait for each other',
        'let one after the other end',
      ],
      async ({ pool, gate, open, end, started, until, begun }) => {
        const computing = pool(2, 9)
        const gates = [...'abcdef'].map(() => gate())
        const jobs = [...'abcdef'].map((say, index) =>
          end(computing.run({ say, gate: gates[index] as Int32Array })),
        )
        await until(() => begun().length === 2)
        const counts = [computing.running, computing.waiting]
        const said: string[] = []
        for (const [index, closed] of gates.entries()) {
          open(closed)
          said.push((await jobs[index]) ?? '')
          await until(() => begun().length === Math.min(6, index + 3))
        }
        return {
          counts,
          said: said.join(''),
          begun: begun().join('').slice(2),
          first: begun().slice(0, 2).sort().join(''),
          started: started(),
        }
      },
      { counts: [2, 4], said: 'abcdef', begun: 'cdef', first: 'ab', started: 2 },
      'jobs begin in the order in which they came, at most `size` at once',
    )
  })

  it('gives the next job the place that is free again, and counts to the limit exactly', async ({
    build,
  }) => {
    await plays(
      build,
      [
        'make pools with size 1 and maxQueue 0 and 3',
        'run more jobs than they take',
        'let the first end',
        'run one more',
      ],
      async ({ pool, gate, open, end }) => {
        const none = pool(1, 0)
        const three = pool(1, 3)
        const gates = [gate(), gate()]
        const first = end(none.run({ say: 'a', gate: gates[0] as Int32Array }))
        const refused = await end(none.run({ say: 'b' }))
        const jobs = [...'cdef'].map((say) => end(three.run({ say, gate: gates[1] as Int32Array })))
        const alsoRefused = [await end(three.run({ say: 'g' })), await end(three.run({ say: 'h' }))]
        for (const closed of gates) open(closed)
        const said = [await first, ...(await Promise.all(jobs))]
        return [
          refused,
          ...alsoRefused,
          said.join(''),
          await end(none.run({ say: 'i' })),
          await end(three.run({ say: 'j' })),
        ]
      },
      [
        'rejected: 503 TOO_BUSY, Retry-After',
        'rejected: 503 TOO_BUSY, Retry-After',
        'rejected: 503 TOO_BUSY, Retry-After',
        'acdef',
        'i',
        'j',
      ],
      'at most maxQueue jobs wait; when a place is free, the next job gets it',
    )
  })

  it('drops a job whose client has left, and gives its place back at once', async ({ build }) => {
    await plays(
      build,
      [
        'make a pool with size 1 and maxQueue 2',
        'run a, which does not end, b and c, which wait',
        'abort b',
        'run d',
        'let a end',
      ],
      async ({ pool, gate, open, end, begun }) => {
        const computing = pool(1, 2)
        const closed = gate()
        const leaving = new AbortController()
        const a = end(computing.run({ say: 'a', gate: closed }))
        const b = end(computing.run({ say: 'b' }, leaving.signal))
        const c = end(computing.run({ say: 'c' }, new AbortController().signal))
        leaving.abort(new Error('left'))
        const left = await b
        const waiting = computing.waiting
        const d = end(computing.run({ say: 'd' }))
        open(closed)
        return {
          left,
          waiting,
          said: [await a, await c, await d].join(''),
          begun: begun().join(''),
        }
      },
      { left: 'rejected: left', waiting: 1, said: 'acd', begun: 'acd' },
      'work that nobody waits for any more is not begun: `run` rejects with the reason of its signal',
    )
  })

  it('does nothing for a client that has left before, and goes on when one leaves later', async ({
    build,
  }) => {
    await plays(
      build,
      ['run a job whose signal is aborted already', 'abort a job that has begun', 'run another'],
      async ({ pool, gate, open, end, started, until, begun }) => {
        const computing = pool(1, 2)
        const left = await end(computing.run({ say: 'a' }, AbortSignal.abort(new Error('left'))))
        const before = started()
        const closed = gate()
        const leaving = new AbortController()
        const late = end(computing.run({ say: 'b', gate: closed }, leaving.signal))
        await until(() => begun().length === 1)
        leaving.abort(new Error('left'))
        const next = end(computing.run({ say: 'c' }))
        open(closed)
        const said = await next
        // A job that has begun may run to its end, or be rejected.
        return {
          left,
          before,
          late: ['b', 'rejected: left'].includes(await late),
          said,
          running: computing.running,
        }
      },
      { left: 'rejected: left', before: 0, late: true, said: 'c', running: 0 },
      'an abort is about its own job, and only as long as that has not begun',
    )
  })

  it('loses one job with a worker that dies, and goes on with another', async ({ build }) => {
    await plays(
      build,
      [
        'make a pool with size 1',
        'run a job that throws, one that exits, and others between and after them',
      ],
      async ({ pool, end, started, until }) => {
        const computing = pool(1, 9)
        const ends = await Promise.all([
          end(computing.run({ say: 'a' })),
          end(computing.run({ say: 'b', die: 'throw' })),
          end(computing.run({ say: 'c' })),
          end(computing.run({ say: 'd', die: 'exit' })),
          end(computing.run({ say: 'e' })),
        ])
        await until(() => computing.running === 0)
        return {
          said: ends.map((said) => (said.startsWith('rejected') ? 'rejected' : said)),
          later: await end(computing.run({ say: 'f' })),
          started: started(),
          left: [computing.running, computing.waiting],
        }
      },
      { said: ['a', 'rejected', 'c', 'rejected', 'e'], later: 'f', started: 3, left: [0, 0] },
      'a worker that dies rejects its own job and is replaced; other jobs never notice',
    )
  })

  it('replaces a worker that dies while it has nothing to do', async ({ build }) => {
    await plays(
      build,
      [
        'make a pool with size 1',
        'run a job, whose worker ends a moment after it has answered',
        'run another job',
      ],
      async ({ pool, end, ended, started, until }) => {
        const computing = pool(1, 3)
        const first = await end(computing.run({ say: 'a', die: 'afterwards' }))
        await until(() => ended() === 1)
        return [first, await end(computing.run({ say: 'b' })), started(), computing.running]
      },
      ['a', 'b', 2, 0],
      'a worker that has died computes nothing, whatever is posted to it',
    )
  })

  it('rejects the job whose worker cannot be started, and tries again for the next', async ({
    build,
  }) => {
    await plays(
      build,
      ['make a pool whose first worker cannot be started', 'run two jobs, one after the other'],
      async ({ pool, end }) => {
        const computing = pool(1, 3, { failFirst: true })
        const first = await end(Promise.resolve().then(() => computing.run({ say: 'a' })))
        return [first, await end(computing.run({ say: 'b' })), computing.running, computing.waiting]
      },
      ['rejected: no worker', 'b', 0, 0],
      'what start throws is the answer to the job that needed it',
    )
  })

  it('ends everything when it is closed', async ({ build }) => {
    await plays(
      build,
      [
        'make a pool with size 2',
        'run four jobs that do not end',
        'close it',
        'run another',
        'make another pool with size 2',
        'run two jobs, and let one of them end',
        'close it',
      ],
      async ({ pool, gate, open, end, until, begun, started, ended }) => {
        const computing = pool(2, 9)
        const closed = gate()
        const jobs = [...'abcd'].map((say) => end(computing.run({ say, gate: closed })))
        await until(() => begun().length === 2)
        await computing.close()
        const said = (await Promise.all(jobs)).map((said) => said.startsWith('rejected'))
        const later = (await end(computing.run({ say: 'e' }))).startsWith('rejected')
        await until(() => ended() === started())
        const left = [started() - ended()]
        const other = pool(2, 0)
        const [one, two] = [gate(), gate()]
        const [first, second] = [
          end(other.run({ say: 'f', gate: one })),
          end(other.run({ say: 'g', gate: two })),
        ]
        await until(() => begun().length === 4)
        open(one)
        await first
        await other.close()
        const cut = (await second).startsWith('rejected')
        await until(() => ended() === started())
        left.push(started() - ended())
        return { said, later, cut, left, begun: begun().length }
      },
      { said: [true, true, true, true], later: true, cut: true, left: [0, 0], begun: 4 },
      '`close` ends all workers at once; jobs that had not finished reject, and so does every later `run`',
    )
  })

  it('holds the exit of no process with work that nobody waits for', async ({ build }) => {
    const ending = await probe(
      build,
      'level2/cpu-pool.ts',
      async (_module: Module, file: string) => {
        const { Worker } = process.getBuiltinModule('node:worker_threads')
        // A thread ends by itself when nothing holds it, as a process does.
        const thread = new Worker(
          `const { Worker } = require('node:worker_threads')
           import(require('node:url').pathToFileURL(${JSON.stringify(process.cwd())} + '/' + ${JSON.stringify(file)})).then(({ CpuPool }) => {
             const begun = new Int32Array(new SharedArrayBuffer(4))
             const code = \`const { parentPort, workerData } = require('node:worker_threads')
               parentPort.on('message', () => {
                 Atomics.store(workerData, 0, 1)
                 Atomics.notify(workerData, 0)
                 for (;;);
               })\`
             const start = () => new Worker(code, { eval: true, workerData: begun })
             const gone = new AbortController()
             new CpuPool({ start, size: 1, maxQueue: 1 }).run(1, gone.signal).catch(() => {})
             void Atomics.waitAsync(begun, 0, 0).value.then(() => gone.abort())
           })`,
          { eval: true },
        )
        return await new Promise<string>((resolve) => {
          thread.once('exit', (code) => resolve(`ended with ${code}`))
          thread.once('error', (error) => resolve(`failed: ${(error as Error).message}`))
          setTimeout(() => resolve('still there after 6 s'), 6000)
        })
      },
      'level2/cpu-pool.js',
    )
    if (ending === 'ended with 0') return
    throw new Expectation({
      steps: ['run a job that computes for ever', 'abort its signal', 'do nothing else'],
      expected: 'the process comes to its end',
      received: ending,
      why: 'work that nobody waits for never holds the exit of the process',
    })
  })

  it('lets as many wait as it should by default, and refuses one more with 503', async ({
    launch,
  }) => {
    const server = await launch({ POOL_SIZE: '1' })
    await fillsItsQueue(server, 64)
  })

  it('lets as many wait as it was told', async ({ launch }) => {
    const server = await launch({ POOL_SIZE: '1', MAX_QUEUE: '3' })
    await fillsItsQueue(server, 3)
  })

  it('answers others at once while it computes and many wait', async ({ launch }) => {
    const why = 'whoever asks for no computation does not wait for one'
    const server = await launch({ POOL_SIZE: '1' })
    await whileItComputes(server, why, '/ answered five times before one /fib', async (isOver) => {
      const waiting = await Promise.all(
        Array.from({ length: 20 }, () => asked(server, get('/fib/20'))),
      )
      for (let i = 0; i < 5; i++) await serves(server, why)
      const inTime = !isOver()
      for (const wire of waiting) {
        answers(
          wire,
          await wire.response(PATIENT),
          { status: 200, content: '{"n":20,"value":6765}' },
          why,
        )
      }
      return inTime
    })
  })

  it('computes nothing for clients that have left', async ({ launch }) => {
    const why =
      'the job of a client that has left is dropped if it has not begun, and gives its place back at once'
    const server = await launch({ POOL_SIZE: '1', MAX_QUEUE: '30' })
    await whileItComputes(
      server,
      why,
      'places in the queue while one /fib computes',
      async (isOver) => {
        const leaving = await Promise.all(
          Array.from({ length: 30 }, () => asked(server, get('/fib/38'))),
        )
        for (const wire of leaving) wire.reset()
        // The server sees the resets a moment later; until then it may refuse.
        while (!isOver()) {
          const wire = await server.connect()
          await wire.send(get('/fib/10'))
          await wire.received(1, 100)
          const refusedSoFar = wire.bytesReceived > 0
          const inTime = !isOver()
          // Thirty jobs of clients that left would take longer than our patience.
          const response = await wire.response({ patienceMs: 12_000 })
          if (refusedSoFar && response.status === 503) continue
          answers(wire, response, { status: 200, content: '{"n":10,"value":55}' }, why)
          return inTime
        }
        return false
      },
    )
  })

  it('does not mistake FIN for leaving', async ({ launch }) => {
    const why = 'a client that has sent FIN sends no more; it still reads (RFC 9112 §9.6)'
    const server = await launch({ POOL_SIZE: '1' })
    const computing = await asked(server, get('/fib/35'))
    const waiting = await asked(server, get('/fib/21'))
    waiting.end()
    computing.end()
    await serves(server)
    answers(
      computing,
      await computing.response(PATIENT),
      { status: 200, content: '{"n":35,"value":9227465}' },
      why,
    )
    answers(
      waiting,
      await waiting.response(PATIENT),
      { status: 200, content: '{"n":21,"value":10946}' },
      why,
    )
  })

  it('survives clients that leave while their job runs', async ({ launch }) => {
    const why = 'a client that leaves loses its own answer, and nothing else'
    const server = await launch({ POOL_SIZE: '1' })
    for (let round = 0; round < 3; round++) {
      const leaving = await asked(server, get('/fib/32'))
      leaving.reset()
      const wire = await server.connect()
      await wire.send(head('HEAD /fib/20 HTTP/1.1'))
      answers(
        wire,
        await wire.response({ method: 'HEAD', ...PATIENT }),
        { status: 200, fields: { 'Content-Length': '21' } },
        why,
      )
    }
    await serves(server, why)
  })
})

/** One job runs, `places` wait, and one more is refused; then all others are answered. */
async function fillsItsQueue(server: Server, places: number): Promise<void> {
  const why = 'a place in the queue for each, and no more (RFC 9110 §15.6.4)'
  await whileItComputes(
    server,
    why,
    `${places} places in the queue while one /fib computes`,
    async (isOver) => {
      const waiting = await Promise.all(Array.from({ length: places }, () => server.connect()))
      for (const wire of waiting) await wire.send(get('/fib/5'))
      await serves(server)
      const refused = await server.connect()
      await refused.send(get('/fib/5'))
      const response = await refused.response(PATIENT)
      // A 200 has been computed after /fib, whose own answer may still be on its way.
      const inTime = !isOver() && response.status !== 200
      const early = waiting.find(({ bytesReceived }) => bytesReceived > 0)
      if (inTime) answers(refused, response, { status: 503, fields: { 'Retry-After': '*' } }, why)
      if (inTime && early !== undefined)
        answers(early, await early.response({ why }), { status: 200 }, why)
      for (const wire of waiting) answers(wire, await wire.response(PATIENT), { status: 200 }, why)
      return inTime
    },
  )
}

/** Computations, each longer than the one before it: a quarter of a second of a quick machine, and nearly three times that. */
const LONG = [
  [38, 39_088_169],
  [40, 102_334_155],
  [40, 102_334_155],
  [40, 102_334_155],
] as const

/**
 * Does something while a long computation runs. On a machine that stands still, that can be over too soon to show
 * anything: then once more, while a longer one runs.
 *
 * @param act - returns whether it was done in time
 */
async function whileItComputes(
  server: Server,
  why: string,
  expected: string,
  act: (isOver: () => boolean) => Promise<boolean>,
): Promise<void> {
  for (const [n, value] of LONG) {
    const computing = await asked(server, get(`/fib/${n}`))
    const inTime = await act(() => computing.bytesReceived > 0)
    answers(
      computing,
      await computing.response(PATIENT),
      { status: 200, content: JSON.stringify({ n, value }) },
      why,
    )
    if (inTime) return
  }
  throw server.fails({
    expected,
    received: `the answer to /fib first, ${LONG.length} times`,
    why,
  })
}
