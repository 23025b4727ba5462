import { beforeAll, describe, expect, it } from 'vitest'
import { BenchRecord, type ScenarioRecord } from '../../bench/record.ts'
import { amount, withUnit } from '../../grader/pictures/amount.ts'
import { chartsOf } from '../../grader/pictures/chart.ts'
import { draw } from '../../grader/pictures/drawing.ts'
import { picturesOf, type Picture } from '../../grader/pictures/pictures.ts'
import { plainStyle } from '../kit/style.ts'
import { exampleRecord } from './example.ts'

describe('a drawing in the terminal', () => {
  it('is a staircase where one client waits for the other, and a wall where none does', () => {
    expect(drawn('work', 'timeline')).toEqual([
      'who waited how long',
      '  client  submission                                reference',
      '       1  ███                               103 ms  ███                               104 ms',
      '       2  ██████                            206 ms  ███                               104 ms',
      '       3  █████████                         309 ms  ███                               105 ms',
      '       4  ████████████                      412 ms  ███                               105 ms',
      '       5  ███████████████                   515 ms  ███                               105 ms',
      '       6  ██████████████████                618 ms  ███                               105 ms',
      '       7  █████████████████████             721 ms  ███                               106 ms',
      '       8  ████████████████████████          824 ms  ███                               106 ms',
      '       9  ███████████████████████████       927 ms  ███                               106 ms',
      '      10  ██████████████████████████████  1,030 ms  ███                               106 ms',
    ])
  })

  it('has a bar for each round, both servers on one scale from zero', () => {
    expect(drawn('throughput', 'rate')).toEqual([
      'req/s, round by round  (0 to 25,300)',
      '  submission  ▅▆▆▆  median 16,000',
      '  reference   ████  median 25,000',
    ])
  })

  it('shows growth of memory as steps', () => {
    expect(drawn('throughput', 'memory')).toEqual([
      'RssAnon in MB, idle and by round  (0 to 82.2)',
      '  submission  ▄▄▆▇██  34 → 82.2, 101 bytes kept of a request',
      '  reference   ▄▄▄▄▄▄  31 → 36.3, 1 byte kept of a request',
    ])
  })

  it('has the quantiles of both servers on one line of latencies', () => {
    expect(drawn('throughput', 'latency')).toEqual([
      'latency in ms  (● p50  ┿ p90  ┤ p99  × p99.9, logarithmic)',
      '  submission                 ●━━━━━━━━━┿─────────────────┤  p50 5.06, p90 7.9, p99 17.6, p99.9 17.7',
      '  reference       ●━━━━━━━━━┿──────────────────┤            p50 3.21, p90 5.01, p99 11.2, p99.9 11.2',
    ])
  })

  it('draws ten of a hundred clients', () => {
    const timeline = Array.from({ length: 100 }, (_, n) => ({ from: 0, to: 100 + n }))
    const lines = drawnOf(
      withScenario('work', (it) => ({ ...it, submission: { ...figures(it), timeline } })),
    )
    const clients = lines.flatMap((line) => /^ +(\d+) /.exec(line)?.[1] ?? [])
    expect(clients.slice(0, 10)).toEqual([
      '10',
      '20',
      '30',
      '40',
      '50',
      '60',
      '70',
      '80',
      '90',
      '100',
    ])
  })

  it('stands for rounds without a single answer', () => {
    const lines = drawnOf(
      withScenario('throughput', (it) => ({
        ...it,
        reference: null,
        submission: {
          ...figures(it),
          rounds: figures(it).rounds.map((round) => ({ ...round, requestsPerSecond: 0 })),
        },
      })),
    )
    expect(lines).toContain('  submission  ▁▁▁▁  median 0')
  })
})

describe('charts of a record with missing parts', () => {
  it('say why there is no figure', () => {
    const reasons = chartsOf(exampleRecord()).map(({ reason }) => reason)
    expect(reasons).toEqual([
      null,
      null,
      null,
      '12 of 180 answers had another length than the file.',
    ])
  })

  it('say that the run was stopped before', () => {
    const record = withScenario('work', (it) => ({ ...it, submission: null, reference: null }))
    expect(chartsOf({ ...record, complete: false })[0]).toMatchObject({
      charts: [],
      figures: [],
      reason: 'The run was stopped before the submission was measured here.',
    })
  })

  it('are those of the server that was measured', () => {
    const charts = chartsOf(exampleRecord()).find(({ id }) => id === 'static-large')?.charts ?? []
    expect(charts.map(({ name, lines }) => [name, ...lines.map(({ side }) => side)])).toEqual([
      ['rate', 'reference'],
      ['latency', 'reference'],
      ['memory', 'reference'],
    ])
  })
})

