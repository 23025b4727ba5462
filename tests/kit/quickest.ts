import type { Bytes } from '../../harness/wire/bytes.ts'
import type { Server } from '../../harness/server.ts'
import { answers } from './holds.ts'
import { get } from './request.ts'

/**
 * The shortest time in which a request is answered, of some runs one after the other: a busy machine makes
 * some runs slower, and none quicker.
 *
 * @param status - the status code that the answer must have, or several that are all right
 * @returns milliseconds from the request to the whole answer
 */
export async function quickestMs(
  server: Server,
  send: Bytes,
  runs: number,
  status: number | readonly number[] = 200,
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

/** After so many tries it is not the machine. */
const TRIES = 12
/** What is answered sooner cannot have done 100 ms of work. */
const PROOF_MS = 90

/**
 * Checks that a request is answered at least 50 ms quicker than a GET of `/work`, which does 100 ms of work.
 *
 * One quick answer proves it, however busy the machine. A server that is slow in everything never gives one, and is
 * compared with itself.
 *
 * @param what - the request in words, for the failure
 * @throws {Expectation} when the answer pays for the work of another route
 */
export async function quickerThanWork(
  server: Server,
  what: string,
  send: Bytes,
  status: number | readonly number[] = 200,
): Promise<void> {
  let [workMs, otherMs] = [Infinity, Infinity]
  for (let tries = 0; tries < TRIES; tries++) {
    otherMs = Math.min(otherMs, await quickestMs(server, send, 1, status))
    if (otherMs < PROOF_MS) return
    workMs = Math.min(workMs, await quickestMs(server, get('/work'), 1))
  }
  if (otherMs + 50 <= workMs) return
  throw server.fails({
    expected: `${what} at least 50 ms quicker than GET /work`,
    received: `${what} in ${Math.round(otherMs)} ms and GET /work in ${Math.round(workMs)} ms, the quickest of ${TRIES} each`,
    why: 'only /work does 100 ms of work; nobody else pays for it',
  })
}

/** Two clocks, and whole milliseconds. */
const CLOCKS_MS = 5

/** Checks that `/work` does its work: no machine makes 100 ms shorter. */
export async function worksFor100Ms(server: Server): Promise<void> {
  const ms = await quickestMs(server, get('/work'), 1)
  if (ms >= 100 - CLOCKS_MS) return
  throw server.fails({
    expected: 'GET /work answered after 100 ms of work',
    received: `an answer after ${Math.round(ms)} ms`,
    why: 'the work of /work is given, and stays (task 1.4); level 2 is about it',
  })
}

/** Checks that a GET of `/` does not pay for `/work`. */
export async function onlyWorkIsSlow(server: Server): Promise<void> {
  await quickerThanWork(server, 'GET /', get('/'))
}
