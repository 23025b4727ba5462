/** What a learner is told, in every output: of hidden tests the behaviour and the count, and nothing else before the deadline. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Graded } from '../../grader/class/graded.ts'
import { root } from '../../grader/course.ts'
import { classroomOutput } from '../../grader/export/classroom-step.ts'
import { gradescopeResults } from '../../grader/export/gradescope.ts'
import { junitXml } from '../../grader/export/junit.ts'
import { told, type Feedback } from '../../grader/report/feedback.ts'
import { report } from '../../grader/report/report.ts'
import type { Result } from '../../grader/result.ts'
import { kinds, SECRET } from '../kit/made-up-class.ts'

/** Everything that is made for learners. */
const outputs: Readonly<Record<string, (result: Result, feedback?: Feedback) => string>> = {
  'the page': (result, feedback) => report(result, feedback, { id: 'ada', name: 'Ada' }),
  Gradescope: (result, feedback) => JSON.stringify(gradescopeResults(result, feedback)),
  Classroom: (result, feedback) =>
    Buffer.from(
      classroomOutput(told(result, feedback)).slice('result='.length),
      'base64',
    ).toString(),
  JUnit: (result, feedback) => [...junitXml(classOf(result), feedback)].join(''),
}

function classOf(result: Result): Graded[] {
  return [{ id: 'ada', name: 'Ada', result }]
}

describe('what a learner is told', () => {
  for (const [name, write] of Object.entries(outputs)) {
    for (const [kind, result] of Object.entries(kinds)) {
      it(`holds nothing of hidden tests but their behaviour: ${name}, ${kind}`, () => {
        const text = write(result)
        expect(text).not.toContain(SECRET)
        expect(text).not.toContain(root)
        expect(text).not.toContain('tests/hidden')
      })
    }

    it(`names the behaviours of hidden failures: ${name}`, () => {
      expect(write(kinds.half)).toContain('keeps its word in case')
    })

    it(`holds hidden failures in full after the deadline: ${name}`, () => {
      expect(write(kinds.half, { releaseDetails: true })).toContain(SECRET)
    })
  }

  for (const name of ['the page', 'Gradescope', 'Classroom']) {
    it(`counts the hidden tests that pass: ${name}`, () => {
      expect(outputs[name]?.(kinds.half)).toContain('9 of 12')
    })
  }

  it('holds no time of a hidden test', () => {
    const xml = outputs['JUnit']?.(kinds.half) ?? ''
    const hidden = [
      ...xml.matchAll(/<testcase classname="ada\.[\d.]+\.hidden"[^>]*time="([^"]*)"/g),
    ]
    expect(hidden.length).toBeGreaterThan(100)
    expect(new Set(hidden.map(([, time]) => time))).toEqual(new Set(['0.000']))
  })

  it('tells a hidden failure that the test itself has opened', () => {
    const [task, ...others] = kinds.half.tasks
    const opened = {
      suite: 'hidden' as const,
      title: 'finds the bugs',
      verdict: 'failed' as const,
      durationMs: 1,
      failure: {
        steps: [],
        expected: '5 of 9',
        received: 'your case found 3 of 9',
        open: true as const,
      },
    }
    const result = { ...kinds.half, tasks: [{ ...task, tests: [opened] }, ...others] } as Result
    expect(report(result)).toContain('your case found 3 of 9')
  })
})

/** Titles as they stand in the source; what a template fills in is checked where the suite runs. */
function hiddenTitles(): { readonly level: string; readonly title: string }[] {
  return globSync('tests/hidden/level*/*.test.ts', { cwd: root }).flatMap((file) =>
    [
      ...readFileSync(path.join(root, file), 'utf8').matchAll(
        /^\s*it(?:\.concurrent)?\(\s*(['"`])(.+?)\1\s*,/gms,
      ),
    ].map(([, , title = '']) => ({ level: /level\d+/.exec(file)?.[0] ?? '', title })),
  )
}

describe('the titles of hidden tests', () => {
  const assignments = globSync('levels/level*/README.md', { cwd: root })
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n')

  it('are found', () => {
    expect(hiddenTitles().length).toBeGreaterThan(150)
  })

  it('name no path, number, field or byte that the assignments do not name', () => {
    const strange = hiddenTitles().flatMap(({ level, title }) =>
      (
        title
          .replace(/\$\{[^}]*\}/g, '')
          .match(/\/[\w%./-]+|\b\d[\d,.]*\b|%[0-9A-F]{2}|\\+[rnx0u]\w*/g) ?? []
      )
        .map((token) => token.replace(/[.,]$/, ''))
        .filter((token) => !assignments.includes(token))
        .map((token) => `${level}: ${title}: ${token}`),
    )
    expect(strange).toEqual([])
  })
})