describe('a number', () => {
  it.each([
    [12_480.4, '12,480'],
    [38.21, '38.2'],
    [2.134, '2.13'],
    [0.3824, '0.382'],
    [0, '0'],
    [NaN, '–'],
  ])('%d reads %s', (value, text) => expect(amount(value)).toBe(text))

  it('that is missing is a dash and no zero', () => expect(withUnit(null, 'MB')).toBe('–'))
})

describe('a picture', () => {
  let pictures: Picture[]
  beforeAll(async () => {
    pictures = await picturesOf(exampleRecord())
  })

  it('is made of each chart, under a name of its own', () => {
    expect(pictures.map(({ file }) => file)).toEqual([
      'work-timeline.svg',
      'throughput-rate.svg',
      'throughput-latency.svg',
      'throughput-memory.svg',
      'overload-overload.svg',
      'static-large-rate.svg',
      'static-large-latency.svg',
      'static-large-memory.svg',
    ])
  })

  it('is well-formed XML', () => {
    for (const { svg } of pictures) expect(malformed(svg)).toBe('')
  })

  it('is one image that says what it shows', () => {
    expect(pictures[1]?.svg).toMatch(
      /^<svg [^>]*role="img" aria-label="\/ with 100 persistent connections: req\/s, round by round\. submission: median 16,000\. reference: median 25,000"[^>]*><title>\/ with 100 persistent connections: req\/s, round by round<\/title><desc>submission: median 16,000\. reference: median 25,000<\/desc>/,
    )
  })

  it('has its axes and its servers named in it', () => {
    const texts = Array.from(
      pictures[2]?.svg.matchAll(/<text[^>]*>([^<]*)</g) ?? [],
      ([, text]) => text,
    )
    for (const text of ['latency in ms', '50 %', '99.9 %', 'submission', 'reference'])
      expect(texts).toContain(text)
  })

  it('asks for no script, no font and no other file', () => {
    for (const { svg } of pictures)
      expect(svg).not.toMatch(/<script|@import|@font-face|href=|url\(/)
  })

  it('changes its colours on a dark screen only', () => {
    for (const { svg } of pictures)
      expect(svg).toContain('@media screen and (prefers-color-scheme: dark)')
  })

  it('escapes what a title says', async () => {
    const record = withScenario('work', (it) => ({ ...it, title: '</title><script>"&\'' }))
    for (const { svg } of await picturesOf(record)) {
      expect(svg).not.toContain('<script')
      expect(malformed(svg)).toBe('')
    }
  })
})

function drawn(scenario: string, name: string): string[] {
  const { charts } = chartsOf(exampleRecord()).find(({ id }) => id === scenario) ?? { charts: [] }
  return charts.filter((chart) => chart.name === name).flatMap((chart) => draw(chart, plainStyle))
}

function drawnOf(record: BenchRecord): string[] {
  return chartsOf(record).flatMap(({ charts }) =>
    charts.flatMap((chart) => draw(chart, plainStyle)),
  )
}

/** The example with one of its scenarios changed. */
function withScenario(id: string, change: (it: ScenarioRecord) => ScenarioRecord): BenchRecord {
  const record = exampleRecord()
  return BenchRecord.parse({
    ...record,
    scenarios: record.scenarios.map((it) => (it.id === id ? change(it) : it)),
  })
}

function figures({ submission }: ScenarioRecord) {
  if (submission === null) throw new Error('the example has figures here')
  return submission
}

/** The first thing in a document that XML does not allow; empty when there is none. */
function malformed(xml: string): string {
  const open: string[] = []
  for (const [tag] of xml.matchAll(/<(?:"[^"]*"|[^>"])*>/g)) {
    const [, closing, name = '', attributes = '', empty] =
      /^<(\/?)([a-z][\w-]*)((?: [\w:-]+="[^"<]*")*)(\/?)>$/i.exec(tag) ?? []
    if (name === '') return tag
    const names = Array.from(attributes.matchAll(/ ([\w:-]+)=/g), ([, one]) => one)
    if (new Set(names).size < names.length) return tag
    if (closing === '/' && open.pop() !== name) return tag
    if (closing === '' && empty === '') open.push(name)
  }
  const loose = /&(?!amp;|lt;|gt;|quot;|#\d+;|#x[\da-f]+;).{0,20}/i.exec(xml)?.[0]
  return loose ?? open.join(' ')
}
