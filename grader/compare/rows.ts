/** The tables of a comparison, as text: terminal and page show the same ones. */
import type { PeerRow } from '../../bench/peers.ts'
import { amount, withUnit } from '../pictures/amount.ts'
import type { Figure } from '../pictures/figures.ts'
import type { Comparison, Standing } from './comparison.ts'

/** A name, then a cell for each column. */
export type Row = readonly string[]

export const TASK_COLUMNS = ['public tests', 'submission', 'reference']

export function taskRows({ tasks, score }: Comparison): Row[] {
  return [
    ...tasks.map(({ id, title, standing }) => [
      `${id.padEnd(4)} ${title}`,
      standingText(standing.submission),
      standingText(standing.reference),
    ]),
    ['points', points(score.submission), points(score.reference)],
  ]
}

const MARKS = { passed: '✓', failed: '✗', blocked: '–', fault: '!' } as const

function standingText(standing: Standing | null): string {
  if (standing === null) return '–'
  const { verdict, passed, tests } = standing
  return tests === 0 ? '· not reached' : `${MARKS[verdict]} ${passed} of ${tests}`
}

function points(score: Comparison['score']['reference']): string {
  return score === null ? '–' : `${score.earned} of ${score.possible}`
}

export const CODE_COLUMNS = ['code', 'submission', 'reference']

export function codeRows({ code: { submission, reference } }: Comparison): Row[] {
  const names = {
    files: 'files',
    lines: 'lines, without blank ones and comments',
    bytes: 'bytes',
  } as const
  return (['files', 'lines', 'bytes'] as const).map((name) => [
    names[name],
    amount(submission[name]),
    amount(reference[name]),
  ])
}

export const FIGURE_COLUMNS = ['', 'submission', 'reference', 'of the reference']

export function figureRows(figures: readonly Figure[]): Row[] {
  return figures.map(({ name, unit, submission, reference }) => [
    name,
    withUnit(submission, unit),
    withUnit(reference, unit),
    // Of counts, and of a few bytes, a share says nothing.
    unit === '' || submission === null || reference === null || reference <= 0
      ? ''
      : `${amount((submission / reference) * 100)} %`,
  ])
}

export const PEER_COLUMNS = ['load', 'against', 'ratio', 'submission', 'peer', 'RssAnon']

export function peerRows(rows: readonly PeerRow[]): Row[] {
  return rows.map(({ title, against, unit, submission, peer, ratio, anonymousBytes }) => [
    title,
    against,
    `${factor(ratio.median)} × (${factor(ratio.low)} to ${factor(ratio.high)})`,
    withUnit(submission, unit),
    withUnit(peer, unit),
    withUnit(anonymousBytes === null ? null : anonymousBytes / 1e6, 'MB'),
  ])
}

/** Two digits after the point: the claims about speed are made in hundredths. */
function factor(value: number): string {
  return value.toFixed(2)
}
