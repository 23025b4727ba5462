/** The reference server of level 2, over the socket: one request, one answer, and a close that loses nothing. */
import { once } from 'node:events'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Route } from '../../solutions/level2/app.ts'
import { Connection } from '../../solutions/level2/connection.ts'
import type { ContentStream, Handler } from '../../solutions/level2/http.ts'
import { Router } from '../../solutions/level2/router.ts'
import { createServer } from '../../solutions/level2/server.ts'
import { defaults, type Settings } from '../../solutions/level2/settings.ts'
import { Client, contentOf, statusOf } from './client.ts'

const servers: Server[] = []
const clients: Client[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  )
})

async function listen(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

function settingsWith(settings: Partial<Settings>): Settings {
  return { HOST: '127.0.0.1', PORT: 0, LOG: false, ...defaults, ...settings }
}

/** The server of level 2, with some settings changed. */
function start(settings: Partial<Settings> = {}): Promise<number> {
  return listen(createServer(settingsWith(settings)))
}

/** A server with one route of our own, `GET /`. */
function startWith(handler: Handler, settings: Partial<Settings> = {}): Promise<number> {
  const app = new Router<Route>().add('GET', '/', { method: 'GET', pattern: '/', handler })
  return listen(
    createTcpServer({ allowHalfOpen: true }, (socket) => {
      new Connection(socket, app, settingsWith(settings)).start()
    }),
  )
}

function open(port: number): Client {
  const client = new Client(port)
  clients.push(client)
  return client
}

/** Sends bytes, and gives everything that comes back up to the FIN. */
async function ask(port: number, bytes: string): Promise<string> {
  return await open(port).send(bytes).toEnd()
}

function get(path: string, fields = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
}

describe('an answer', () => {
  it('says what it is, and that it is the last', async () => {
    const port = await start()
    const answer = await ask(port, get('/'))
    const [statusLine, ...lines] = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n')
    expect(statusLine).toBe('HTTP/1.1 200 OK')
    expect(lines.sort()).toEqual([
      'Connection: close',
      'Content-Length: 13',
      'Content-Type: text/plain; charset=utf-8',
      expect.stringMatching(/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/),
    ])
    expect(contentOf(answer)).toBe('Hello, World!')
  })

  it.each([
    ['/greet?name=J%C3%BCrgen+B', 'Hello, J\xc3\xbcrgen B!'],
    ['/greet?name=', 'Hello, !'],
    ['/greet', 'Hello, stranger!'],
    ['/greet?name=%zz&name=b', 'Hello, %zz!'],
    ['/users/a%2Fb', '{"id":"a/b"}'],
    ['/users/1/posts/x%20y', '{"id":"1","postId":"x y"}'],
    ['/fib/20', '{"n":20,"value":6765}'],
    ['/fib/007', '{"n":7,"value":13}'],
    ['http://other/users/1', '{"id":"1"}'],
    ['http://other', 'Hello, World!'],
    ['/bytes/0', ''],
    ['/bytes/3', '\0\x01\x02'],
  ])('GET %s', async (path, content) => {
    const answer = await ask(await start(), get(path))
    expect(statusOf(answer)).toBe(200)
    expect(contentOf(answer)).toBe(content)
    expect(answer).toContain(`Content-Length: ${content.length}\r\n`)
  })

  it('has the fields of GET and no content after HEAD, refusals too', async () => {
    const port = await start()
    for (const path of ['/', '/users/1', '/bytes/1073741824', '/nowhere', '/fib/41', '/fail']) {
      const [head, got] = await Promise.all([
        ask(port, get(path).replace('GET', 'HEAD')),
        path.startsWith('/bytes') ? undefined : ask(port, get(path)),
      ])
      expect(contentOf(head)).toBe('')
      if (got !== undefined) expect(head).toBe(got.slice(0, got.indexOf('\r\n\r\n') + 4))
      else expect(head).toContain('Content-Length: 1073741824\r\n')
    }
  })

  it.each([
    'HEAD / HTTP/1.1\r\n\r\n',
    '\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
    'HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n',
    'HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n',
  ])('has no content when the HEAD itself is refused: %j', async (bytes) => {
    const client = open(await start({ BODY_TIMEOUT_MS: 50 }))
    for (const byte of bytes) {
      await new Promise((resolve) => client.socket.write(byte, resolve))
    }
    const answer = await client.toEnd()
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400)
    expect(contentOf(answer)).toBe('')
  })

  it('streams its pattern across the borders of its pieces', async () => {
    const length = 1_500_001
    const answer = await ask(await start(), get(`/bytes/${length}`))
    const content = Buffer.from(contentOf(answer), 'latin1')
    expect(content.length).toBe(length)
    expect(content.findIndex((byte, index) => byte !== index % 251)).toBe(-1)
  })

  it('echoes content of any bytes and size', async () => {
    const content = Array.from({ length: 300_000 }, (_, i) =>
      String.fromCharCode((i * 7) % 256),
    ).join('')
    const head = `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: x/y\r\nContent-Length: ${content.length}\r\n\r\n`
    const answer = await ask(await start(), head + content)
    expect(answer).toContain('Content-Type: x/y\r\n')
    expect(contentOf(answer) === content).toBe(true)
  })

  it('comes also to a client that has sent its FIN', async () => {
    const client = open(await start()).send(get('/work'))
    client.socket.end()
    expect(contentOf(await client.toEnd())).toBe('done')
  })

  it('is one: a second request on the connection is dropped', async () => {
    const answer = await ask(await start(), get('/') + get('/users/1'))
    expect(answer.split('HTTP/1.1 ')).toHaveLength(2)
  })
})

