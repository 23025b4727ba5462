/**
 * More is offered than a server can serve: what does it still do, and how does it come back?
 *
 * `/fib` is what is asked for: its cost is the server's own, so that the capacity is some hundreds a second and
 * the load process can easily offer twice that.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, Sheet } from './bench.ts'
import { VoidFigures, type Contender } from './contender.ts'
import { exchange } from './exchange.ts'
import { textOf } from './load/one-each.ts'
import { complaint, fib } from './requests.ts'
import { judge, number } from './verdict.ts'

const ID = 'overload'
/** About a millisecond of work. */
const REQUEST = fib(25)
const SECONDS = 0.6
/** Enough to keep a pool busy, too few to fill its queue. */
const CLOSED_CONNECTIONS = 16
const OPEN_CONNECTIONS = 500
const STEPS = [0.5, 1, 2] as const
/** Peak, and twice the capacity. One that is clear of the threshold by so much is enough; otherwise the reference has its turns too. */
const CLEAR = 1.06
const FEWEST_PASSES = 2
const MOST_PASSES = 3
const RECOVERY_MS = 2000

export async function overload(bench: Bench): Promise<void> {
  const title = '/fib offered at 0.5, 1 and 2 times the capacity (open loop)'
  const heading = { id: ID, title, connections: OPEN_CONNECTIONS, pipelining: 1 }
  await bench.scenario(heading, ['overload'], async (sheets) => {
    bench.spread(true)
    const { submission } = bench.parts
    const shares = { submission: [] as number[], reference: [] as number[] }
    const target = bench.target('overload')
    const judged = (least: number) => judge(target, shares, bench.random(ID), least)
    shares.submission.push(await pass(bench, submission, sheets.submission, true))
    const clear = (shares.submission[0] ?? 0) >= CLEAR * (target.absolute ?? 0)
    for (let pair = 0; !clear && pair < MOST_PASSES; pair++) {
      for (const contender of bench.inTurns(pair)) {
        const { name } = contender
        if (pair === 0 && name === 'submission') continue
        shares[name].push(await pass(bench, contender, sheets[name], pair === 0))
      }
      if (pair + 1 >= FEWEST_PASSES && judged(FEWEST_PASSES).verdict !== 'too close to call') break
    }
    const judgement = judged(clear ? 1 : FEWEST_PASSES)
    bench.judged('overload', ID, judgement)
    bench.alone(submission)
    const recovered = await recovery(submission)
    if (recovered > RECOVERY_MS) {
      bench.revoke(ID, {
        code: 'no-answer',
        message: `${number(recovered / 1000)} s after the overload it was not itself again; ${RECOVERY_MS / 1000} s were allowed.`,
      })
    }
  })
}

/** @returns goodput at twice the capacity, in percent of the most that was served */
async function pass(
  bench: Bench,
  contender: Contender,
  sheet: Sheet,
  allSteps: boolean,
): Promise<number> {
  const requests = [REQUEST]
  const [peak, report] = await bench.round(contender, {
    kind: 'persistent',
    connections: CLOSED_CONNECTIONS,
    requests,
    seconds: SECONDS,
  })
  sheet.add(peak, report)
  const capacity = peak.requestsPerSecond
  let [most, last] = [capacity, 0]
  for (const timesCapacity of allSteps ? STEPS : ([2] as const)) {
    const rate = Math.max(1, capacity * timesCapacity)
    const offered = await bench.offer(contender, {
      kind: 'on schedule',
      connections: OPEN_CONNECTIONS,
      requests,
      seconds: SECONDS,
      rate,
    })
    last = offered.requests / SECONDS
    most = Math.max(most, last)
    sheet.offered = [
      ...(sheet.offered ?? []),
      {
        timesCapacity,
        offeredPerSecond: rate,
        goodputPerSecond: last,
        refusedPerSecond: offered.refused / SECONDS,
        failedPerSecond: (offered.errors + offered.wrong) / SECONDS,
        latencyMs: offered.latencyMs,
      },
    ]
  }
  return (last / most) * 100
}

/** How long until a lone request is answered as if nothing had been, in ms. */
async function recovery({ name, address, server }: Contender): Promise<number> {
  const begun = performance.now()
  let elapsed = 0
  while (elapsed <= RECOVERY_MS) {
    const answered = await exchange(address, textOf(REQUEST)).catch(() => undefined)
    elapsed = performance.now() - begun
    if (answered !== undefined) {
      const { status, content } = answered.response
      if (complaint(REQUEST.expect, status, content.toString('latin1')) === undefined)
        return elapsed
    }
    await delay(20)
  }
  const fate = await server.fate()
  if (fate !== undefined) throw new VoidFigures(name, 'died', `Under overload ${fate}.`)
  return elapsed
}
