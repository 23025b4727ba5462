import { patience } from '../../../harness/patience.ts'
import type { Server } from '../../../harness/server.ts'
import type { Bytes } from '../../../harness/wire/bytes.ts'
import { field, type Response } from '../../../harness/wire/response.ts'
import { PATIENCE_MS } from '../../../harness/wire/wire.ts'
import { dateIsNow, isComplete, isText } from '../../kit/every-answer.ts'
import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { get, head, headerSection, post, requestLine } from '../../kit/request.ts'

/** Requests that no route serves. That the status is the right one is task 1.4. */
const unserved = [get('/nowhere'), head('DELETE / HTTP/1.1')]

/** One request for every status code of task 1.5. The content of the one with too much of it is all there. */
const refused: readonly (readonly [status: number, send: Bytes])[] = [
  [400, 'GET /\r\n'],
  [400, head('GET / HTTP/1.1', 'no colon')],
  [413, post('/echo', 'a'.repeat(11))],
  [414, `${requestLine(9000)}${headerSection(100)}`],
  [431, `GET / HTTP/1.1\r\n${headerSection(17_000)}`],
  [501, head('BREW / HTTP/1.1')],
  [501, head('POST /echo HTTP/1.1', 'Transfer-Encoding: gzip, chunked')],
  [505, head('GET / HTTP/3.0')],
]

const LIMITED = { MAX_CONTENT_BYTES: '10' }

const LETTERS = ['ß', 'é', 'λ', 'ж', 'ש', '中', '한', '€', '🌻', '𝄞'] as const

