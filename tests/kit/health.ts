/** What `/health` says. */
import { field, type Response } from '../../harness/wire/response.ts'
import type { Wire } from '../../harness/wire/wire.ts'
import { asks } from './conversation.ts'
import { get } from './request.ts'

export interface Health {
  readonly status: string
  readonly uptimeSeconds: number
  readonly connections: number
}

/** Asks `/health` on a connection, and reads the answer. */
export async function asksHealth(wire: Wire, why: string, status = 200): Promise<Health> {
  return healthOf(wire, await asks(wire, get('/health'), { status }, why), why)
}

/** Reads an answer of `/health`: JSON with its three members. */
export function healthOf(wire: Wire, response: Response, why: string): Health {
  const type = field(response, 'Content-Type') ?? 'no Content-Type'
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw wire.fails({ expected: 'Content-Type: application/json', received: type, why })
  }
  const text = response.content.toString()
  const { status, uptimeSeconds, connections } = parse(text)
  if (
    typeof status === 'string' &&
    typeof uptimeSeconds === 'number' &&
    uptimeSeconds >= 0 &&
    Number.isInteger(connections)
  ) {
    return { status, uptimeSeconds, connections: Number(connections) }
  }
  throw wire.fails({
    expected: 'JSON with status, uptimeSeconds (a number) and connections (a whole number)',
    received: text.slice(0, 200),
    why,
  })
}

/** Checks that a number of connections is counted; asks again for a while, because the end of one takes its time. */
export async function counts(wire: Wire, wanted: number, why: string): Promise<void> {
  let connections = NaN
  for (let ask = 0; ask < 20; ask++) {
    ;({ connections } = await asksHealth(wire, why))
    if (connections === wanted) return
    // A tenth of a second, in which the server sees what its clients did.
    await asks(wire, get('/work'), { status: 200 }, why)
  }
  throw wire.fails({
    expected: `connections: ${wanted}`,
    received: `connections: ${connections}`,
    why,
  })
}

function parse(text: string): Partial<Record<keyof Health, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
