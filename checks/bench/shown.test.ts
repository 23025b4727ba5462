import { h } from 'preact'
import { render } from 'preact-render-to-string'
import { describe, expect, it } from 'vitest'
import { BenchRecord } from '../../bench/record.ts'
import type { Picture } from '../../grader/pictures/pictures.ts'
import { benchSection } from '../../grader/report/bench-section.ts'
import { renderBench } from '../../grader/terminal/bench.ts'
import { plainStyle } from '../kit/style.ts'
import { exampleRecord } from './example.ts'

const HOSTILE = '<b>\u001b[31m\u202e'

describe('a bench on the terminal', () => {
  it('has a line for each target: number, share of the reference, verdict', () => {
    expect(shown(exampleRecord())).toContain(
      [
        '                                                       measured                    of the reference',
        '  / with 100 persistent connections                    16,000 req/s (≥ 10,000)     64 % (63 to 65, ≥ 50)  met',
        '  memory kept of a request                             101 bytes a request (≤ 50)                         missed',
        '    Memory grew by 101 bytes a request and did not stop.',
        '  answered in time at twice its capacity, of its peak  80 % (≥ 80)                                        too close to call',
        '    After 6 rounds 80 % still lies between 76 % and 84 %.',
        '  files of 10 MB                                       no figure                                          missed',
        '    No figures: 12 of 180 answers had another length than the file.',
        '  connections served at once, of 1,000                 no figure (≥ 1,000)                                not measured',
        '    The run was interrupted before this scenario.',
        '  A target is met by its number, or by its share of the reference in the same rounds: one of the two',
        '  is enough.',
      ].join('\n'),
    )
  })

  it('has what no drawing shows in a row for each server', () => {
    expect(shown(exampleRecord())).toContain(
      [
        '                CPU a request  RssAnon at most  RSS at most  start-up  errors  wrong answers',
        '    submission        56.3 µs            43 MB        88 MB     36 ms       0              0',
        '    reference           36 µs            40 MB        85 MB     36 ms       0              0',
      ].join('\n'),
    )
  })

  it('ends with the points, and why they count', () => {
    expect(shown(exampleRecord())).toMatch(/\nSpeed 10 of 14 points\. The tests stand at 92 %\.\n$/)
  })

  it('says why no figure counts', () => {
    const message = 'The server never became ready.'
    const record = { ...nothing(), void: { code: 'not-ready' as const, message } }
    expect(shown(record)).toContain(`No figures count. ${message}`)
  })

  it('says that it was stopped, and that what came before stands', () => {
    const interrupted = { code: 'interrupted' as const, message: 'The run was interrupted.' }
    const text = shown({ ...nothing(), complete: false, void: interrupted })
    expect(text).toContain('points so far: the run was stopped.')
    expect(text).toContain('\n\nThe run was interrupted.\n')
    expect(text).not.toContain('No figures count')
  })

  it('lets no stranger write to the terminal', () => {
    expect(shown(hostile())).not.toMatch(/[\u001b\u202e]/)
  })
})

describe('a bench in a report', () => {
  it('is nothing where no bench ran', () => {
    expect(benchSection(null)).toBe(null)
  })

  it('has a row for each target, and the pictures of each scenario below its title', () => {
    const svg = '<svg id="one"></svg>'
    const picture = { scenario: 'throughput', file: 'throughput-rate.svg', svg }
    const html = htmlOf(exampleRecord(), [picture])
    expect(html).toContain(
      '<th scope="row">/ with 100 persistent connections</th><td>16,000 req/s (≥ 10,000)</td><td>64 % (63 to 65, ≥ 50)</td><td><span class="passed">met</span></td>',
    )
    expect(html).toContain(`<h3>/ with 100 persistent connections</h3><div>${svg}</div>`)
  })

  it('says below the targets that the number or the share is enough', () => {
    expect(htmlOf(exampleRecord())).toMatch(
      /<\/table><\/div><p class="soft">A target is met by its number, or by its share of the reference/,
    )
  })

  it('says why there are no figures', () => {
    expect(htmlOf(exampleRecord())).toContain(
      '<p class="failed">12 of 180 answers had another length than the file.</p>',
    )
  })

  it('stands without a scenario and without a target', () => {
    expect(htmlOf(nothing())).toContain('<h2>Speed</h2>')
  })

  it('escapes what strangers wrote', () => {
    expect(htmlOf(hostile())).not.toMatch(/<b>|[\u001b\u202e]/)
  })
})

function shown(record: BenchRecord): string {
  return renderBench(record, plainStyle)
}

function htmlOf(record: BenchRecord, pictures: readonly Picture[] = []): string {
  return render(h('main', null, benchSection(record, pictures)))
}

/** A run that ended before it measured anything. */
function nothing(): BenchRecord {
  return BenchRecord.parse({ ...exampleRecord(), scenarios: [], targets: [], notes: [] })
}

/** Whatever a submission may have a hand in says something else. */
function hostile(): BenchRecord {
  const record = exampleRecord()
  const code = 'died' as const
  return BenchRecord.parse({
    ...record,
    submission: HOSTILE,
    notes: [HOSTILE],
    afterTheLoad: [HOSTILE],
    void: { code, message: HOSTILE },
    scenarios: record.scenarios.map((it) => ({ ...it, void: { code, message: HOSTILE } })),
    targets: record.targets.map((it) => ({ ...it, verdict: 'missed', reason: HOSTILE })),
  })
}
