import { setTimeout as delay } from 'node:timers/promises'
import { field, type Response } from '../../harness/wire/response.ts'
import type { Server } from '../../harness/server.ts'

/** Checks what every answer of level 1 has, refusals included: one Date, one Content-Length, `Connection: close`. */
export function isComplete(server: Server, response: Response): void {
  if (response.version !== 'HTTP/1.1') {
    throw server.fails({
      expected: 'a status line that begins with HTTP/1.1',
      received: response.version,
      why: 'a server names the highest version that it speaks, whatever the client speaks (RFC 9110 §6.2)',
    })
  }
  oneLine(
    server,
    response,
    'Content-Length',
    'the client must know where the content ends (RFC 9110 §8.6)',
  )
  oneLine(server, response, 'Date', 'every answer says when it was made (RFC 9110 §6.6.1)')
  saysClose(server, response)
}

/** Checks that an answer announces the end of its connection. */
export function saysClose(server: Server, response: Response): void {
  const options = (field(response, 'Connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/)
  if (!options.includes('close')) {
    throw server.fails({
      expected: 'Connection: close',
      received: received(response, 'Connection'),
      why: 'a server that will close says so (RFC 9112 §9.6)',
    })
  }
}

/** Checks that a Date is in the one form that is sent, and names a moment of this exchange. */
export function dateIsNow(server: Server, response: Response, from: number, to: number): void {
  const date = field(response, 'Date') ?? ''
  const at = Date.parse(date)
  if (Number.isNaN(at) || new Date(at).toUTCString() !== date) {
    throw server.fails({
      expected: 'a Date such as "Sun, 06 Nov 1994 08:49:37 GMT"',
      received: received(response, 'Date'),
      why: 'a date is sent as IMF-fixdate, and in no other form (RFC 9110 §5.6.7)',
    })
  }
  // Whole seconds, and a second more for a server that makes the text once a second.
  if (at < from - 2000 || at > to + 1000) {
    throw server.fails({
      expected: `a Date between ${new Date(from).toUTCString()} and ${new Date(to).toUTCString()}`,
      received: received(response, 'Date'),
      why: 'Date is the moment at which the answer was made (RFC 9110 §6.6.1)',
    })
  }
}

/** Longer than a Date may lag behind, whole seconds and a text that is made once a second included. */
const LATER_MS = 3_500

/** Checks the Date of some answers, and of the same ones some seconds later. */
export async function datesEachAnswer(
  server: Server,
  asked: readonly (() => Promise<Response>)[],
): Promise<void> {
  for (const waitMs of [0, LATER_MS]) {
    await delay(waitMs)
    for (const answer of asked) {
      const from = Date.now()
      dateIsNow(server, await answer(), from, Date.now())
    }
  }
}

/** Checks that a text says that it is one. */
export function isText(server: Server, response: Response): void {
  const type = field(response, 'Content-Type') ?? ''
  if (type.toLowerCase().replace(/[ \t"]/g, '') === 'text/plain;charset=utf-8') return
  throw server.fails({
    expected: 'Content-Type: text/plain; charset=utf-8',
    received: received(response, 'Content-Type'),
    why: 'a client guesses the type of content that has none, and the encoding of text that names none (RFC 9110 §8.3)',
  })
}

function oneLine(server: Server, response: Response, name: string, why: string): void {
  const count = response.fieldLines.filter(
    ([other]) => other.toLowerCase() === name.toLowerCase(),
  ).length
  if (count !== 1)
    throw server.fails({ expected: `${name}, once`, received: received(response, name), why })
}

function received(response: Response, name: string): string {
  const value = field(response, name)
  return value === undefined ? `no ${name}` : `${name}: ${value}`
}
