import fc from 'fast-check'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Expectation } from '../../harness/expectation.ts'
import { literal, printfArgument } from '../../harness/wire/bytes.ts'
import { field, MalformedResponse, pointAt, readResponse } from '../../harness/wire/response.ts'
import { Transcript } from '../../harness/wire/transcript.ts'
import { Wire } from '../../harness/wire/wire.ts'

const ok = 'HTTP/1.1 200 OK\r\n'

describe('reading a response (RFC 9112 §4, §6)', () => {
  const responses: [
    title: string,
    bytes: string,
    method: string,
    content: string,
    framing: string,
  ][] = [
    ['by Content-Length', `${ok}Content-Length: 5\r\n\r\nhello`, 'GET', 'hello', 'Content-Length'],
    [
      'by chunks',
      `${ok}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n`,
      'GET',
      'hello',
      'chunked',
    ],
    ['until the end of the connection', `${ok}\r\nhello`, 'GET', 'hello', 'close'],
    [
      'after an interim response',
      `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 1\r\n\r\nx`,
      'GET',
      'x',
      'Content-Length',
    ],
    ['to HEAD', `${ok}Content-Length: 5\r\n\r\n`, 'HEAD', '', 'no content'],
    ['with an empty reason phrase', 'HTTP/1.1 204 \r\n\r\n', 'GET', '', 'no content'],
  ]
  for (const [title, bytes, method, content, framing] of responses) {
    it(`finds the end ${title}, and nothing before it`, () => {
      const buffer = Buffer.from(bytes, 'latin1')
      const read = readResponse(buffer, true, { method })
      expect(read?.response).toMatchObject({ framing })
      expect(read?.response.content.toString()).toBe(content)
      expect(read?.length).toBe(buffer.length)
      for (let cut = 0; cut < buffer.length; cut++)
        expect(readResponse(buffer.subarray(0, cut), false, { method })).toBe(undefined)
    })
  }

  const wrong: [title: string, bytes: string, offset: number][] = [
    ['a status line without a space before the reason', 'HTTP/1.1 200OK\r\n\r\n', 12],
    ['a lower-case protocol name', 'http/1.1 200 OK\r\n\r\n', 0],
    ['a bare LF', 'HTTP/1.1 200 OK\nA: b\r\n\r\n', 15],
    ['a space before the colon', `${ok}A : b\r\n\r\n`, 18],
    ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`, 57],
    ['a length that is no number', `${ok}Content-Length: five\r\n\r\n`, 41],
    ['a chunk size that is no number', `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 47],
    [
      'a chunk that is longer than its size',
      `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
      51,
    ],
  ]
  for (const [title, bytes, offset] of wrong) {
    it(`refuses ${title}, and points at it`, () => {
      let thrown: unknown
      try {
        readResponse(Buffer.from(bytes, 'latin1'), true)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(MalformedResponse)
      expect((thrown as MalformedResponse).offset).toBe(offset)
    })
  }

  it('never reads beyond its limits, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          const read = readResponse(Buffer.from(bytes), true)
          expect(read?.length ?? 0).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedResponse)
        }
      }),
    )
    const endless = Buffer.alloc(70_000, 'A: b\r\n')
    expect(() => readResponse(Buffer.concat([Buffer.from(ok), endless]), false)).toThrow(
      /no end within/,
    )
  })

  it('joins field lines of one name, in any letter case', () => {
    const read = readResponse(
      Buffer.from(`${ok}Allow: GET\r\nallow: HEAD\r\nContent-Length: 0\r\n\r\n`),
      false,
    )
    expect(read && field(read.response, 'ALLOW')).toBe('GET, HEAD')
    expect(read && field(read.response, 'Date')).toBe(undefined)
  })
})

describe('bytes for people', () => {
  it('shows bytes as a string literal, and the ends of a long one', () => {
    expect(literal('a"\\\r\n\t\xff')).toBe('"a\\"\\\\\\r\\n\\t\\xff"')
    expect(literal('xy'.repeat(500), 100)).toMatch(/^"(xy){30}…(xy){20}" \(1000 bytes in all\)$/)
    expect(literal('x'.repeat(1000))).toBe('"x" 1000 times')
  })

  it('writes an argument of printf that a shell turns into the same bytes', () => {
    expect(printfArgument("100% it's\r\n\0")).toBe('100%% it\\047s\\r\\n\\000')
  })

  it('puts the caret below the byte', () => {
    expect(pointAt(Buffer.from('HTTP/1.1 200OK\r\nA: b\r\n'), 12)).toBe(
      'HTTP/1.1 200OK\\r\n            ^',
    )
  })
})

/** A server of ours, and a wire to it. */
async function wireTo(onConnection: (socket: Socket) => void): Promise<Wire> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = await Wire.connect(
    { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    new Transcript(),
  )
  onTestFinished(() => {
    wire.close()
    server.close()
  })
  return wire
}

async function failureOf(promise: Promise<unknown>): Promise<Expectation> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Expectation))
    throw new Error(`expected an Expectation, but got ${String(error)}`)
  return error
}

describe('a wire', () => {
  it('makes the server see the parts it sends as separate reads', async () => {
    const reads: string[] = []
    const wire = await wireTo((socket) => {
      socket.on('data', (bytes) => reads.push(bytes.toString()))
      socket.on('end', () => socket.end())
    })
    const parts = ['GET', ' / ', 'HTTP/1.1', '\r', '\n', '\r\n']
    await wire.sendInReads(parts)
    wire.end()
    await wire.ending()
    expect(reads).toEqual(parts)
  })

  it('keeps the conversation for a failure, with a line that repeats it', async () => {
    const wire = await wireTo((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort')),
    )
    await wire.send('GET / HTTP/1.1\r\n\r\n')
    const { failure } = await failureOf(wire.response())
    expect(failure.steps.slice(1)).toEqual([
      'send "GET / HTTP/1.1\\r\\n\\r\\n"',
      'receive "HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nshort"',
      'receive FIN',
    ])
    expect(failure.received).toBe('FIN after 5 bytes of content, while Content-Length says 9')
    expect(failure.repeat).toBe(`printf 'GET / HTTP/1.1\\r\\n\\r\\n' | nc 127.0.0.1 8080`)
  })

  it('repeats what no nc does alike with the command of ours, and a reset not at all', () => {
    const repeat = (talk: (transcript: Transcript) => void) => {
      const transcript = new Transcript()
      transcript.connected('127.0.0.1:1')
      talk(transcript)
      return transcript.repeatLine()
    }
    expect(
      repeat((transcript) => {
        transcript.sent(0, 'GE')
        transcript.sent(0, 'T')
        transcript.ended(0, 'FIN')
      }),
    ).toBe(`(printf 'GE'; sleep 1; printf 'T') | npm run --silent send -- --end`)
    expect(repeat((transcript) => transcript.sentOneByOne(0, 'GET'))).toBe(
      `printf 'GET' | npm run --silent send -- --one-by-one`,
    )
    expect(
      repeat((transcript) => {
        transcript.sent(0, 'GET')
        transcript.ended(0, 'reset')
      }),
    ).toBe(undefined)
  })

  it('tells a reset from FIN', async () => {
    const reset = await wireTo((socket) => socket.once('data', () => socket.resetAndDestroy()))
    await reset.send('x')
    expect((await failureOf(reset.response())).failure.received).toMatch(
      /^a reset \(RST\) and no response/,
    )
    const fin = await wireTo((socket) => socket.once('data', () => socket.end()))
    await fin.send('x')
    expect((await failureOf(fin.response())).failure.received).toMatch(/^FIN and no response/)
  })

  it('tells when a server takes nothing any more, also after its FIN', async () => {
    const wire = await wireTo((socket) =>
      socket.once('data', () => socket.end(() => socket.destroy())),
    )
    await wire.send('x')
    expect(await wire.ending()).toBe('FIN')
    expect(wire.isBroken).toBe(false)
    // The first byte meets a closed socket, whose system answers with a reset; the next ones meet that.
    while (!wire.isBroken) await wire.send('y')
    expect(wire.ended).toBe('FIN')
  })

  it('gives up on a server that says nothing', async () => {
    const wire = await wireTo((socket) => socket.resume())
    await wire.send('x')
    expect((await failureOf(wire.response({ patienceMs: 50 }))).failure.received).toMatch(
      /^nothing for 0.05 s/,
    )
  })

  it('says where a response stopped that is not complete', async () => {
    const head = await wireTo((socket) => socket.write('HTTP/1.1 200 OK\r\nDate: x\r\n'))
    expect((await failureOf(head.response({ patienceMs: 50 }))).failure.received).toMatch(
      /the empty line that ends the header section is missing/,
    )
    const content = await wireTo((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx'),
    )
    expect((await failureOf(content.response({ patienceMs: 50 }))).failure.received).toMatch(
      /Content-Length is larger/,
    )
  })

  it('does not wait for ever for a response that comes a byte at a time', async () => {
    const wire = await wireTo((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('X: y\r\n'), 5)
      socket.once('close', () => clearInterval(drip))
    })
    const { received } = (await failureOf(wire.response({ longestMs: 60 }))).failure
    expect(received).toMatch(
      /^more and more of its header section for 0.06 s, \d+ bytes so far, and no end/,
    )
  })

  it('says that nothing listens', async () => {
    const { failure } = await failureOf(
      Wire.connect({ host: '127.0.0.1', port: 1 }, new Transcript(), undefined, 'a reason'),
    )
    expect(failure.received).toContain('ECONNREFUSED')
    expect(failure.why).toBe('a reason')
  })
})
