/** Requests whose client waits for no 100. */
import type { Server } from '../../harness/server.ts'
import { answers, contentIs } from './holds.ts'
import { get, head } from './request.ts'

const ECHO = 'POST /echo HTTP/1.1'
const ECHO_1_0 = 'POST /echo HTTP/1.0'
const WAITS = 'Expect: 100-continue'

const requests: readonly (readonly [send: string, content: string])[] = [
  [head(ECHO, WAITS), ''],
  [head(ECHO, WAITS, 'Content-Length: 0'), ''],
  [get('/', WAITS), 'Hello, World!'],
  [`${head(ECHO, 'Content-Length: 2')}ok`, 'ok'],
  [`${head(ECHO_1_0, WAITS, 'Content-Length: 2')}ok`, 'ok'],
  [`${head(ECHO_1_0, 'Content-Length: 2')}ok`, 'ok'],
]

/** Checks that none of them is answered by a 100 before its 200. */
export async function says100ToNobody(server: Server): Promise<void> {
  const why =
    'without Expect, without content to come, or to HTTP/1.0, there is no 100 (RFC 9110 §10.1.1)'
  for (const [send, content] of requests) {
    const wire = await server.connect()
    await wire.send(send)
    const response = await wire.response({ why })
    answers(wire, response, { status: 200 }, why)
    contentIs(wire, response, content, why)
    if (response.interim.length === 0) continue
    throw wire.fails({ expected: '200 and no 100', received: '100 first', why })
  }
}
