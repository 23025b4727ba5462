import { givesUpEach } from '../../kit/attempts.ts'
import { answers, closes, holds } from '../../kit/holds.ts'
import { head, post } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

describe('limits and patience (RFC 9110 §15.5)', () => {
  it('serves content of exactly the limit, and refuses one byte more', async ({ launch }) => {
    const server = await launch({ MAX_CONTENT_BYTES: '10' })
    await holds(server, {
      send: post('/echo', '0123456789'),
      expect: { status: 200, content: '0123456789', closes: true },
      why: 'a message of exactly the limit passes',
    })
    await holds(server, {
      send: head('POST /echo HTTP/1.1', 'Content-Length: 11'),
      expect: { status: 413, closes: true, serves: true },
      why: 'content above the limit is refused at once (RFC 9110 §15.5.14)',
    })
  })

  it('answers 408 when a header section does not come to its end', async ({ launch }) => {
    const why = 'HEADER_TIMEOUT_MS runs in all, not from byte to byte (RFC 9110 §15.5.9)'
    const request = ['GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x'] as const
    await givesUpEach(launch, 'HEADER_TIMEOUT_MS', [request], why)
  })

  it('asks for the content that a client holds back', async ({ server }) => {
    const why = 'a client that sends Expect: 100-continue waits for the word (RFC 9110 §10.1.1)'
    const wire = await server.connect()
    await wire.send(head('POST /echo HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 5'))
    if (!(await wire.received('HTTP/1.1 100 Continue\r\n\r\n'.length - 'Continue'.length))) {
      throw wire.fails({
        expected: '100 Continue, before the content is sent',
        received: 'nothing',
        why,
      })
    }
    await wire.send('hello')
    const response = await wire.response({ why })
    answers(wire, response, { status: 200, content: 'hello' }, why)
    if (response.interim.join() !== '100') {
      throw wire.fails({
        expected: 'one interim answer, 100',
        received: response.interim.join(', ') || 'none',
        why,
      })
    }
    await closes(wire, why)
  })
})
