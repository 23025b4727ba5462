/** Functional probes after the load: a server that was fast and is now broken has not been measured, it has been worn out. */
import type { Address } from '../harness/wire/wire.ts'
import { exchange } from './exchange.ts'
import { textOf } from './load/one-each.ts'
import type { Random } from './random.ts'
import { complaint, echo, greet, hello, user, type PlannedRequest } from './requests.ts'

/**
 * Asks for each route once more.
 *
 * @returns what is wrong, in sentences
 */
export async function probesAfterTheLoad(
  address: Address,
  level: number,
  random: Random,
): Promise<string[]> {
  const kinds = [hello, greet, echo, ...(level >= 2 ? [user] : [])]
  const complaints: string[] = []
  for (const planned of kinds.map((kind) => kind(random))) {
    const wrong = await problemWith(address, planned)
    if (wrong !== undefined) {
      complaints.push(
        `${planned.method} ${planned.target.slice(0, 80)} was answered with ${wrong}.`,
      )
    }
  }
  return complaints
}

async function problemWith(address: Address, planned: PlannedRequest): Promise<string | undefined> {
  try {
    const { response } = await exchange(address, textOf(planned))
    return complaint(planned.expect, response.status, response.content.toString('latin1'))
  } catch (error) {
    return `nothing that is a response (${error instanceof Error ? error.message : String(error)})`
  }
}