describe('the order of faults', () => {
  const long = 'x'.repeat(9000)
  const big = 'Content-Length: 99999999\r\n'
  it.each<[number, string, string]>([
    [414, 'a long request line that is wrong', `GET  /${long} HTTP/9.9\r\n\r\n`],
    [400, 'a wrong request line of another version', 'GET  / HTTP/9.9\r\nHost: a\r\n\r\n'],
    [505, 'another version with too many fields', `GET / HTTP/2.0\r\nA: ${long}${long}\r\n\r\n`],
    [431, 'too many fields, one of them wrong', `GET / HTTP/1.1\r\nA b: ${long}${long}\r\n\r\n`],
    [
      400,
      'no Host, and an unknown coding',
      'GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n',
    ],
    [
      501,
      'an unknown coding and an unknown path',
      get('/nowhere', 'Transfer-Encoding: gzip, chunked\r\n'),
    ],
    [501, 'an unknown method and an unknown path', get('/nowhere').replace('GET', 'BREW')],
    [501, 'an unknown method and a bad escape', get('/%zz').replace('GET', 'CONNECT')],
    [400, 'a bad escape and another method', get('/users/%zz', big).replace('GET', 'POST')],
    [404, 'an unknown path and a wrong expectation', get('/nowhere', 'Expect: x\r\n')],
    [
      405,
      'another method and a parameter out of range',
      get('/fib/41', big).replace('GET', 'POST'),
    ],
    [
      400,
      'a parameter out of range and a wrong expectation',
      get('/fib/41', `Expect: x\r\n${big}`),
    ],
    [417, 'a wrong expectation and too much content', get('/', `Expect: x\r\n${big}`)],
    [413, 'too much content', get('/', big)],
    [413, 'chunks that are too much', get('/', 'Transfer-Encoding: chunked\r\n') + '5F5E0FF\r\n'],
    [400, 'chunks that are none', get('/', 'Transfer-Encoding: chunked\r\n') + 'x\r\n'],
  ])('%i for %s', async (status, _title, bytes) => {
    const answer = await ask(await start(), bytes)
    expect(statusOf(answer)).toBe(status)
    expect(answer).toContain('\r\nConnection: close\r\n')
    expect(answer).toContain('\r\nContent-Type: text/plain; charset=utf-8\r\n')
    expect(contentOf(answer)).not.toBe('')
  })

  it('names the methods of a path', async () => {
    const port = await start()
    expect(await ask(port, get('/').replace('GET', 'PUT'))).toMatch(/\r\nAllow: GET, HEAD\r\n/)
    expect(await ask(port, get('/echo'))).toMatch(/\r\nAllow: POST\r\n/)
  })

  it.each([
    '/fib/-1',
    '/fib/41',
    '/fib/1e1',
    '/fib/x',
    '/fib/1.0',
    '/fib/99999999999999999999',
    '/bytes/1073741825',
  ])('refuses %s with 400', async (path) =>
    expect(statusOf(await ask(await start(), get(path)))).toBe(400),
  )
})

