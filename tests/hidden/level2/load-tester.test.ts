import { Expectation } from '../../../harness/expectation.ts'
import { probe } from '../../../harness/probe.ts'
import { tries } from '../../kit/attempts.ts'
import { atLeast, below, counts, load, type Options } from '../../kit/load.ts'
import { describe, it } from '../../kit/test.ts'
import { closedPort, notBefore, ok, truly, type Arrival } from '../../kit/truth.ts'

type Module = typeof import('../../../levels/level2/load-tester.ts')

describe('load tester', () => {
  it('sees both humps of a server that has two', async ({ build }) => {
    const why = 'percentiles tell where the answers are; a mean tells where none is'
    // The quick answers are slow, too, on a machine that is busy enough: then the humps must lie further apart.
    for (const slowMs of [1200, 2400, 4800]) {
      const run = await truly(
        ({ number, answer }) => notBefore(number % 10 < 4 ? slowMs : 20, answer),
        (truth) =>
          load(
            build,
            { url: truth.url, connections: 10, requests: 50 },
            'a server of which four answers in ten are slow',
          ),
      )
      counts(run, 50, {}, 'slow answers are answers')
      for (const name of ['p90', 'p99', 'max'] as const) atLeast(run, name, slowMs * 0.85 - 5, why)
      if (run.result.latencyMs.p50 > slowMs / 3 && slowMs < 4800) continue
      below(run, 'p50', slowMs / 3, why)
      return
    }
  })

  it('tells p99 from the slowest answer, and from p90', async ({ build }) => {
    const why =
      'four of 400 latencies are longer than p99: the slowest alone does not move it, eight slow ones do'
    // Other answers are slow, too, on a machine that is busy enough: then those that we hold back must be slower.
    await tries([600, 2400, 4800], async (slowestMs) => {
      const slowMs = slowestMs / 4
      const run = await truly(
        ({ number, answer }) => {
          if (number % 50 !== 25) return answer()
          notBefore(number === 25 ? slowestMs : slowMs, answer)
        },
        (truth) =>
          load(
            build,
            { url: truth.url, connections: 2, requests: 400 },
            `a server that gives 392 quick answers, seven after ${slowMs} ms, and one after ${slowestMs} ms`,
          ),
      )
      counts(run, 400, {}, 'slow answers are answers')
      atLeast(run, 'max', slowestMs * 0.85 - 5, why)
      atLeast(run, 'p99', slowMs * 0.85 - 5, why)
      below(run, 'p99', slowestMs / 2, why)
    })
  })

  it('opens as many connections as it is told, and uses them again', async ({ build, random }) => {
    const connections = random.integer(10, 25)
    const waiting: (() => void)[] = []
    await truly(
      ({ answer }) => {
        waiting.push(() => answer())
        if (waiting.length === connections) for (const go of waiting.splice(0)) go()
      },
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections, requests: connections * 10, timeoutMs: 5000 },
          'a server that answers when all connections wait',
        )
        counts(
          run,
          connections * 10,
          {},
          'all connections are busy at once, from the start to the end',
        )
        if (truth.connections === connections) return
        throw run.fails(
          `${connections} connections`,
          `${truth.connections} connections, ${truth.mostOpen} of them at once`,
          'a connection is used again when the server keeps it open (RFC 9112 §9.3)',
        )
      },
    )
  })

  it('counts each way to fail by its kind, and goes on after each', async ({ build }) => {
    const half = ok('0123456789').slice(0, -4)
    const reactions: readonly ((arrival: Arrival) => void)[] = [
      ({ answer }) => answer(),
      ({ answer }) => answer(ok('no', 404)),
      ({ answer }) => answer(ok('no', 301)),
      ({ answer, socket }) => (answer(half), socket.end()),
      ({ socket }) => socket.end(),
      ({ answer, socket }) => (answer('HTTP/1.1 200 OK\r\nContent-Le'), socket.end()),
      ({ answer, socket }) => (
        answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
        socket.end()
      ),
      ({ socket }) => socket.resetAndDestroy(),
      ({ answer }) => answer('this is no answer\r\n\r\n'),
      ({ answer }) => answer(ok('fine, too', 299)),
    ]
    await truly(
      (arrival) => reactions[arrival.number % reactions.length]?.(arrival),
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 3, requests: 50 },
          'a server that fails in eight ways, in turn',
        )
        counts(
          run,
          10,
          { 'wrong-status': 15, 'early-close': 20, reset: 5 },
          'a failed or partial answer is never a success, and each failure has its kind',
        )
        if (truth.arrivals.length !== 50)
          throw run.fails(
            '50 requests at the server',
            String(truth.arrivals.length),
            'no request is sent twice',
          )
      },
    )
  })

  it('has latencies of successes alone', async ({ build }) => {
    await truly(
      ({ number, answer, socket }) => {
        if (number % 3 === 0) return notBefore(200, answer)
        if (number % 3 === 1) return answer(ok('quick', 503))
        answer('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1')
        socket.end()
      },
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 4, requests: 24 },
          'a server whose failures are quick and whose answers are slow',
        )
        counts(run, 8, { 'wrong-status': 8, 'early-close': 8 }, 'two thirds of the requests fail')
        atLeast(run, 'p50', 200 * 0.85 - 5, 'a server that fails quickly is not quick')
      },
    )
  })

  it('gives up on an answer that does not come, or does not end', async ({ build }) => {
    const timeoutMs = 2000
    await truly(
      ({ number, answer, socket }) => {
        if (number === 2) return
        if (number === 5) socket.write(ok('0123456789').slice(0, -4))
        else answer()
      },
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 2, requests: 20, timeoutMs },
          'a server that stalls twice',
        )
        counts(run, 18, { timeout: 2 }, 'no complete answer in time')
        if (run.result.seconds * 1000 < timeoutMs * 0.85) {
          throw run.fails(
            `a run of at least ${timeoutMs} ms`,
            `${run.result.seconds} s`,
            'a request has `timeoutMs` before it has failed',
          )
        }
      },
    )
  })

  it('counts connections that are refused, and ends', async ({ build }) => {
    const port = await closedPort()
    const run = await load(
      build,
      { url: `http://127.0.0.1:${port}/`, connections: 3, requests: 7 },
      'no server',
    )
    counts(run, 0, { connect: 7 }, 'there was no connection to send it on')
  })

  it('opens a connection for each request where the server closes each', async ({ build }) => {
    for (const [says, answer] of [
      ['says close', ok('ok', 200, 'Connection: keep-alive, Close')],
      ['speaks HTTP/1.0', ok().replace('HTTP/1.1', 'HTTP/1.0')],
      ['says close among other options', ok('ok', 200, 'Connection: Close', 'Connection: X-Hop')],
      ['ends its answers by closing', 'HTTP/1.1 200 OK\r\n\r\nno\r\n\r\nlength'],
    ] as const) {
      await truly(
        (arrival) => (arrival.answer(answer), arrival.socket.end()),
        async (truth) => {
          const run = await load(
            build,
            { url: truth.url, connections: 3, requests: 21 },
            `a server that ${says}, and closes`,
          )
          counts(run, 21, {}, 'an answer that ends as it says is complete')
          if (truth.arrivals.length === 21 && truth.connections === 21) return
          throw run.fails(
            '21 requests on 21 connections',
            `${truth.arrivals.length} on ${truth.connections}`,
            'a connection that the server closes is not used again (RFC 9112 §9.6)',
          )
        },
      )
    }
  })

  it('takes bytes that are no HTTP answer for no success', async ({ build }) => {
    const chunked = (content: string) =>
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${content}`
    for (const [says, answer] of [
      ['has more in a chunk than its size', chunked('2\r\nokay\r\n0\r\n\r\n')],
      ['gives a chunk a size that is no number', chunked('xyz2\r\nok\r\n0\r\n\r\n')],
      ['announces content of less than nothing', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n'],
      ['announces two lengths', ok('ok', 200, 'Content-Length: 3')],
    ] as const) {
      await truly(
        (arrival) => arrival.answer(answer),
        async (truth) => {
          const options = { url: truth.url, connections: 2, requests: 4, timeoutMs: 2000 }
          const run = await load(build, options, `a server that ${says}`)
          const { successes, errors } = run.result
          const failures = Object.values(errors).reduce((sum, kind) => sum + kind, 0)
          if (successes === 0 && failures === 4) return
          throw run.fails(
            '4 failures of any kind',
            `${successes} successes, ${failures} failures`,
            'what cannot be read is no complete answer (RFC 9112 §6.3, §7.1)',
          )
        },
      )
    }
  })

  it('takes no offence at a connection that is closed while it carries nothing', async ({
    build,
  }) => {
    await truly(
      (arrival) => (arrival.answer(), arrival.socket.end()),
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 1, requests: 3, rate: 1 },
          'a server that closes after each answer, without a word',
        )
        counts(
          run,
          3,
          {},
          'a connection that the server closes while it carries no request is no error',
        )
      },
    )
  })

  it('keeps a connection of HTTP/1.0 that is kept alive', async ({ build }) => {
    await truly(
      ({ answer }) =>
        answer(ok('ok', 200, 'Connection: Keep-Alive').replace('HTTP/1.1', 'HTTP/1.0')),
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 2, requests: 20 },
          'a server of HTTP/1.0 that keeps connections alive',
        )
        counts(run, 20, {}, 'HTTP/1.0 can persist (RFC 9112 §9.3)')
        if (truth.connections === 2) return
        throw run.fails(
          '2 connections',
          String(truth.connections),
          'HTTP/1.0 with keep-alive persists (RFC 9112 §9.3)',
        )
      },
    )
  })

  it('finds the end of every answer, however its bytes are cut', async ({ build }) => {
    const answers = [
      ok('', 204).replace('Content-Length: 0\r\n', ''),
      ok('x'.repeat(300)),
      ok(''),
      'HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n00A \t; x="y"\r\n0123\r\n4567\r\n0\r\nX-Trailer: y\r\nZ: 1\r\n\r\n',
      'HTTP/1.1 200 OK\r\nA: 1\r\nTRANSFER-ENCODING:chunked\r\n\r\nb\r\n0\r\n\r\nHTTP/1\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: \tchunked\r\n\r\n2\r\nok\r\n2\r\n\r\n\r\n0\r\n\r\n',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('after')}`,
      'HTTP/1.1 200 \r\ncOnTeNt-LeNgTh:\t5 \r\n\r\nHTTP/',
    ]
    await truly(
      (arrival) => {
        const bytes = answers[arrival.number % answers.length] ?? ''
        // Each of them whole, and then cut.
        if (Math.floor(arrival.number / answers.length) % 2 === 0) return arrival.answer(bytes)
        const step = Math.max(1, Math.ceil(bytes.length / 12))
        const send = (at: number) => {
          if (at + step >= bytes.length) return arrival.answer(bytes.slice(at))
          arrival.socket.write(Buffer.from(bytes.slice(at, at + step), 'latin1'))
          setTimeout(send, 1, at + step)
        }
        send(0)
      },
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 1, requests: 32 },
          'a server that ends its answers in every way, byte by byte',
        )
        counts(
          run,
          32,
          {},
          'an answer ends by its length, or with the last chunk and its trailer section (RFC 9112 §6.3)',
        )
        if (truth.connections === 1) return
        throw run.fails(
          'one connection for all',
          `${truth.connections} connections`,
          'after a complete answer the connection is used again (RFC 9112 §9.3)',
        )
      },
    )
  })

  it('sends the request that it is told to, and reads the answer to HEAD as one', async ({
    build,
  }) => {
    const heads: string[] = []
    await truly(
      ({ head, content, answer }) => {
        heads.push(`${head}\n\n${content.toString('latin1')}`)
        const [withContent, headAlone] = [ok('made', 201), ok('0123456789', 304).slice(0, -10)]
        if (head.startsWith('HEAD')) answer(headAlone.replace('304', '200'))
        else answer(/^if-none-match:/im.test(head) ? headAlone : withContent)
      },
      async (truth) => {
        const why = 'the comments above `LoadOptions`'
        const post = {
          url: truth.url,
          connections: 1,
          requests: 2,
          method: 'POST',
          headers: { 'X-Load': 'a b' },
          content: 'h\u00e9llo',
          expectedStatus: 201,
        }
        const run = await load(build, post, 'a server that looks at requests')
        counts(run, 2, {}, why)
        const text = heads[0] ?? ''
        const isRight =
          /^POST \/load\?a=b HTTP\/1\.1\n/.test(text) &&
          new RegExp(`^host: *${new URL(truth.url).host}$`, 'im').test(text) &&
          /^x-load: *a b$/im.test(text) &&
          text.endsWith('\n\nh\xc3\xa9llo')
        if (!isRight)
          throw run.fails(
            'POST /load?a=b with Host, X-Load, and "héllo" as UTF-8',
            JSON.stringify(text),
            why,
          )
        const other = await load(build, { ...post, expectedStatus: 200 }, 'the same server')
        counts(
          other,
          0,
          { 'wrong-status': 2 },
          'another status than the expected one is no success, be it 201',
        )
        const asked = await load(
          build,
          { url: truth.url, connections: 1, requests: 3, method: 'HEAD' },
          'the same server',
        )
        counts(asked, 3, {}, 'the answer to HEAD ends with its head (RFC 9112 §6.3)')
        const unchanged = await load(
          build,
          {
            url: truth.url,
            connections: 1,
            requests: 3,
            headers: { 'If-None-Match': '*' },
            expectedStatus: 304,
          },
          'the same server',
        )
        counts(
          unchanged,
          3,
          {},
          'a 304 ends with its head, whatever length it tells (RFC 9112 §6.3)',
        )
        const last = heads.at(-1) ?? ''
        if (!last.startsWith('GET /load?a=b HTTP/1.1\n'))
          throw unchanged.fails(
            'GET /load?a=b',
            JSON.stringify(last),
            'method is GET, if none is said',
          )
      },
    )
  })

  it('counts the seconds of a run from its own beginning', async ({ build }) => {
    // What is slow for us may be slow for the second run too, on a machine that is busy enough.
    await tries([3000, 9000], async (firstMs) => {
      const seconds = await truly(
        ({ number, answer }) => notBefore(number === 0 ? firstMs : 0, answer),
        ({ url }) =>
          probe(
            build,
            'level2/load-tester.ts',
            async (module: Module, options: Options) => {
              await module.runLoad(options)
              return (await module.runLoad(options)).seconds
            },
            { url, connections: 1, requests: 1, timeoutMs: 30_000 },
            { patienceMs: 40_000 },
          ),
      )
      if (seconds * 1000 < firstMs / 2) return
      throw new Expectation({
        steps: [
          `call runLoad with one request, which is answered after ${firstMs} ms`,
          'call it once more: this request is answered at once',
        ],
        expected: `seconds of the second run, less than ${firstMs / 2000}`,
        received: String(seconds),
        why: 'from the start to the last request’s end: the comment above `seconds`',
      })
    })
  })

  it('takes no failure that comes late for a part of its seconds', async ({ build }) => {
    await tries([3000, 12_000], async (timeoutMs) => {
      const run = await truly(
        ({ number, answer }) => {
          if (number !== 1) notBefore(20, answer)
        },
        ({ url }) =>
          load(
            build,
            { url, connections: 2, seconds: 0.5, timeoutMs },
            'a server that leaves the second request without an answer',
          ),
      )
      if (run.result.errors.timeout !== 1)
        throw run.fails(
          '1 timeout',
          `${run.result.errors.timeout}`,
          'requests under way are waited for, and counted',
        )
      if (run.result.seconds >= 0.5 && run.result.seconds * 1000 < timeoutMs * 0.75) return
      throw run.fails(
        'seconds: 0.5, or to the last success where that came later',
        String(run.result.seconds),
        'the comment above `seconds`: one request that fails after all others were answered makes no server slower',
      )
    })
  })

  it('starts nothing after its time, waits for what is under way, and counts it', async ({
    build,
  }) => {
    await truly(
      ({ answer }) => notBefore(250, answer),
      async (truth) => {
        // A machine that is busy enough lets nobody send two requests in 600 ms.
        const atLeastTwice = async ([seconds = 0, ...longer]: readonly number[]) => {
          const before = truth.arrivals.length
          const run = await load(
            build,
            { url: truth.url, connections: 3, seconds },
            'a server that answers after 250 ms',
          )
          const arrivals = truth.arrivals.slice(before)
          counts(
            run,
            arrivals.length,
            {},
            'requests under way when time is up are waited for, and counted',
          )
          if (arrivals.length >= 6) return { run, seconds, arrivals }
          if (longer.length > 0) return await atLeastTwice(longer)
          throw run.fails(
            'at least two requests on each of 3 connections',
            String(arrivals.length),
            'requests are started for `seconds`',
          )
        }
        const { run, seconds, arrivals } = await atLeastTwice([0.6, 1.2, 4.8])
        const [first, last] = [arrivals[0]?.atMs ?? 0, arrivals.at(-1)?.atMs ?? 0]
        if (run.result.seconds < seconds)
          throw run.fails(
            `seconds: at least ${seconds}`,
            String(run.result.seconds),
            'the comment above `seconds`',
          )
        // Each answer takes 250 ms: so many begin within the time, one after the other on each connection.
        const most = 3 * Math.ceil((seconds * 1000) / 250)
        if (arrivals.length > most)
          throw run.fails(
            `at most ${most} requests`,
            String(arrivals.length),
            'no request starts later than `seconds`',
          )
        // The last of them may have been on its way for a moment.
        if (last - first > seconds * 1000 + 1000)
          throw run.fails(
            'no request after the time is up',
            `one ${Math.round(last - first)} ms after the first`,
            'no request starts later than `seconds`',
          )
        const both = await load(
          build,
          { url: truth.url, connections: 3, seconds: 30, requests: 3 },
          'the same server',
        )
        counts(both, 3, {}, 'of `seconds` and `requests`, the first to be reached ends the run')
      },
    )
  })

  it('starts requests on schedule, whether or not earlier ones are answered', async ({ build }) => {
    const rate = 100
    // The first request comes late, on a busy machine, and the others seem to follow too soon.
    await tries([0.6, 2.4], async (seconds) => {
      const requests = rate * seconds
      const spanMs = (requests - 1) * (1000 / rate)
      await truly(
        ({ answer }) => notBefore(400, answer),
        async (truth) => {
          const run = await load(
            build,
            { url: truth.url, connections: requests, rate, seconds },
            'a server that answers after 400 ms',
          )
          counts(run, requests, {}, 'all requests of the schedule are counted: rate × seconds')
          const [first, last] = [truth.arrivals[0]?.atMs ?? 0, truth.arrivals.at(-1)?.atMs ?? 0]
          if (last - first < spanMs * 0.85 - 5) {
            throw run.fails(
              `${requests} requests over ${spanMs} ms`,
              `${requests} requests within ${Math.round(last - first)} ms`,
              'request number i starts i / rate seconds after the beginning',
            )
          }
          if (truth.mostWaiting < 6) {
            throw run.fails(
              'many requests under way at once',
              `${truth.mostWaiting} at most`,
              'in the open loop a request starts whether or not earlier ones are answered',
            )
          }
          atLeast(run, 'p50', 400 * 0.85 - 5, 'latency counts from the time in the schedule')
        },
      )
    })
  })

  it('sees what a closed loop leaves out: a server that stands still once', async ({ build }) => {
    const pauseMs = 600
    const standingStill = (after: number) => {
      const held: (() => void)[] = []
      let state: 'before' | 'pause' | 'after' = 'before'
      return ({ number, answer }: Arrival) => {
        if (number === after && state === 'before') {
          state = 'pause'
          notBefore(pauseMs, () => {
            state = 'after'
            for (const go of held.splice(0)) go()
          })
        }
        if (state === 'pause') held.push(() => answer())
        else answer()
      }
    }
    await truly(standingStill(60), async (truth) => {
      const run = await load(
        build,
        { url: truth.url, connections: 2, rate: 300, requests: 300 },
        `a server that stands still once for ${pauseMs} ms`,
      )
      const why =
        'whoever was due while the server stood still has waited, also without a connection: latency counts from the schedule (coordinated omission)'
      counts(run, 300, {}, 'all requests of the schedule are counted')
      atLeast(run, 'p50', 30, why)
      atLeast(run, 'p90', pauseMs * 0.6, why)
      atLeast(run, 'p99', pauseMs * 0.8, why)
    })
    await truly(standingStill(60), async (truth) => {
      const run = await load(
        build,
        { url: truth.url, connections: 2, requests: 300 },
        `a server that stands still once for ${pauseMs} ms`,
      )
      const why = 'in the closed loop each connection meets the pause once'
      counts(run, 300, {}, why)
      below(run, 'p90', pauseMs / 2, why)
      atLeast(run, 'max', pauseMs * 0.85 - 5, why)
    })
  })

  it('lets requests wait for a connection, and counts the waiting', async ({ build }) => {
    await truly(
      ({ answer }) => notBefore(40, answer),
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 1, rate: 200, requests: 20 },
          'a server that answers after 40 ms, on one connection',
        )
        const why =
          'a request that found no free connection has waited since its time in the schedule'
        counts(run, 20, {}, why)
        if (truth.mostOpen !== 1)
          throw run.fails(
            'one connection at a time',
            String(truth.mostOpen),
            '`connections` is the most that are open at once',
          )
        // The last one is due after 95 ms, and its turn is after nineteen others.
        atLeast(run, 'max', (20 * 40 - 95) * 0.85 - 5, why)
      },
    )
    await truly(
      () => {},
      async (truth) => {
        const run = await load(
          build,
          { url: truth.url, connections: 1, rate: 200, requests: 20, timeoutMs: 400 },
          'a server that never answers',
        )
        counts(run, 0, { timeout: 20 }, '`timeoutMs` counts from where the latency counts')
      },
    )
  })

  it('refuses options that make no sense', async ({ build }) => {
    const url = 'http://127.0.0.1:9/'
    const senseless: readonly Options[] = [
      { url },
      { url, requests: 1.5 },
      { url, seconds: -1 },
      { url, requests: 1, connections: 0 },
      { url, requests: 1, rate: 0 },
      { url: 'nonsense', requests: 1 },
      { url: 'ftp://127.0.0.1/', requests: 1 },
    ]
    const names = await probe(
      build,
      'level2/load-tester.ts',
      async (module: Module, all: readonly Options[]) => {
        const names: string[] = []
        for (const options of all) {
          try {
            await module.runLoad(options)
            names.push('a result')
          } catch (error) {
            names.push(`${(error as Error).name}: ${(error as Error).message}`)
          }
        }
        return names
      },
      senseless,
    )
    const wrong = names.findIndex((name) => !/^TypeError: ./.test(name))
    if (wrong === -1) return
    throw new Expectation({
      steps: [`call runLoad with ${JSON.stringify(senseless[wrong])}`],
      expected: 'a TypeError with a sentence',
      received: names[wrong] ?? 'nothing',
      why: 'options that make no sense are said so, not measured',
    })
  })
})
