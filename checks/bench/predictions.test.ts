import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { compared, questionsAbout } from '../../grader/predictions.ts'
import { askFor } from '../../grader/terminal/ask.ts'
import { targetsOf } from '../../bench/targets.ts'
import { exampleRecord } from './example.ts'

const CTRL_C = '\x03'
const CTRL_D = '\x04'

describe('the questions before a bench', () => {
  it('keep a number for each answer, with or without its unit', async () => {
    expect((await typed('12,480\r', '2.5 ms\r', '80MB\r')).answers).toEqual({
      throughput: 12_480,
      p99: 2.5,
      memory: 80,
    })
  })

  it('are skipped by Enter, one at a time', async () => {
    expect((await typed('\r', '9\r', '\r')).answers).toEqual({
      throughput: null,
      p99: 9,
      memory: null,
    })
  })

  it.each(['many', '-5', '1e9', '2,5', '1'.repeat(400)])('ask again after %s', async (bad) => {
    const { answers, text } = await typed(`${bad}\r`, '80\r', '\r', '\r')
    expect(text).toContain('That is no number. One like 80 or 2.5, please; Enter alone skips it.')
    expect(answers).toMatchObject({ throughput: 80 })
  })

  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ])('are left by %s', async (_, key) => {
    const { answers, text } = await typed('80\r', key)
    expect(answers).toBe(null)
    expect(text).toMatch(/Nothing was measured\.\n$/)
  })

  it('end with the input', async () => {
    expect((await typed('80\r', null)).answers).toBe(null)
  })

  it.each([1, 2, 3])('are three for level %d', (level) => {
    expect(questionsAbout(level)).toHaveLength(3)
  })

  it.each([1, 2, 3])('are about targets of level %d, in their units', (level) => {
    const targets = targetsOf(level)
    for (const { id, unit } of questionsAbout(level)) {
      if (id === 'lastOfTen') continue
      expect(targets[id]?.unit.split(' ')[0]).toBe(unit)
    }
  })
})

describe('what was predicted', () => {
  it('is told beside what was measured', () => {
    expect(compared(exampleRecord(), { throughput: 80, p99: null })).toEqual([
      '100 connections stay open and ask for /. How many answers are that in a second? You said 80, it was 16,000 req/s.',
    ])
  })

  it('is told beside the lack of a figure', () => {
    expect(compared(exampleRecord(), { p99: 9 })[0]).toMatch(/You said 9, it was not measured\.$/)
  })

  it('of level 1 is the end of the staircase', () => {
    const record = { ...exampleRecord(), level: 1 }
    expect(compared(record, { lastOfTen: 100 })[0]).toMatch(/You said 100, it was 1,030 ms\.$/)
  })
})

/** Asks about level 3 with these keys; `null` ends the input. */
async function typed(...keys: readonly (string | null)[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let text = ''
  output.setEncoding('utf8').on('data', (some: string) => (text += some))
  const asked = askFor(questionsAbout(3), { input, output })
  for (const key of keys) {
    if (key === null) input.end()
    else input.write(key)
  }
  return { answers: await asked, text }
}