describe('patience', () => {
  it.each<[string, Partial<Settings>, string]>([
    ['a header section', { HEADER_TIMEOUT_MS: 150 }, 'GET / HTTP/1.1\r\nHost: a\r\n'],
    [
      'content',
      { BODY_TIMEOUT_MS: 150 },
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n',
    ],
    [
      'chunks',
      { BODY_TIMEOUT_MS: 150 },
      'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3E8\r\n',
    ],
  ])(
    'ends with 408 when %s does not come to its end, however often bytes come',
    async (_title, settings, bytes) => {
      const client = open(await start(settings)).send(bytes)
      const began = performance.now()
      const trickle = setInterval(() => client.send('x'), 20)
      const answer = await client.until('\r\n\r\n')
      clearInterval(trickle)
      expect(statusOf(answer)).toBe(408)
      expect(performance.now() - began).toBeGreaterThan(140)
      await client.toEnd()
      expect(client.errorCode).toBeUndefined()
    },
  )

  it('gives content its own time', async () => {
    const client = open(await start({ HEADER_TIMEOUT_MS: 60 }))
    client.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
    )
    await client.until('100 Continue')
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(await client.send('ok').toEnd()).toContain('200 OK')
  })

  it('closes silently on a client that never says anything', async () => {
    const client = open(await start({ HEADER_TIMEOUT_MS: 50 }))
    expect(await client.toEnd()).toBe('')
    expect(client.errorCode).toBeUndefined()
  })

  it('waits without end when it is switched off', async () => {
    const client = open(
      await start({ HEADER_TIMEOUT_MS: 0, BODY_TIMEOUT_MS: 0, WRITE_TIMEOUT_MS: 0 }),
    )
    await once(client.socket, 'connect')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(statusOf(await client.send(get('/')).toEnd())).toBe(200)
  })

  it('answers 400 to a request that is cut off', async () => {
    const client = open(await start()).send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc',
    )
    client.socket.end()
    expect(statusOf(await client.toEnd())).toBe(400)
  })

  it('closes on a client that says nothing but FIN', async () => {
    const client = open(await start())
    client.socket.end()
    expect(await client.toEnd()).toBe('')
  })
})

describe('Expect (RFC 9110 §10.1.1)', () => {
  const post = (fields: string, version = '1.1') =>
    `POST /echo HTTP/${version}\r\nHost: a\r\n${fields}\r\n`

  it.each([
    'Expect: 100-continue\r\nContent-Length: 2\r\n',
    'EXPECT:100-Continue\r\nContent-Length: 2\r\n',
    'Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n',
  ])('asks for content that will be served: %j', async (fields) => {
    const client = open(await start()).send(post(fields))
    await client.until('HTTP/1.1 100 Continue\r\n\r\n')
    client.send(fields.includes('chunked') ? '2\r\nok\r\n0\r\n\r\n' : 'ok')
    expect(await client.toEnd()).toMatch(
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/,
    )
  })

  it.each<[string, number, string]>([
    ['too much content', 413, post('Expect: 100-continue\r\nContent-Length: 99999999\r\n')],
    [
      'an unknown path',
      404,
      post('Expect: 100-continue\r\nContent-Length: 2\r\n').replace('echo', 'x'),
    ],
    ['another expectation', 417, post('Expect: 100-continue, x\r\nContent-Length: 2\r\n')],
  ])('refuses without 100: %s', async (_title, status, bytes) => {
    expect(statusOf(await ask(await start(), bytes))).toBe(status)
  })

  it('is not answered by 100 when no content is to come, nor in HTTP/1.0', async () => {
    const port = await start()
    expect(await ask(port, post('Expect: 100-continue\r\n'))).toMatch(/^HTTP\/1\.1 200/)
    const old = post('Expect: 100-continue\r\nContent-Length: 2\r\n', '1.0')
    expect(await ask(port, `${old}ok`)).toMatch(/^HTTP\/1\.1 200/)
  })
})

