/** A bench as a learner reads it: a line a target, then what was measured, drawn. */
import type {
  BenchRecord,
  Interval,
  TargetRecord,
  TargetVerdict,
  Void,
} from '../../bench/record.ts'
import { amount, withUnit } from '../pictures/amount.ts'
import { chartsOf, type ScenarioCharts } from '../pictures/chart.ts'
import type { Figure } from '../pictures/figures.ts'
import { draw } from '../pictures/drawing.ts'
import { columns } from './columns.ts'
import { printable, wrap, type Style } from './style.ts'

/** The whole output of `npm run bench -- level1`. */
export function renderBench(record: BenchRecord, style: Style): string {
  return [
    heading(record, style),
    empty(record, style),
    targetTable(record, style),
    ...chartsOf(record).map((scenario) => drawings(scenario, style)),
    remarks(record),
    closing(record, style),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n')
}

function heading(record: BenchRecord, style: Style): string {
  const { level, title, submission, seed, machine, load, quick } = record
  return [
    `${style.strong(`Level ${level} — ${title}`)}  ${style.soft(`${printable(submission)}, ${quick ? 'quick bench' : 'bench'}, seed ${seed}`)}`,
    style.soft(
      `${printable(machine.processor)}, ${machine.cores} cores, load average ${amount(machine.loadAverage)}, Node ${machine.node}`,
    ),
    style.soft(`${load.generator}. ${load.placement} ${load.verification}`),
  ].join('\n')
}

function empty({ void: reason }: BenchRecord, style: Style): string {
  return reason === null ? '' : style.bad(printable(whyVoid(reason)))
}

/** What was measured before an interruption stands. */
export function whyVoid({ code, message }: Void): string {
  return code === 'interrupted' ? message : `No figures count. ${message}`
}

/** Why a figure that is short of its number may be met all the same. */
export const EITHER_IS_ENOUGH =
  'A target is met by its number, or by its share of the reference in the same rounds: one of the two is enough.'

function targetTable({ targets }: BenchRecord, style: Style): string {
  if (targets.length === 0) return ''
  const cells = targets.map((target) => [
    target.title,
    value(target),
    share(target),
    painted(target.verdict, style),
  ])
  const [head = '', ...lines] = columns(['', 'measured', 'of the reference'], cells, 'left')
  return [
    `  ${style.soft(head)}`,
    ...targets.flatMap(({ verdict, reason }, row) => [
      `  ${lines[row] ?? ''}`,
      ...(verdict === 'met' ? [] : [`    ${wrap(printable(reason), 4)}`]),
    ]),
    `  ${style.soft(wrap(EITHER_IS_ENOUGH, 2))}`,
  ].join('\n')
}

/** `12,480 req/s (≥ 10,000)` */
export function value({ value: reached, unit, direction, absolute }: TargetRecord): string {
  const number = reached === null ? 'no figure' : `${amount(reached.median)} ${unit}`
  return absolute === null ? number : `${number} (${sign(direction)} ${amount(absolute)})`
}

/** `105 % (98 to 112, ≥ 50)` */
export function share({ shareReached, share: goal, direction }: TargetRecord): string {
  if (shareReached === null) return ''
  const least = goal === null ? '' : `, ${sign(direction)} ${percent(goal)}`
  return `${percent(shareReached.median)} % (${range(shareReached)}${least})`
}

function range({ low, high }: Interval): string {
  return `${percent(low)} to ${percent(high)}`
}

function percent(factor: number): string {
  return amount(factor * 100)
}

function sign(direction: TargetRecord['direction']): string {
  return direction === 'at least' ? '≥' : '≤'
}

function painted(verdict: TargetVerdict, style: Style): string {
  if (verdict === 'met') return style.good(verdict)
  return verdict === 'missed' ? style.bad(verdict) : style.soft(verdict)
}

function drawings({ title, reason, charts, figures }: ScenarioCharts, style: Style): string {
  return [
    style.strong(printable(title)),
    ...(reason === null ? [] : [`  ${wrap(printable(reason), 2)}`]),
    ...charts.flatMap((chart) => draw(chart, style).map((line) => `  ${line}`)),
    ...otherFigures(figures),
  ].join('\n')
}

/** What no drawing shows, a row for each server. */
function otherFigures(figures: readonly Figure[]): string[] {
  const its = figures.filter(({ drawn }) => !drawn)
  const sides = (['submission', 'reference'] as const).filter((side) =>
    its.some((figure) => figure[side] !== null),
  )
  if (sides.length === 0) return []
  return columns(
    ['', ...its.map(({ name }) => name)],
    sides.map((side) => [side, ...its.map((figure) => withUnit(figure[side], figure.unit))]),
  ).map((line) => `    ${line}`)
}

function remarks({ afterTheLoad, notes }: BenchRecord): string {
  return [...afterTheLoad.map((sentence) => `After the load: ${sentence}`), ...notes]
    .map((sentence) => wrap(printable(sentence), 0))
    .join('\n')
}

function closing({ points, complete }: BenchRecord, style: Style): string {
  const sum = style.strong(`Speed ${amount(points.earned)} of ${amount(points.possible)} points`)
  const stopped = complete ? '' : ' so far: the run was stopped'
  return `${sum}${stopped}. ${printable(points.reason)}`
}
