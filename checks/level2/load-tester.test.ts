/** The reference load tester of level 2, against servers whose truth is known. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type LoadOptions, runLoad } from '../../solutions/level2/load-tester.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const servers: Server[] = []
const sockets = new Set<Socket>()

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** What a server does with a request: the first has number 0. */
type Behaviour = (socket: Socket, number: number, request: string) => void

/** Counts requests by their empty lines, and leaves the rest to `behaviour`. */
async function serve(behaviour: Behaviour): Promise<{ url: string; stats: Stats }> {
  const stats: Stats = { requests: 0, connections: 0, atOnce: 0, mostAtOnce: 0 }
  const server = createServer((socket) => {
    stats.connections += 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      while (text.includes('\r\n\r\n')) {
        const request = text.slice(0, text.indexOf('\r\n\r\n'))
        text = text.slice(request.length + 4)
        behaviour(socket, stats.requests++, request)
      }
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/path?query=1`, stats }
}

interface Stats {
  requests: number
  connections: number
  atOnce: number
  mostAtOnce: number
}

const none = { connect: 0, reset: 0, timeout: 0, 'early-close': 0, 'wrong-status': 0 }

describe('runLoad, closed loop', () => {
  it('sends as many requests as asked for, over connections that the server keeps open', async () => {
    const { url, stats } = await serve((socket) => socket.write(OK))
    const result = await runLoad({ url, connections: 5, requests: 203 })
    expect(result).toMatchObject({ requests: 203, successes: 203, errors: none })
    expect(stats).toMatchObject({ requests: 203, connections: 5 })
    expect(result.requestsPerSecond).toBeCloseTo(203 / result.seconds)
  })

  it('sends a request that is right to the byte', async () => {
    const seen: string[] = []
    const { url } = await serve((socket, _number, request) => {
      seen.push(request)
      socket.write(OK)
    })
    await runLoad({ url, requests: 1, method: 'POST', headers: { 'X-A': 'b' }, content: 'é' })
    expect(seen).toEqual([
      `POST /path?query=1 HTTP/1.1\r\nHost: ${new URL(url).host}\r\nX-A: b\r\nContent-Length: 2`,
    ])
  })

  it('keeps all connections busy at once', async () => {
    const { url, stats } = await serve((socket) => {
      stats.atOnce += 1
      stats.mostAtOnce = Math.max(stats.mostAtOnce, stats.atOnce)
      setTimeout(() => {
        stats.atOnce -= 1
        socket.write(OK)
      }, 50)
    })
    const result = await runLoad({ url, connections: 40, requests: 200 })
    expect(stats.mostAtOnce).toBe(40)
    expect(result.latencyMs.p50).toBeGreaterThan(49)
    expect(result.seconds).toBeLessThan(200 * 0.05 * 0.5)
  })

  it('ends when the time is up, and waits for what is under way', async () => {
    const { url, stats } = await serve((socket) => setTimeout(() => socket.write(OK), 40))
    const result = await runLoad({ url, connections: 3, seconds: 0.3 })
    expect(result.requests).toBe(stats.requests)
    expect(result).toMatchObject({ successes: result.requests, errors: none })
    expect(result.seconds).toBeGreaterThanOrEqual(0.3)
  })

  it('tells two humps apart', async () => {
    const { url } = await serve((socket, number) => {
      setTimeout(() => socket.write(OK), number % 5 === 0 ? 150 : 20)
    })
    const { latencyMs } = await runLoad({ url, connections: 10, requests: 200 })
    expect(latencyMs.p50).toBeGreaterThan(19)
    expect(latencyMs.p50).toBeLessThan(100)
    expect(latencyMs.p90).toBeGreaterThan(149)
    expect(latencyMs.max).toBeGreaterThanOrEqual(latencyMs.p99)
  })
})

describe('runLoad, the ends of answers', () => {
  it.each<[string, Behaviour]>([
    [
      'close after each answer',
      (socket) => socket.end(OK.replace('\r\n\r\n', '\r\nConnection: Close\r\n\r\n')),
    ],
    [
      'content that ends with the connection',
      (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil close'),
    ],
    ['HTTP/1.0', (socket) => socket.end(OK.replace('1.1', '1.0'))],
  ])('opens a connection for each request: %s', async (_title, behaviour) => {
    const { url, stats } = await serve(behaviour)
    const result = await runLoad({ url, connections: 4, requests: 40 })
    expect(result).toMatchObject({ requests: 40, successes: 40, errors: none })
    expect(stats.connections).toBe(40)
  })

  it.each<[string, string]>([
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhel\r\n\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n',
    ],
    ['an interim answer first', `HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}`],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    [
      'HTTP/1.0 that stays open',
      OK.replace('1.1', '1.0').replace('OK\r\n', 'OK\r\nConnection: keep-alive\r\n'),
    ],
    ['no content', 'HTTP/1.1 200 \r\ncontent-length:0\r\n\r\n'],
  ])('finds the end of an answer, byte by byte too: %s', async (_title, answer) => {
    const { url, stats } = await serve((socket, number) => {
      if (number % 2 === 0) return void socket.write(answer, 'latin1')
      void (async () => {
        for (const byte of answer)
          await new Promise((resolve) => socket.write(byte, 'latin1', resolve))
      })()
    })
    const result = await runLoad({ url, connections: 2, requests: 6 })
    expect(result).toMatchObject({ requests: 6, successes: 6, errors: none })
    expect(stats.connections).toBe(2)
  })

  it('waits for no content after a HEAD', async () => {
    const { url, stats } = await serve((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
    )
    const result = await runLoad({ url, connections: 1, requests: 5, method: 'HEAD' })
    expect(result.successes).toBe(5)
    expect(stats.connections).toBe(1)
  })
})

describe('runLoad, what is no success', () => {
  it.each<[string, keyof typeof none, Behaviour, Partial<LoadOptions>?]>([
    ['another status', 'wrong-status', (socket) => socket.write(OK.replace('200', '503'))],
    [
      'a status that was not asked for',
      'wrong-status',
      (socket) => socket.write(OK),
      { expectedStatus: 201 },
    ],
    ['no HTTP', 'wrong-status', (socket) => socket.write('SSH-2.0-OpenSSH\r\n\r\n')],
    ['more than was announced', 'wrong-status', (socket) => socket.write(`${OK}!`)],
    ['half of the content, then FIN', 'early-close', (socket) => socket.end(OK.slice(0, -1))],
    ['half of the head, then FIN', 'early-close', (socket) => socket.end(OK.slice(0, 20))],
    ['FIN and nothing else', 'early-close', (socket) => socket.end()],
    [
      'FIN before the last chunk',
      'early-close',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
    ],
    ['a reset', 'reset', (socket) => socket.resetAndDestroy()],
    [
      'half of the content, then nothing',
      'timeout',
      (socket) => socket.write(OK.slice(0, -1)),
      { timeoutMs: 60 },
    ],
    ['nothing at all', 'timeout', () => {}, { timeoutMs: 60 }],
    [
      'the answer after its time',
      'timeout',
      (socket) => setTimeout(() => socket.write(OK), 150),
      { timeoutMs: 60 },
    ],
  ])('counts %s as %s', async (_title, kind, behaviour, options = {}) => {
    // Every second request is answered well: the others must not spoil it.
    const { url } = await serve((socket, number, request) => {
      if (number % 2 === 0) behaviour(socket, number, request)
      else socket.write(OK.replace('200', String(options.expectedStatus ?? 200)))
    })
    const result = await runLoad({ url, connections: 1, requests: 6, ...options })
    expect(result).toMatchObject({ requests: 6, successes: 3, errors: { ...none, [kind]: 3 } })
  })

  it('counts a closed port as connect', async () => {
    const { url } = await serve(() => {})
    await new Promise((resolve) => servers.pop()!.close(resolve))
    const result = await runLoad({ url, connections: 2, requests: 5 })
    expect(result).toMatchObject({ requests: 5, successes: 0, errors: { ...none, connect: 5 } })
    expect(result).toMatchObject({ requestsPerSecond: 0, latencyMs: { p50: 0, p99: 0, max: 0 } })
  })
})

describe('runLoad, open loop', () => {
  it('starts requests on schedule', async () => {
    const { url } = await serve((socket) => socket.write(OK))
    const result = await runLoad({ url, connections: 20, rate: 200, seconds: 0.5 })
    expect(result).toMatchObject({ requests: 100, successes: 100, errors: none })
    expect(result.seconds).toBeLessThan(0.75)
  })

  it('counts the time that requests wait for a server that stands still', async () => {
    // The closed loop meets the pause once; the open one in everybody who came meanwhile.
    const behaviour = (): Behaviour => {
      let pausedUntil: number | undefined
      return (socket, number) => {
        if (number === 20) pausedUntil = performance.now() + 300
        const wait = Math.max(0, (pausedUntil ?? 0) - performance.now())
        if (wait === 0) socket.write(OK)
        else setTimeout(() => socket.write(OK), wait)
      }
    }
    const closed = await runLoad({
      url: (await serve(behaviour())).url,
      connections: 1,
      requests: 200,
    })
    const open = await runLoad({
      url: (await serve(behaviour())).url,
      connections: 1,
      rate: 400,
      requests: 200,
    })
    expect(closed.latencyMs.p90).toBeLessThan(100)
    expect(open.latencyMs.p50).toBeGreaterThan(closed.latencyMs.p90)
    expect(open.latencyMs.p90).toBeGreaterThan(200)
    expect(open.errors).toEqual(none)
  })

  it('fails requests that never got a connection in time', async () => {
    const { url } = await serve(() => {})
    const result = await runLoad({ url, connections: 1, rate: 100, requests: 20, timeoutMs: 80 })
    expect(result).toMatchObject({ requests: 20, successes: 0, errors: { ...none, timeout: 20 } })
  })

  it('forgives a connection that the server closes while it is idle', async () => {
    const { url, stats } = await serve((socket) => {
      socket.write(OK)
      setTimeout(() => socket.end(), 10)
    })
    const result = await runLoad({ url, connections: 1, rate: 10, requests: 4 })
    expect(result).toMatchObject({ successes: 4, errors: none })
    expect(stats.connections).toBe(4)
  })
})

describe('runLoad, options', () => {
  const url = 'http://127.0.0.1:1/'
  it.each<[Partial<LoadOptions>, RegExp]>([
    [{}, /seconds and requests/],
    [{ requests: 0 }, /requests/],
    [{ requests: 1.5 }, /requests/],
    [{ seconds: -1 }, /seconds/],
    [{ requests: 1, connections: 0 }, /connections/],
    [{ requests: 1, rate: NaN }, /rate/],
    [{ requests: 1, url: 'https://a/' }, /http/],
    [{ requests: 1, url: 'a' }, /http/],
  ])('refuses %j', async (options, sentence) => {
    await expect(runLoad({ url, ...options })).rejects.toThrow(sentence)
  })
})