describe('a refusal', () => {
  it('reaches a client that goes on sending', async () => {
    const client = open(await start())
    client.send('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n')
    client.send(Buffer.alloc(8_000_000))
    const answer = await client.toEnd()
    expect(statusOf(answer)).toBe(413)
    expect(client.errorCode).toBeUndefined()
  })

  it('does not wait for ever for the FIN of the client', async () => {
    const port = await start()
    const accepted = once(servers[0]!, 'connection')
    const client = open(port).send('x\r\n\r\n')
    await client.until('\r\n\r\n')
    const [socket] = (await accepted) as [Socket]
    // We never send FIN; the server's patience ends after two seconds of silence.
    await once(socket, 'close')
    expect(client.errorCode).toBeUndefined()
  }, 5_000)
})

describe('a handler', () => {
  it('that fails is a 500, and nothing more', async () => {
    const port = await start()
    expect(statusOf(await ask(port, get('/fail')))).toBe(500)
    expect(statusOf(await ask(port, get('/')))).toBe(200)
  })

  it.each<[string, Handler]>([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws what is no error',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- a learner's handler may
        throw null
      },
    ],
  ])('that %s is a 500', async (_title, handler) => {
    expect(statusOf(await ask(await startWith(handler), get('/')))).toBe(500)
  })

  it('that waits does not hold others', async () => {
    const port = await start()
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(port, get('/work'))))
    expect(answers.every((answer) => contentOf(answer) === 'done')).toBe(true)
    // One after the other they would take ten seconds.
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('that computes does not hold others, and waits in a bounded queue', async () => {
    const port = await start({ POOL_SIZE: 1, MAX_QUEUE: 1 })
    const busy = [1, 2].map(() => open(port).send(get('/fib/34')))
    await Promise.all(busy.map(({ socket }) => once(socket, 'connect')))
    expect(statusOf(await ask(port, get('/')))).toBe(200)
    const refused = await ask(port, get('/fib/1'))
    expect(statusOf(refused)).toBe(503)
    expect(refused).toMatch(/\r\nRetry-After: [0-9]+\r\n/)
    for (const client of busy) expect(await client.toEnd()).toContain('"value":5702887')
  })

  it('learns when its client has gone', async () => {
    const gone = Promise.withResolvers<void>()
    const port = await startWith((_request, _params, client) => {
      client.gone.addEventListener('abort', () => gone.resolve())
      left.leave()
      return new Promise(() => {})
    })
    const left = open(port).send(get('/'))
    await gone.promise
  })
})

