/** What the suites of a level are worth, by file and by task, as Markdown. */
import { reasonToSurvive } from './equivalent.ts'
import type { Mutant } from './mutants.ts'
import type { Finding } from './trial.ts'

export interface Judged {
  readonly mutant: Mutant
  readonly finding: Finding
}

interface Counts {
  readonly mutants: number
  readonly byPublic: number
  readonly byHidden: number
  readonly timedOut: number
  readonly equivalent: number
  readonly missed: number
}

/** The share of the mutants that make a difference which some test noticed, from 0 to 1. */
export function strengthOf(judged: readonly Judged[]): number {
  const { mutants, equivalent, missed } = count(judged)
  return mutants === equivalent ? 1 : 1 - missed / (mutants - equivalent)
}

/** The report of one level. */
export function report(level: number, judged: readonly Judged[], of: number): string {
  const { byPublic, mutants, equivalent } = count(judged)
  const files = Object.entries(Object.groupBy(judged, ({ mutant }) => mutant.file))
  const killed = judged.filter(({ finding }) => finding.outcome === 'killed')
  const tasks = Object.entries(
    Object.groupBy(killed, ({ finding }) => (finding.outcome === 'killed' ? finding.task : '')),
  )
  return [
    `## Level ${level}`,
    '',
    `${mutants} of ${of} mutants tried: ${percent(strengthOf(judged))} of those that make a difference are noticed, ${percent(byPublic / Math.max(1, mutants - equivalent))} by a public test first.`,
    '',
    '| file | mutants | noticed by public first | by hidden first | timed out | equivalent | missed |',
    '|---|---|---|---|---|---|---|',
    ...files
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([file, its = []]) => row(file, count(its))),
    row('all', count(judged)),
    '',
    '| first noticed by task | mutants |',
    '|---|---|',
    ...tasks
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([task, its = []]) => `| ${task} | ${its.length} |`),
    '',
    ...survivors('Missed: each is a missing test, or wants a line in equivalent.ts', judged, false),
    ...survivors('Equivalent', judged, true),
    ...faults(judged),
  ].join('\n')
}

function count(judged: readonly Judged[]): Counts {
  const killedBy = (suite: string) =>
    judged.filter(({ finding }) => finding.outcome === 'killed' && finding.suite === suite).length
  const survived = judged.filter(({ finding }) => finding.outcome === 'survived')
  const equivalent = survived.filter(({ mutant }) => reasonToSurvive(mutant) !== undefined).length
  return {
    mutants: judged.length,
    byPublic: killedBy('public'),
    byHidden: killedBy('hidden'),
    timedOut: judged.filter(({ finding }) => finding.outcome === 'timed out').length,
    equivalent,
    missed: survived.length - equivalent,
  }
}

function row(name: string, counts: Counts): string {
  const { mutants, byPublic, byHidden, timedOut, equivalent, missed } = counts
  return `| ${[name, mutants, byPublic, byHidden, timedOut, equivalent, missed].join(' | ')} |`
}

function survivors(title: string, judged: readonly Judged[], explained: boolean): string[] {
  const lines = judged
    .filter(({ finding }) => finding.outcome === 'survived')
    .map(({ mutant }) => ({ mutant, why: reasonToSurvive(mutant) }))
    .filter(({ why }) => (why !== undefined) === explained)
    .map(({ mutant, why }) => `- \`${mutant.id}\`${why === undefined ? '' : `: ${why}`}`)
  return lines.length === 0 ? [] : [`${title}:`, '', ...lines, '']
}

function faults(judged: readonly Judged[]): string[] {
  const lines = judged.flatMap(({ mutant, finding }) =>
    finding.outcome === 'fault' ? [`- \`${mutant.id}\`: ${finding.reason}`] : [],
  )
  return lines.length === 0 ? [] : ['Faults of ours, which say nothing:', '', ...lines, '']
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
