/** A bench in a report: the targets, then the pictures and the figures of each scenario. */
import { h, type ComponentChild } from 'preact'
import type { BenchRecord, TargetRecord } from '../../bench/record.ts'
import { withUnit } from '../pictures/amount.ts'
import { chartsOf, type ScenarioCharts } from '../pictures/chart.ts'
import type { Figure } from '../pictures/figures.ts'
import type { Picture } from '../pictures/pictures.ts'
import { EITHER_IS_ENOUGH, share, value, whyVoid } from '../terminal/bench.ts'
import { printable } from '../terminal/style.ts'
import { textTable } from './text-table.ts'

/**
 * The part of a report that is about speed; nothing where no bench ran.
 *
 * @param pictures - those of `picturesOf(record)`; without them, the section has the figures alone
 */
export function benchSection(
  record: BenchRecord | null,
  pictures: readonly Picture[] = [],
): ComponentChild {
  if (record === null) return null
  const { points, notes, afterTheLoad, complete } = record
  return h(
    'section',
    { class: 'bench' },
    h('h2', null, 'Speed'),
    h(
      'p',
      null,
      h('strong', null, `${points.earned} of ${points.possible} points`),
      complete ? '. ' : ' so far: the run was stopped. ',
      printable(points.reason),
    ),
    record.void === null ? null : h('p', { class: 'failed' }, printable(whyVoid(record.void))),
    targetTable(record),
    ...chartsOf(record).map((scenario) => scenarioPart(scenario, pictures)),
    list([...afterTheLoad.map((sentence) => `After the load: ${sentence}`), ...notes]),
    provenance(record),
  )
}

function targetTable({ targets }: BenchRecord): ComponentChild {
  if (targets.length === 0) return null
  return [
    textTable(
      ['Target', 'Measured', 'Of the reference', 'Verdict'],
      targets.map((target) => [target.title, value(target), share(target), verdictOf(target)]),
    ),
    h('p', { class: 'soft' }, EITHER_IS_ENOUGH),
  ]
}

const CLASSES: Readonly<Record<TargetRecord['verdict'], string>> = {
  met: 'passed',
  missed: 'failed',
  'too close to call': 'soft',
  'not measured': 'soft',
}

function verdictOf({ verdict, reason }: TargetRecord): ComponentChild {
  return [
    h('span', { class: CLASSES[verdict] }, verdict),
    verdict === 'met' ? null : h('div', { class: 'soft' }, printable(reason)),
  ]
}

function scenarioPart(scenario: ScenarioCharts, pictures: readonly Picture[]): ComponentChild {
  const { id, title, reason, figures } = scenario
  return h(
    'section',
    null,
    h('h3', null, printable(title)),
    reason === null ? null : h('p', { class: 'failed' }, printable(reason)),
    h('div', {
      dangerouslySetInnerHTML: {
        __html: pictures.flatMap(({ scenario: of, svg }) => (of === id ? [svg] : [])).join(''),
      },
    }),
    figureTable(figures),
  )
}

function figureTable(figures: readonly Figure[]): ComponentChild {
  const sides = (['submission', 'reference'] as const).filter((side) =>
    figures.some((figure) => figure[side] !== null),
  )
  if (sides.length === 0) return null
  return textTable(
    ['', ...figures.map(({ name, unit }) => (unit === '' ? name : `${name}, ${unit}`))],
    sides.map((side) => [side, ...figures.map((figure) => withUnit(figure[side], ''))]),
  )
}

function list(sentences: readonly string[]): ComponentChild {
  if (sentences.length === 0) return null
  return h('ul', null, ...sentences.map((sentence) => h('li', null, printable(sentence))))
}

function provenance({ machine, load, seed, confidence, sandbox }: BenchRecord): ComponentChild {
  return h(
    'p',
    { class: 'soft' },
    `Measured by ${load.generator}, seed ${seed}, sandbox: ${sandbox}. ${load.verification} ${load.placement} `,
    `What stands in brackets holds with a confidence of ${confidence * 100} %. `,
    `Machine: ${machine.processor}, ${machine.cores} cores, load average ${machine.loadAverage} at the start, Node ${machine.node}.`,
  )
}
