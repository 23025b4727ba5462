import { describe, expect, it } from 'vitest'
import type { Comparison } from '../../grader/compare/comparison.ts'
import { comparePage } from '../../grader/report/compare-page.ts'
import { renderComparison } from '../../grader/terminal/compare.ts'
import { codeSize } from '../../grader/compare/code-size.ts'
import { folderWith } from '../kit/folders.ts'
import { plainStyle } from '../kit/style.ts'
import { exampleRecord } from './example.ts'

describe('the size of code', () => {
  it.each([
    ['blank lines', 'a()\n\n  \t\nb()\n', 2],
    ['comments', '// a\na() // b\n/* c\n d */\n/** e */ b()\n', 2],
    ['what looks like a comment in a string', "const a = '// no'\nconst b = `/*\n*/`\n", 3],
    ['what looks like a comment in a regular expression', 'const a = /[/*]/\nb() /* c */\n', 2],
    ['code on both sides of a long comment', 'a() /*\n*/ b()\n', 2],
    ['what does not parse', 'a( {{{\nb\n', 2],
  ])('counts lines in spite of %s', async (_, text, lines) => {
    const folder = await folderWith({ 'level1/a.ts': text })
    expect(await codeSize(folder, ['level1/a.ts'])).toEqual({
      files: 1,
      lines,
      bytes: Buffer.byteLength(text),
    })
  })

  it('is the sum over its files', async () => {
    const folder = await folderWith({ 'a.ts': 'a()\n', 'b.ts': "b('ë')\nc()\n" })
    expect(await codeSize(folder, ['a.ts', 'b.ts'])).toEqual({ files: 2, lines: 3, bytes: 16 })
  })

  it('is nothing for no files', async () => {
    expect(await codeSize('/nowhere', [])).toEqual({ files: 0, lines: 0, bytes: 0 })
  })
})

describe('a comparison on the terminal', () => {
  it('has tasks and code in two columns', () => {
    expect(shown(example())).toContain(
      [
        '  public tests                    submission  reference',
        '  3.1  Persistent connections       ✗ 3 of 7   ✓ 7 of 7',
        '  3.2  Pipelining              · not reached   ✓ 5 of 5',
        '  points                           6.4 of 20   20 of 20',
        '',
        '  code                                    submission  reference',
        '  files                                           20         40',
        '  lines, without blank ones and comments         812      2,750',
        '  bytes                                       31,000    128,116',
      ].join('\n'),
    )
  })

  it('has figures with the share of the reference, and both latencies on one line', () => {
    const text = shown(example())
    expect(text).toMatch(
      / {2}rate +16,000 req\/s +25,000 req\/s +64 %\n {2}p50 +5\.06 ms +3\.21 ms +158 %\n/,
    )
    expect(text).toContain('    submission                 ●━━━━━━━━━┿─────────────────┤  p50 5.06')
  })

  it('has the peers, and why one is missing', () => {
    expect(shown(example())).toContain(
      [
        'Beside servers that people use',
        '  load                    against    ratio                  submission    peer          RssAnon',
        '  GET /, 100 connections  node:http  1.27 × (1.08 to 1.30)  94,956 req/s  73,774 req/s  34 MB',
        '  nginx is not installed: apt-get install nginx-light.',
      ].join('\n'),
    )
  })

  it('has no verdict on a reference that a stopped run did not reach', () => {
    const { tasks, score, ...rest } = example()
    const unreached = tasks.map((task) => ({
      ...task,
      standing: { ...task.standing, reference: null },
    }))
    const text = shown({ ...rest, tasks: unreached, score: { ...score, reference: null } })
    expect(text).toMatch(/3\.1 {2}Persistent connections +✗ 3 of 7 +–\n/)
    expect(text).toMatch(/points +6\.4 of 20 +–\n/)
  })

  it('says why nothing was measured', () => {
    const problem = 'Speed and memory were not measured: there is no load generator.'
    const text = shown({ ...example(), bench: null, peers: null, problems: [problem] })
    expect(text).toMatch(new RegExp(`\\n\\n${problem}\\n$`))
    expect(text).not.toContain('Beside')
  })
})

describe('the page of a comparison', () => {
  it('has tasks, code, speed and peers', () => {
    const page = comparePage(example(), [])
    for (const title of ['Tasks', 'Code', 'Speed', 'Beside servers that people use'])
      expect(page).toContain(`<h2>${title}</h2>`)
    expect(page).toContain('<th scope="row">bytes</th><td>31,000</td><td>128,116</td>')
  })

  it('stands without anything measured', () => {
    const page = comparePage({ ...example(), bench: null, peers: null, problems: ['<b>No'] }, [])
    expect(page).toContain('&lt;b>No')
    expect(page).not.toContain('<h2>Speed</h2>')
  })
})

function shown(comparison: Comparison): string {
  return renderComparison(comparison, plainStyle)
}

function example(): Comparison {
  const passed = (tests: number) => ({ verdict: 'passed', passed: tests, tests }) as const
  return {
    level: 3,
    title: 'Production',
    submission: 'levels',
    seed: 7,
    complete: true,
    tasks: [
      {
        id: '3.1',
        title: 'Persistent connections',
        standing: {
          submission: { verdict: 'failed', passed: 3, tests: 7 },
          reference: passed(7),
        },
      },
      {
        id: '3.2',
        title: 'Pipelining',
        standing: { submission: { verdict: 'blocked', passed: 0, tests: 0 }, reference: passed(5) },
      },
    ],
    score: {
      submission: { earned: 6.4, possible: 20 },
      reference: { earned: 20, possible: 20 },
    },
    code: {
      submission: { files: 20, lines: 812, bytes: 31_000 },
      reference: { files: 40, lines: 2750, bytes: 128_116 },
    },
    bench: exampleRecord(),
    peers: {
      rows: [
        {
          title: 'GET /, 100 connections',
          against: 'node:http',
          unit: 'req/s',
          submission: 94_956,
          peer: 73_774,
          ratio: { median: 1.27, low: 1.08, high: 1.3 },
          anonymousBytes: 34e6,
        },
      ],
      missing: ['nginx is not installed: apt-get install nginx-light.'],
    },
    problems: [],
  }
}
