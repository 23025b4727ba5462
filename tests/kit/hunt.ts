/**
 * Runs a learner's cases on servers whose truth is known.
 *
 * A case that fails on a correct server is a false alarm. A broken server is caught when one of
 * the other cases fails on it.
 */
import type { Case } from '../../levels/level1/case.ts'
import type { Build } from '../../harness/build.ts'
import { Expectation, type Failure } from '../../harness/expectation.ts'
import { launch } from '../../harness/launch.ts'
import type { Server } from '../../harness/server.ts'
import type { Wire } from '../../harness/wire/wire.ts'
import { holds } from './holds.ts'

/** How long a server may say nothing. A busy machine is not a wrong server, so alarms are tried again. */
const PATIENCE_MS = 3_000
const SECOND_PATIENCE_MS = 6_000

/** Level 3 would count the cases, and refuse the later ones. */
const SETTINGS = { RATE_LIMIT: '0' }

/** No score is left after so many. */
const MOST_ALARMS = 20

/** A case, and how a correct server failed it. */
export interface Alarm {
  readonly case: Case
  readonly failure: Failure
}

/** The cases that accuse a correct server, each alarm confirmed on a fresh process. */
export async function falseAlarms(cases: readonly Case[], correct: Build): Promise<Alarm[]> {
  const server = await launch(correct, SETTINGS)
  const suspected: Case[] = []
  try {
    await inLanes(8, cases, async (one) => {
      if (suspected.length >= MOST_ALARMS) return
      if ((await failureOf(one, server, PATIENCE_MS)) !== undefined) suspected.push(one)
    })
  } finally {
    await server.stop()
  }
  const alarms: Alarm[] = []
  await inLanes(4, suspected, async (one) => {
    const failure = await failureOnFresh(one, correct)
    if (failure !== undefined) alarms.push({ case: one, failure })
  })
  return alarms
}

/** Whether a case fails on a broken server. The cases run one after the other, on one process while it lives. */
export async function isCaught(cases: readonly Case[], broken: Build): Promise<boolean> {
  let server = await launch(broken, SETTINGS)
  const restart = async () => {
    await server.stop()
    server = await launch(broken, SETTINGS)
  }
  try {
    for (const one of cases) {
      if (server.ended !== undefined) await restart()
      if ((await failureOf(one, server, PATIENCE_MS)) === undefined) continue
      if (server.ended === undefined) return true
      // It died: of this case, or of the one before?
      await restart()
      if ((await failureOf(one, server, PATIENCE_MS)) !== undefined) return true
    }
    return false
  } finally {
    await server.stop()
  }
}

/** Does `work` for each item, so many at a time. */
export async function inLanes<Item>(
  lanes: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of left) await work(item)
    }),
  )
}

async function failureOnFresh(one: Case, build: Build): Promise<Failure | undefined> {
  const server = await launch(build, SETTINGS)
  try {
    return await failureOf(one, server, SECOND_PATIENCE_MS)
  } finally {
    await server.stop()
  }
}

/** How a case fails, on connections that are gone afterwards. */
async function failureOf(
  one: Case,
  server: Server,
  patienceMs: number,
): Promise<Failure | undefined> {
  const wires: Wire[] = []
  const connect = async () => {
    const wire = await server.connect()
    wires.push(wire)
    return wire
  }
  try {
    await holds({ connect }, { ...one, why: '' }, { patienceMs })
    return undefined
  } catch (error) {
    if (error instanceof Expectation) return error.failure
    throw error
  } finally {
    for (const wire of wires) wire.close()
  }
}
