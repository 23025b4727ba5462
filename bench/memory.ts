/** What a level measures of memory: what stalled readers cost, what is kept of a request for ever. */
import { nothing, type Bench } from './bench.ts'
import type { Contender } from './contender.ts'
import { growthOf } from './growth.ts'
import type { Scenario } from './scenario.ts'
import { costOfStalled } from './stalled.ts'
import { judge, number } from './verdict.ts'

const NOT_TOLD = 'This system does not tell the memory of a process (Linux does).'

/** Two hundred clients who ask for much and read nothing, on each server once. */
export async function stalledReaders(bench: Bench, target?: string): Promise<void> {
  const clients = 200
  const id = 'stalled'
  const title = `${clients} clients who do not read`
  const heading = { id, title, connections: clients, pipelining: 1 }
  await bench.scenario(heading, target === undefined ? [] : [target], async () => {
    const costs = new Map<Contender['name'], number>()
    for (const contender of bench.both) {
      if (contender.memory() === undefined) continue
      bench.alone(contender)
      const anonymous = () => contender.memory()?.anonymous ?? 0
      costs.set(contender.name, await costOfStalled(contender.address, clients, anonymous))
    }
    if (target === undefined) return
    const megabytesOf = (name: Contender['name']) => {
      const cost = costs.get(name)
      return cost === undefined ? [] : [Math.max(0.1, cost / 1e6)]
    }
    const [submission, reference] = [megabytesOf('submission'), megabytesOf('reference')]
    if (submission.length === 0) bench.unmeasured(target, id, NOT_TOLD)
    else
      bench.judged(
        target,
        id,
        judge(bench.target(target), { submission, reference }, bench.random(id), 1),
      )
  })
}

/** A leak shows long before. */
const MOST_MS = 30_000

export type GrowthScenario = Scenario & { readonly requestsPerRound: number }

/** Equal rounds of load, until memory has stood still or has had every chance to. */
export async function growth(bench: Bench, scenario: GrowthScenario): Promise<void> {
  const { id, title, kind, connections, pipelining = 1, requestsPerRound } = scenario
  const most = bench.target('growth').absolute ?? 0
  await bench.scenario({ id, title, connections, pipelining }, ['growth'], async (sheets) => {
    bench.spread(false)
    const { submission } = bench.parts
    const before = submission.memory()
    if (before === undefined) {
      bench.unmeasured('growth', id, NOT_TOLD)
      return
    }
    const begun = performance.now()
    const memory = [before.anonymous]
    let grown = growthOf(memory, { most, requestsPerRound })
    while (grown === undefined && performance.now() - begun < MOST_MS && !bench.isLate) {
      const requests = scenario.requests(bench.random(`${id} ${memory.length}`))
      const [round, report] = await bench.round(submission, {
        kind,
        connections,
        pipelining,
        requests,
        seconds: 0,
        amount: requestsPerRound,
      })
      sheets.submission.add(round, report)
      if (round.requests < requestsPerRound / 2) {
        const reason = `The server is too slow for rounds of ${number(requestsPerRound)} requests: it answered ${number(round.requests)} in ${number(round.seconds)} s.`
        bench.unmeasured('growth', id, reason)
        return
      }
      memory.push(round.anonymousBytes ?? 0)
      grown = growthOf(memory, { most, requestsPerRound })
    }
    if (grown === undefined) {
      const reason = `Memory had not come to rest after ${memory.length - 1} rounds of ${number(requestsPerRound)} requests, and there was no time for more.`
      bench.judged('growth', id, { ...nothing, verdict: 'too close to call', reason })
      return
    }
    sheets.submission.growth = grown
    const { bytesPerRequest, verdict } = grown
    const value = { median: bytesPerRequest, low: bytesPerRequest, high: bytesPerRequest }
    const rounds = `${memory.length - 1} rounds of ${number(requestsPerRound)} requests`
    bench.judged('growth', id, {
      value,
      reference: null,
      shareReached: null,
      verdict: verdict === 'flat' ? 'met' : 'missed',
      reason:
        verdict === 'flat'
          ? `Memory stands still after ${rounds}.`
          : `Memory still grew by ${number(bytesPerRequest)} bytes a request after ${rounds}: something of each is kept.`,
    })
  })
}
