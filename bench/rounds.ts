/** Rounds of two servers in turns, until every target of the scenario is decided. */
import { pairsOf, type Bench, type Sheets } from './bench.ts'
import type { Job } from './load/job.ts'
import { median, ratios } from './statistics.ts'
import { rate, type Scenario } from './scenario.ts'
import { judge, number, type Judgement } from './verdict.ts'

const ROUND_S = 0.4
const WARM_UP_S = 0.25
/** The load beside a round outlasts it by so much: a round begins only when each of its clients was answered once. */
const BESIDE_S = 0.4
/** At this many pairs it is "too close to call". */
const MOST_PAIRS = 20
const MOST_PAIRS_QUICK = 6
/** A slow server takes its time; a scenario does not take more than this. */
const MOST_MS = 25_000
/** Where nothing is to be decided. */
const PAIRS_TO_SHOW = 1

/** Measures a scenario, and judges its targets. */
export async function rounds(bench: Bench, scenario: Scenario): Promise<Sheets> {
  const { id, title, connections, pipelining = 1, targets = {} } = scenario
  const random = bench.random(`${id}: verdict`)
  return await bench.scenario(
    { id, title, connections, pipelining },
    Object.keys(targets),
    async (sheets) => {
      bench.spread(scenario.background !== undefined)
      await pairs(bench, scenario, sheets, (pair, elapsedMs) => {
        if (Object.keys(targets).length === 0) return pair >= PAIRS_TO_SHOW
        const most = bench.parts.quick ? MOST_PAIRS_QUICK : MOST_PAIRS
        if (pair === 0) return false
        return pair >= most || elapsedMs > MOST_MS || bench.isLate || judgements().every(isSettled)
      })
      Object.keys(targets).forEach((target, index) => {
        const judgement = judgements()[index]
        if (judgement !== undefined) bench.judged(target, id, judgement)
      })

      function judgements(): Judgement[] {
        return Object.entries(targets).map(([target, figure]) =>
          judge(bench.target(target), pairsOf(sheets, figure), random),
        )
      }
    },
  )
}

function isSettled({ verdict }: Judgement): boolean {
  return verdict !== 'too close to call'
}

/** Warms both servers up, unless they are warm, then takes rounds in turns until `enough` says so. */
export async function pairs(
  bench: Bench,
  scenario: Scenario,
  sheets: Sheets,
  enough: (pairs: number, elapsedMs: number) => boolean,
  warm = false,
): Promise<void> {
  const begun = performance.now()
  for (let pair = warm ? 0 : -1; pair < 0 || !enough(pair, performance.now() - begun); pair++) {
    // The same load for both: what is random differs from pair to pair, never within one.
    const requests = scenario.requests(bench.random(`${scenario.id} ${pair}`))
    for (const contender of bench.inTurns(pair < 0 ? 0 : pair)) {
      const seconds = pair < 0 ? WARM_UP_S : ROUND_S
      const { kind, connections, pipelining = 1, background } = scenario
      const [round, report] = await bench.round(
        contender,
        { kind, connections, pipelining, requests, seconds },
        background &&
          ({ kind, ...background, seconds: seconds + BESIDE_S } satisfies Omit<Job, 'address'>),
      )
      if (pair >= 0) sheets[contender.name].add(round, report)
    }
  }
}

/** A late look that falls below this share of the early ones is not chance. */
const STEADY = 0.6

/**
 * Looks once more, at the end of the run: a server that was fast as long as it thought it was measured is found out.
 *
 * @param early - the sheets of the same scenario, from the beginning of the run
 */
export async function lateLook(bench: Bench, scenario: Scenario, early: Sheets): Promise<void> {
  if (bench.void !== null || early.submission.rounds.length === 0) return
  const { id, title, connections, pipelining = 1 } = scenario
  const heading = {
    id: `${id}-late`,
    title: `${title}, once more at the end`,
    connections,
    pipelining,
  }
  const look = async (late: Sheets) => {
    bench.spread(scenario.background !== undefined)
    const before = median(sharesOf(early))
    const fell = () => sharesOf(late).every((share) => share < STEADY * before)
    // One bad second of the machine is nothing: four pairs must agree.
    await pairs(bench, scenario, late, (pair) => pair >= 4 || (pair >= 1 && !fell()), true)
    if (!fell()) return
    const speeds = [early, late].map(({ submission }) =>
      number(median(submission.rounds.map(rate))),
    )
    bench.revoke(id, {
      code: 'unstable',
      message: `It served ${speeds.join(' requests a second in the first rounds, and ')} at the end of the run: the first figures say nothing about it.`,
    })
  }
  // Also of a run that is late: a server that became slow is what made it so.
  await bench.scenario(heading, [], look, false)
}

/** Of each pair; without a reference, the rates themselves. */
function sharesOf(sheets: Sheets): number[] {
  const { submission, reference } = pairsOf(sheets, rate)
  return reference.length === 0 ? [...submission] : ratios(submission, reference)
}
