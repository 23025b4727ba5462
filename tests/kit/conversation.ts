/** Several requests on one connection, and what must hold of their answers. */
import type { Expected } from '../../levels/level1/case.ts'
import { toBuffer, type Bytes } from '../../harness/wire/bytes.ts'
import { field, type Response } from '../../harness/wire/response.ts'
import type { Wire } from '../../harness/wire/wire.ts'
import { answers } from './holds.ts'
import { get } from './request.ts'

/** One request and what must hold of its answer. */
export interface Exchange {
  readonly send: Bytes
  readonly expect: Omit<Expected, 'closes' | 'serves'>
}

/** Sends one request, and checks its answer. */
export async function asks(
  wire: Wire,
  send: Bytes,
  expect: Exchange['expect'],
  why: string,
): Promise<Response> {
  await wire.send(send)
  return await getsAnswer(wire, { send, expect }, why)
}

/** Sends all requests in one write, and checks their answers in their order. */
export async function asksAtOnce(
  wire: Wire,
  exchanges: readonly Exchange[],
  why: string,
): Promise<Response[]> {
  await wire.send(Buffer.concat(exchanges.map(({ send }) => toBuffer(send))))
  return await getsAnswers(wire, exchanges, why)
}

/** Checks the answers to requests that were sent already. */
export async function getsAnswers(
  wire: Wire,
  exchanges: readonly Exchange[],
  why: string,
): Promise<Response[]> {
  const responses: Response[] = []
  for (const exchange of exchanges) responses.push(await getsAnswer(wire, exchange, why))
  return responses
}

async function getsAnswer(wire: Wire, { send, expect }: Exchange, why: string): Promise<Response> {
  // Before any answer, the wire knows better what went wrong: the server may have died.
  if (wire.ended === 'FIN' && wire.pending.length === 0) throw closedTooEarly(wire, why)
  const response = await wire.response({ method: methodOf(send), why })
  answers(wire, response, expect, why)
  return response
}

/** Waits for the first byte that nobody has taken yet, or for the end. */
export async function somethingComes(wire: Wire): Promise<void> {
  await wire.received(wire.bytesReceived + (wire.pending.length > 0 ? 0 : 1))
}

/** Checks that the connection is still good for a request. */
export async function staysOpen(wire: Wire, why: string): Promise<void> {
  await wire.send(get('/greet?name=again'))
  await somethingComes(wire)
  if (wire.ended !== 'still open' && wire.pending.length === 0) throw closedTooEarly(wire, why)
  answers(wire, await wire.response({ why }), { status: 200, content: 'Hello, again!' }, why)
}

/** Whether an answer has a member in its Connection, in any letter case. */
export function hasOption(response: Response, option: string): boolean {
  const members = (field(response, 'Connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
  return members.includes(option)
}

/** Checks that an answer says whether the connection ends after it. */
export function saysClose(wire: Wire, response: Response, wanted: boolean, why: string): void {
  if (hasOption(response, 'close') === wanted) return
  const value = field(response, 'Connection')
  throw wire.fails({
    expected: wanted ? 'Connection: close' : 'an answer without Connection: close',
    received: value === undefined ? 'no Connection' : `Connection: ${value}`,
    why,
  })
}

function closedTooEarly(wire: Wire, why: string): Error {
  return wire.fails({
    expected: 'the connection stays open',
    received:
      wire.ended === 'reset'
        ? 'a reset (RST): the server closed the connection'
        : 'FIN: the server closed the connection',
    why,
  })
}

function methodOf(send: Bytes): string {
  const beginning = toBuffer(send).toString('latin1', 0, 64)
  return /^(?:\r\n)*([A-Z]+) /.exec(beginning)?.[1] ?? 'GET'
}
