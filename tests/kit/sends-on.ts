import { patienceEnds } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS, type Wire } from '../../harness/wire/wire.ts'
import { promptly } from './attempts.ts'
import { answers, closes } from './holds.ts'

const MEGABYTE = 1024 * 1024

/**
 * Sends megabytes to a server that has refused the request already, without reading its answer meanwhile, then FIN.
 *
 * @throws {Expectation} when the server reads nothing of it for a long time
 */
async function sendsOn(
  wire: Wire,
  beginning: string,
  megabytes: number,
  why: string,
): Promise<void> {
  wire.stall()
  await wire.send(beginning)
  for (let sent = 0; sent < megabytes; sent++) {
    const taken = wire.send(Buffer.alloc(MEGABYTE, 'm')).then(() => true)
    if (await Promise.race([taken, patienceEnds(PATIENCE_MS)])) continue
    throw wire.fails({
      expected: 'the server reads and drops what still comes',
      received: `nothing read for ${PATIENCE_MS / 1000} s, with ${sent} MiB sent`,
      why,
    })
  }
  wire.end()
  wire.resume()
}

/**
 * Checks that a client which is refused, and sends megabytes before it reads, gets the whole answer, then FIN.
 *
 * @param status - of the answer; any, unless it is given
 * @param open - how its connection begins: fresh, unless it says otherwise
 */
export async function refusesWhoSendsOn(
  server: Server,
  beginning: string,
  megabytes: number,
  why: string,
  status?: number,
  open = (): Promise<Wire> => server.connect(),
): Promise<void> {
  await promptly(async () => {
    const wire = await open()
    await sendsOn(wire, beginning, megabytes, why)
    answers(wire, await wire.response({ why }), status === undefined ? {} : { status }, why)
    await closes(wire, why)
  })
}
