/**
 * A thousand connections, all open at once, and each of them answered.
 *
 * They are opened before anything is asked, and asked once each, twice: Node accepts one connection in a turn of
 * its event loop, so clients who ask again and again would keep a server from the last of a thousand for seconds.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { readResponse } from '../harness/wire/response.ts'
import type { Address } from '../harness/wire/wire.ts'
import type { Bench } from './bench.ts'
import type { Contender } from './contender.ts'
import { greet, complaint, type PlannedRequest } from './requests.ts'
import { judge } from './verdict.ts'

const CONNECTIONS = 1000
const ID = 'thousand'
const PATIENCE_MS = 6000
/** The kernel keeps so many that are not accepted yet; more would be tried again only a second later. */
const AT_A_TIME = 100

export async function thousandConnections(bench: Bench): Promise<void> {
  const title = '1,000 persistent connections, all open at once'
  const heading = { id: ID, title, connections: CONNECTIONS, pipelining: 1 }
  await bench.scenario(heading, [ID], async () => {
    bench.spread(false)
    const served = new Map<Contender['name'], number>()
    for (const contender of bench.both) {
      bench.alone(contender)
      const random = bench.random(ID)
      const requests = Array.from({ length: CONNECTIONS }, () => greet(random))
      served.set(contender.name, await servedAtOnce(contender.address, requests))
      contender.memory()
    }
    const of = (name: Contender['name']) => served.get(name) ?? []
    const figures = { submission: [of('submission')].flat(), reference: [of('reference')].flat() }
    bench.judged(ID, ID, judge(bench.target(ID), figures, bench.random(ID), 1))
  })
}

/** @returns how many of the connections got both of their answers while all were open */
async function servedAtOnce(
  address: Address,
  requests: readonly PlannedRequest[],
): Promise<number> {
  const sockets: Socket[] = []
  try {
    while (sockets.length < requests.length) {
      const few = Math.min(AT_A_TIME, requests.length - sockets.length)
      sockets.push(...(await Promise.all(Array.from({ length: few }, () => open(address)))))
    }
    let served = requests.map(() => true)
    for (let time = 0; time < 2; time++) {
      const answers = sockets.map((socket, index) => isAnswered(socket, requests[index]))
      const answered = await Promise.all(answers)
      served = served.map((before, index) => before && answered[index] === true)
    }
    return served.filter(Boolean).length
  } finally {
    for (const socket of sockets) socket.destroy()
  }
}

async function open(address: Address): Promise<Socket> {
  const socket = connect(address)
  socket.on('error', () => undefined)
  await Promise.race([
    once(socket, 'connect').catch(() => undefined),
    delay(PATIENCE_MS, undefined, { ref: false }),
  ])
  return socket
}

async function isAnswered(socket: Socket, request: PlannedRequest | undefined): Promise<boolean> {
  if (request === undefined || socket.destroyed) return false
  const patience = AbortSignal.timeout(PATIENCE_MS)
  let received: Buffer = Buffer.alloc(0)
  socket.write(`${request.method} ${request.target} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  try {
    for (;;) {
      const [bytes] = (await once(socket, 'data', { signal: patience })) as [Buffer]
      received = Buffer.concat([received, bytes])
      const read = readResponse(received, false)
      if (read === undefined) continue
      const { status, content } = read.response
      return complaint(request.expect, status, content.toString('latin1')) === undefined
    }
  } catch {
    return false
  }
}