describe('backpressure', () => {
  /** Content without end; tells how much of it was made, and when it was freed. */
  function endless(): { content: ContentStream; made: () => number; freed: Promise<void> } {
    const freed = Promise.withResolvers<void>()
    const piece = Buffer.alloc(65_536, 'x')
    let made = 0
    const content: ContentStream = {
      length: undefined,
      [Symbol.asyncIterator]: () => ({
        next: () => {
          made += piece.length
          return Promise.resolve({ done: false, value: piece })
        },
        return: () => {
          freed.resolve()
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    }
    return { content, made: () => made, freed: freed.promise }
  }

  it('makes no more than the kernel takes, and gives up on a client that reads nothing', async () => {
    const { content, made, freed } = endless()
    const port = await startWith(() => ({ status: 200, content }), { WRITE_TIMEOUT_MS: 200 })
    const client = open(port).send(get('/'))
    client.socket.pause()
    await freed
    // What fits into the buffers of the kernel's two sockets, and one piece.
    expect(made()).toBeLessThan(32 * 1_048_576)
    client.socket.resume()
    await expect(client.toEnd()).rejects.toThrow(/ECONNRESET/)
  })

  it('frees everything when the client leaves in the middle', async () => {
    const { content, freed } = endless()
    const client = open(await startWith(() => ({ status: 200, content }))).send(get('/'))
    client.socket.pause()
    await once(client.socket, 'readable').catch(() => {})
    client.leave()
    await freed
  })

  it('frees content that is still being made when the client leaves', async () => {
    const freed = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const content: ContentStream = {
      length: 5,
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked.resolve()
          return new Promise(() => {})
        },
        return: () => {
          freed.resolve()
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    }
    const client = open(await startWith(() => ({ status: 200, content }))).send(get('/'))
    await asked.promise
    client.leave()
    await freed.promise
  })

  it('lets others have their turn while a fast client takes all it can', async () => {
    const { content, freed } = endless()
    const served = startWith(({ query }) => ({
      status: 200,
      content: query === 'big' ? content : 'ok',
    }))
    const big = open(await served).send(get('/?big'))
    big.socket.removeAllListeners('data').on('data', () => {})
    await once(big.socket, 'data')
    expect(contentOf(await ask(await served, get('/')))).toBe('ok')
    big.leave()
    await freed
  })

  it.each<[string, number | undefined, Buffer[]]>([
    ['shorter than it said', 5, [Buffer.from('abc')]],
    ['longer than it said', 5, [Buffer.from('abcdef')]],
  ])('resets an answer that is %s', async (_title, length, made) => {
    const content: ContentStream = {
      length,
      async *[Symbol.asyncIterator]() {
        yield* made
      },
    }
    const client = open(await startWith(() => ({ status: 200, content }))).send(get('/'))
    await expect(client.toEnd()).rejects.toThrow()
    expect(contentOf(client.received).length).toBeLessThan(5)
  })

  it('does not make an incomplete answer of unknown length look complete', async () => {
    const content: ContentStream = {
      length: undefined,
      async *[Symbol.asyncIterator]() {
        yield Buffer.from('abc')
        throw new Error('the disk is gone')
      },
    }
    const client = open(await startWith(() => ({ status: 200, content }))).send(get('/'))
    await expect(client.toEnd()).rejects.toThrow(/ECONNRESET/)
  })
})

describe('idle connections', () => {
  it('cost less, all together in 300 ms, than one request of each', async () => {
    const sockets = new Set<Socket>()
    const port = await start()
    servers[0]!.on('connection', (socket) => sockets.add(socket))
    const idle = Array.from({ length: 200 }, () => open(port))
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')))
    expect(statusOf(await ask(port, get('/')))).toBe(200)
    expect(sockets.size).toBe(201)

    // Processor time of this process alone; of several tries the least, because a collection of garbage may fall into one.
    const least = async (work: () => Promise<unknown>) => {
      const costs: number[] = []
      for (let tries = 0; tries < 3; tries++) {
        const before = process.cpuUsage()
        await work()
        const { user, system } = process.cpuUsage(before)
        costs.push(user + system)
      }
      return Math.min(...costs)
    }
    const idling = await least(() => new Promise((resolve) => setTimeout(resolve, 300)))
    const asking = await least(() =>
      Promise.all(idle.map(async () => statusOf(await ask(port, get('/'))))),
    )
    expect(idling).toBeLessThan(asking)
  })
})
