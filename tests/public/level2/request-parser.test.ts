import { Expectation } from '../../../harness/expectation.ts'
import { cutsOf } from '../../kit/cuts.ts'
import { holds } from '../../kit/holds.ts'
import { parses } from '../../kit/parser.ts'
import { post } from '../../kit/request.ts'
import { probe } from '../../../harness/probe.ts'
import { describe, it } from '../../kit/test.ts'

type Module = typeof import('../../../levels/level2/request-parser.ts')

const GREET = 'GET /greet?name=Ada HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n'
const ECHO = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello'

describe('request parser (RFC 9112 §2)', () => {
  it('takes a request apart', async ({ build }) => {
    await parses(build, [
      {
        bytes: GREET,
        fault: null,
        state: 'idle',
        gives: [
          {
            method: 'GET',
            target: '/greet?name=Ada',
            path: '/greet',
            query: 'name=Ada',
            version: 'HTTP/1.1',
            headers: { host: 'localhost', accept: 'text/plain' },
            content: '',
          },
        ],
        why: 'the comments above `Request` in http.ts and above `state` in request-parser.ts',
      },
    ])
  })

  it('gives the same requests for every cut of the bytes', async ({ build, random }) => {
    await parses(
      build,
      [
        {
          bytes: ECHO + GREET,
          fault: null,
          gives: [{ method: 'POST', path: '/echo', content: 'hello' }, { path: '/greet' }],
          why: 'where a read ends means nothing (RFC 9112 §2.2)',
        },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('keeps the first fault, and returns the requests before it', async ({ build, random }) => {
    await parses(
      build,
      [
        {
          bytes: `${GREET}GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n${GREET}`,
          fault: 400,
          gives: [{ path: '/greet' }],
          why: 'a request that was complete before the fault is still served',
        },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('says what it waits for', async ({ build }) => {
    const parts = [
      'GET / HT',
      'TP/1.1\r\nHost: a\r\n\r\nPOST',
      ' /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n',
      'o',
      'k',
    ]
    const states = await probe(
      build,
      'level2/request-parser.ts',
      (module: Module, pushed: readonly string[]) => {
        const parser = new module.RequestParser({
          maxRequestLineBytes: 100,
          maxHeaderBytes: 100,
          maxContentBytes: 100,
        })
        return [
          String(parser.state),
          ...pushed.map((part) => {
            parser.push(Buffer.from(part, 'latin1'))
            return String(parser.state)
          }),
        ]
      },
      parts,
    )
    const right = ['idle', 'head', 'head', 'content', 'content', 'idle']
    if (states.join() === right.join()) return
    throw new Expectation({
      steps: [
        'look at the state of a new parser',
        ...parts.map((part) => `push ${JSON.stringify(part)}, look at the state`),
      ],
      expected: `the states ${right.join(', ')}`,
      received: states.join(', '),
      why: 'the timers of task 2.3 ask for the state: idle, head up to the empty line, content after it',
    })
  })

  it('serves a request whose bytes come one by one', async ({ server }) => {
    await holds(server, {
      send: [...post('/echo', 'hello').toString('latin1')],
      expect: { status: 200, content: 'hello' },
      why: 'TCP carries a stream of bytes: a read may hold any part of a request (RFC 9112 §2.2)',
    })
  })
})
