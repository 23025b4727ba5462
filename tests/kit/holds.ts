/** States a fact about a server in the vocabulary of `cases.ts`, and finds out whether it holds. */
import type { Case, Expected } from '../../levels/level1/case.ts'
import { literal, toBuffer, type Bytes } from '../../harness/wire/bytes.ts'
import { field, type Response } from '../../harness/wire/response.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'

/** A case and the reason why it must hold. */
export interface Fact extends Omit<Case, 'title' | 'send'> {
  readonly send: Bytes | readonly Bytes[]
  /** With its section: `field names are case-insensitive (RFC 9110 §5.1)`. */
  readonly why: string
}

/**
 * Sends the bytes of a fact to a server on a new connection, and checks the answer.
 *
 * @returns the last response
 * @throws {Expectation} when the fact does not hold
 */
export async function holds(
  server: Pick<Server, 'connect'>,
  fact: Fact,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): Promise<Response> {
  const wire = await server.connect(fact.why)
  const parts =
    typeof fact.send === 'string' || !Array.isArray(fact.send)
      ? [fact.send as Bytes]
      : (fact.send as Bytes[])
  await wire.sendInReads(parts)
  if (fact.end) wire.end()
  const expected = expectedOf(fact)
  let response: Response | undefined
  for (const [index, one] of expected.entries()) {
    const method = one.to ?? (index === 0 ? methodOf(parts) : 'GET')
    response = await wire.response({ method, patienceMs, why: fact.why })
    answers(wire, response, one, fact.why)
  }
  if (response === undefined) throw new TypeError('A fact expects at least one answer.')
  if (expected.some(({ closes }) => closes)) await closes(wire, fact.why, patienceMs)
  if (expected.some(({ serves }) => serves)) await serves(server, fact.why, patienceMs)
  return response
}

/** What must hold of each answer. */
function expectedOf({ expect }: Pick<Fact, 'expect'>): readonly Expected[] {
  return Array.isArray(expect) ? (expect as readonly Expected[]) : [expect as Expected]
}

/** Checks a response that was read already. */
export function answers(wire: Wire, response: Response, expected: Expected, why?: string): void {
  const { status, fields = {}, content } = expected
  if (status !== undefined) {
    const right = typeof status === 'number' ? [status] : status
    if (!right.includes(response.status)) {
      throw wire.fails({
        expected: `status ${right.join(' or ')}`,
        received: `status ${response.status}${response.reason === '' ? '' : ` (${response.reason})`}`,
        why,
      })
    }
  }
  for (const [name, value] of Object.entries(fields)) fieldIs(wire, response, name, value, why)
  if (content !== undefined) contentIs(wire, response, content, why)
}

function fieldIs(
  wire: Wire,
  response: Response,
  name: string,
  wanted: string | readonly string[] | null,
  why?: string,
): void {
  const value = field(response, name)
  const received = value === undefined ? `no ${name}` : `${name}: ${value}`
  if (wanted === null) {
    if (value !== undefined) throw wire.fails({ expected: `no ${name}`, received, why })
    return
  }
  if (value === undefined || wanted === '*') {
    if (value === undefined) throw wire.fails({ expected: `the field ${name}`, received, why })
    return
  }
  if (typeof wanted === 'string') {
    if (value !== wanted) throw wire.fails({ expected: `${name}: ${wanted}`, received, why })
    return
  }
  const members = membersOf(name, value)
  const right = membersOf(name, wanted.join(','))
  if (members.size !== right.size || ![...right].every((member) => members.has(member))) {
    throw wire.fails({ expected: `${name}: ${wanted.join(', ')} (in any order)`, received, why })
  }
}

/** The members of a list. Options of a connection ignore letter case (RFC 9110 §7.6.1). */
function membersOf(name: string, list: string): Set<string> {
  const text = name.toLowerCase() === 'connection' ? list.toLowerCase() : list
  return new Set(
    text
      .split(',')
      .map((member) => member.trim())
      .filter(Boolean),
  )
}

/** Checks the content byte for byte, and points at the first byte that differs. */
export function contentIs(wire: Wire, response: Response, wanted: Bytes, why?: string): void {
  const expected = toBuffer(wanted)
  const { content } = response
  if (content.equals(expected)) return
  const differs = content.findIndex((byte, index) => byte !== expected[index])
  const at = differs === -1 ? content.length : differs
  throw wire.fails({
    expected: `content ${around(expected, at)}`,
    received:
      at === content.length || at >= expected.length
        ? `${content.length} bytes of content instead of ${expected.length}: ${around(content, at)}`
        : `content ${around(content, at)}: the first difference is at byte ${at}`,
    why,
  })
}

/** Short content whole; of a longer one, what stands around the place where two of them differ. */
function around(content: Buffer, at: number): string {
  if (content.length <= 60) return literal(content)
  const from = Math.max(0, at - 20)
  const part = content.subarray(from, at + 20)
  return `of ${content.length} bytes, from byte ${from} on: ${literal(part)}`
}

/** Checks that the server ends the connection with FIN, and that nothing came after the answer. */
export async function closes(wire: Wire, why?: string, patienceMs = PATIENCE_MS): Promise<void> {
  const ending = await wire.ending(patienceMs)
  if (ending === 'still open') {
    throw wire.fails({
      expected: 'FIN after the answer',
      received: `nothing for ${patienceMs / 1000} s: the connection is still open`,
      why,
    })
  }
  if (wire.pending.length > 0) {
    throw wire.fails({
      expected: 'nothing after the end of the answer but FIN',
      received: `${wire.pending.length} more bytes: ${literal(wire.pending, 160)}`,
      why,
    })
  }
  if (ending === 'reset') {
    throw wire.fails({
      expected: 'FIN after the answer',
      received: 'a reset (RST), which can destroy the answer before the client has read it',
      why: 'close in two steps: send FIN, read what still comes, then close (RFC 9112 §9.6)',
    })
  }
}

/** Checks that another client is still served. */
export async function serves(
  server: Pick<Server, 'connect'>,
  why?: string,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const wire = await server.connect(why)
  await wire.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const response = await wire.response({ patienceMs, why })
  answers(wire, response, { status: 200 }, why)
  wire.close()
}

function methodOf(parts: readonly Bytes[]): string {
  const beginning = Buffer.concat(parts.slice(0, 16).map((part) => toBuffer(part).subarray(0, 64)))
  return /^(?:\r\n)*([A-Z]+) /.exec(beginning.toString('latin1'))?.[1] ?? 'GET'
}
