import type { Bytes } from '../../harness/wire/bytes.ts'
import type { Server } from '../../harness/server.ts'
import { answers } from './holds.ts'
import { get } from './request.ts'

/**
 * The shortest time in which a request is answered, of some runs one after the other: a busy machine makes
 * some runs slower, and none quicker.
 *
 * @param status - the status code that the answer must have
 * @returns milliseconds from the request to the whole answer
 */
export async function quickestMs(
  server: Server,
  send: Bytes,
  runs: number,
  status = 200,
): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const wire = await server.connect()
    const start = performance.now()
    await wire.send(send)
    const response = await wire.response()
    times.push(performance.now() - start)
    answers(wire, response, { status }, 'the route table of the assignment')
    wire.close()
  }
  return Math.min(...times)
}

/**
 * Checks that a GET of `/` is answered at least 50 ms quicker than one of `/work`.
 *
 * @throws {Expectation} when every answer pays for the 100 ms of work
 */
export async function onlyWorkIsSlow(server: Server): Promise<void> {
  const workMs = await quickestMs(server, get('/work'), 3)
  const homeMs = await quickestMs(server, get('/'), 3)
  if (homeMs + 50 <= workMs) return
  throw server.fails({
    expected: `GET / in less than ${Math.max(0, Math.round(workMs - 50))} ms`,
    received: `GET / in ${Math.round(homeMs)} ms and GET /work in ${Math.round(workMs)} ms, the quickest of 3 each`,
    why: 'only /work does 100 ms of work; nobody else pays for it',
  })
}