describe('responses (RFC 9112 §4, §6)', () => {
  it('puts all of its fields on every kind of answer', async ({ server, random }) => {
    for (const send of [
      get('/'),
      get('/work'),
      get(`/greet?name=${random.word()}`),
      post('/echo', random.word(9)),
      head('HEAD / HTTP/1.1'),
      ...unserved,
    ]) {
      await isWhole(server, send)
    }
  })

  it('puts all of its fields on every refusal', async ({ launch }) => {
    const server = await launch(LIMITED)
    await refusesThem(server, refused)
    for (const [, send] of refused) await isWhole(server, send)
    for (const send of ['GET / HT', `${head('POST /echo HTTP/1.1', 'Content-Length: 9')}abc`]) {
      await needs('1.5', 'A request that is cut off is not answered with 400 yet.', () =>
        holds(server, { send, end: true, expect: { status: 400 }, why: 'task 1.5' }),
      )
      await isWhole(server, send, true)
    }
  })

  it('sends every refusal as text', async ({ launch }) => {
    const server = await launch(LIMITED)
    await refusesThem(server, refused)
    for (const send of [...unserved, ...refused.map(([, send]) => send)]) {
      const response = await holds(server, {
        send,
        expect: {},
        why: 'a refusal is an answer like any other',
      })
      if (response.content.length > 0) isText(server, response)
    }
  })

  it('makes Date anew as time goes by', async ({ server }) => {
    const send = get('/')
    const why = 'Date is the moment at which the answer was made (RFC 9110 §6.6.1)'
    const first = await holds(server, { send, expect: { fields: { Date: '*' } }, why })
    const { signal, stop } = patience(PATIENCE_MS)
    for (let date = field(first, 'Date'); date === field(first, 'Date');) {
      if (signal.aborted) {
        throw server.fails({
          expected: 'another Date, seconds later',
          received: `Date: ${date}, again and again`,
          why,
        })
      }
      date = field(await holds(server, { send, expect: { fields: { Date: '*' } }, why }), 'Date')
    }
    stop()
  })

  it('answers HEAD with exactly the fields of GET', async ({ server, random }) => {
    for (const target of [
      '/',
      '/work',
      '/greet',
      `/greet?name=${random.word(random.integer(1, 60))}`,
    ]) {
      const why = 'HEAD is GET without the content (RFC 9110 §9.3.2)'
      const [toGet, again] = [
        await holds(server, { send: get(target), expect: { status: 200 }, why }),
        await holds(server, { send: get(target), expect: { status: 200 }, why }),
      ]
      const toHead = await holds(server, {
        send: head(`HEAD ${target} HTTP/1.1`),
        expect: { status: 200, closes: true },
        why,
      })
      sameFields(server, [toGet, again], toHead, why)
    }
  })

  it('refuses a HEAD without content, whatever is wrong with it', async ({ server, random }) => {
    const headsUnserved = [head(`HEAD /${random.word()} HTTP/1.1`), head('HEAD /echo HTTP/1.1')]
    const headsRefused: readonly (readonly [number, string])[] = [
      [400, head('HEAD / HTTP/1.1', 'X-Note : a')],
      [400, 'HEAD / HTTP/1.1\r\n\r\n'],
      [400, head('HEAD / HTTP/1.1', 'Content-Length: x')],
      [431, `HEAD / HTTP/1.1\r\n${headerSection(17_000)}`],
      [501, head('HEAD / HTTP/1.1', 'Transfer-Encoding: chunked')],
    ]
    await refusesThem(server, headsRefused)
    for (const send of [...headsUnserved, ...headsRefused.map(([, send]) => send)]) {
      await holds(server, {
        send,
        expect: { fields: { 'Content-Length': '*' }, closes: true },
        why: 'no answer to HEAD has content (RFC 9110 §9.3.2)',
      })
    }
  })

  it('counts the bytes of every letter', async ({ server, random }) => {
    for (let round = 0; round < 8; round++) {
      const name = Array.from({ length: random.integer(1, 20) }, () => random.pick(LETTERS)).join(
        '',
      )
      const content = Buffer.from(`Hello, ${name}!`)
      await holds(server, {
        send: get(`/greet?name=${encodeURIComponent(name)}`),
        expect: {
          status: 200,
          fields: { 'Content-Length': String(content.length) },
          content: content.toString('latin1'),
          closes: true,
        },
        why: 'Content-Length counts octets (RFC 9110 §8.6)',
      })
    }
  })

  it('closes after its answer, also when it is asked to stay', async ({ server }) => {
    for (const version of ['HTTP/1.0', 'HTTP/1.1']) {
      const response = await holds(server, {
        send: head(`GET / ${version}`, 'Connection: keep-alive', 'Keep-Alive: timeout=60'),
        expect: { status: 200, content: 'Hello, World!', closes: true, serves: true },
        why: 'in level 1 a connection carries one request and one answer (RFC 9112 §9.6)',
      })
      isComplete(server, response)
    }
  })

  it('gives the whole of a long answer to a client that has ended its direction', async ({
    server,
    random,
  }) => {
    const content = Buffer.alloc(random.integer(400_000, 900_000), random.word())
    const fact = {
      send: post('/echo', content),
      expect: { status: 200, content: content.toString('latin1'), closes: true },
      why: 'FIN ends what the client sends; it still reads (RFC 9112 §9.6)',
    } as const
    await needs(
      '1.3',
      'The answer is long because the content is, and /echo does not give it back yet.',
      () => holds(server, fact),
    )
    await holds(server, { ...fact, end: true })
  })

  it('answers a client that ends right behind a request that comes in parts', async ({
    server,
    random,
  }) => {
    const name = random.word()
    for (let round = 0; round < 4; round++) {
      const fact = {
        send: random.cut(Buffer.from(get(`/greet?name=${name}`)), random.integer(2, 5)),
        expect: { status: 200, content: `Hello, ${name}!`, closes: true },
        why: 'the request was whole when FIN came, so its answer is due (RFC 9112 §9.6)',
      } as const
      await needs('1.1', 'A request that comes in parts is not answered yet.', () =>
        holds(server, fact),
      )
      await holds(server, { ...fact, end: true })
    }
  })
})

/** Checks that an answer, whatever its status, has all that every answer has. */
async function isWhole(server: Server, send: Bytes, end = false): Promise<void> {
  const from = Date.now()
  const response = await holds(server, {
    send,
    end,
    expect: { closes: true },
    why: 'every answer is a whole one',
  })
  isComplete(server, response)
  dateIsNow(server, response, from, Date.now())
}

/** What an answer to a bad request looks like can be seen once there is one. */
async function refusesThem(
  server: Server,
  refused: readonly (readonly [status: number, send: Bytes])[],
): Promise<void> {
  for (const [status, send] of refused) {
    await needs('1.5', `Not all of these requests are answered with ${status} yet.`, () =>
      holds(server, { send, expect: { status }, why: 'task 1.5' }),
    )
  }
}

/** The same names; and the same values, where two answers to GET have the same. */
function sameFields(
  server: Server,
  toGet: readonly [Response, Response],
  toHead: Response,
  why: string,
): void {
  const changes = (name: string) => {
    const [first, second] = toGet.map((response) => field(response, name))
    // A second may pass, also when it did not pass between the first two.
    return first !== second || name === 'date'
  }
  const [expected = '', received = ''] = [toGet[0], toHead].map(({ fieldLines }) =>
    fieldLines
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .map(([name, value]) => `${name}: ${changes(name) ? '…' : value}`)
      .sort()
      .join('; '),
  )
  if (expected !== received) throw server.fails({ expected, received, why })
}
