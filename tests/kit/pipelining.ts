/** What a pipeline does while nobody sees it. */
import { Blocked } from '../../harness/expectation.ts'
import type { Server } from '../../harness/server.ts'
import { literal } from '../../harness/wire/bytes.ts'
import type { Wire } from '../../harness/wire/wire.ts'
import { asks, asksAtOnce } from './conversation.ts'
import { get } from './request.ts'

const REQUESTS = 10
/** One after the other they take ten times as long as one. */
const MOST_TIMES = 5
const TRIES = 3

/** Checks that ten requests of `/work` take much less time than ten times one. */
export async function runSideBySide(server: Server): Promise<void> {
  const why =
    'a method that is safe changes nothing: it need not wait for those before it (RFC 9110 §9.2.1)'
  const wire = await server.connect()
  const timeOf = async (count: number) => {
    const start = performance.now()
    const one = { send: get('/work'), expect: { status: 200, content: 'done' } }
    await asksAtOnce(wire, Array(count).fill(one), why)
    return performance.now() - start
  }
  await asks(wire, get('/work'), { status: 200 }, why)
  const ones: number[] = []
  const alls: number[] = []
  // The quickest of a few: a busy machine makes some slower, and none quicker.
  for (let time = 0; time < TRIES; time++) {
    ones.push(await timeOf(1))
    alls.push(await timeOf(REQUESTS))
    if (Math.min(...alls) < MOST_TIMES * Math.min(...ones)) return
  }
  throw wire.fails({
    expected: `less than ${MOST_TIMES} times the time of one request`,
    received: `${Math.round(Math.min(...alls))} ms for ${REQUESTS} requests in a pipeline, and ${Math.round(Math.min(...ones))} ms for one, the quickest of ${TRIES}`,
    why,
  })
}

/** The pipes to and from a client, and what a process needs while it works. */
const MOST_GROWTH = 40 * 1024 * 1024
/** So often in a row nothing more was taken. */
const LOOKS = 10
const MOST_LOOKS = 300

/** How each of their answers begins. */
const OK = 'HTTP/1.1 200'

/**
 * Has a client send the same bytes so often that they must not all be taken in, and read nothing. Checks that the memory
 * of the server stays where it is while it serves somebody else, and that the answers of that client have begun.
 */
export async function growthWhileStalled(
  server: Server,
  bytes: Buffer,
  times: number,
  why: string,
): Promise<void> {
  const other = await server.connect()
  for (let warmUp = 0; warmUp < 3; warmUp++) await asks(other, get('/work'), { status: 200 }, why)
  const before = server.memory()?.anonymous
  if (before === undefined) throw noMemory()

  const wire = await server.connect()
  wire.stall()
  let taken = 0
  const sending = (async () => {
    for (let time = 0; time < times && wire.ended === 'still open'; time++) {
      await wire.send(bytes)
      taken++
    }
  })()
  let [takenBefore, still] = [-1, 0]
  for (let look = 0; look < MOST_LOOKS && still < LOOKS; look++) {
    await asks(other, get('/work'), { status: 200 }, why)
    still = taken > takenBefore ? 0 : still + 1
    takenBefore = taken
    const growth = (server.memory()?.anonymous ?? 0) - before
    if (growth < MOST_GROWTH) continue
    throw server.fails({
      expected: `less than ${MOST_GROWTH / MEGABYTE} MB of memory for a client that reads nothing`,
      received: `${Math.round(growth / MEGABYTE)} MB more than before`,
      why,
    })
  }
  await beginsWithOk(wire, why)
  wire.reset()
  await sending
}

/** Has a client that read nothing read, and checks what waited for it. */
async function beginsWithOk(wire: Wire, why: string): Promise<void> {
  wire.resume()
  await wire.received(OK.length)
  const received = wire.pending.toString('latin1', 0, OK.length)
  if (received === OK) return
  throw wire.fails({
    expected: `${OK}, when the client reads at last`,
    received: received === '' ? 'nothing' : literal(received),
    why,
  })
}

const MEGABYTE = 1024 * 1024

function noMemory(): Blocked {
  const why = 'the memory of a process can be read on Linux only (RssAnon in /proc/<pid>/status)'
  return new Blocked('system', why)
}
