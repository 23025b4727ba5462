import { describe, expect, it } from 'vitest'
import type { TestResult } from '../../grader/result.ts'
import { blockedByUnfinished } from '../../grader/unfinished.ts'

const stderr =
  'NotImplementedError: Connection.start is yours to write (task 2.3); hints: HINTS.md, "Task 2.3"'

function failedWith(failure: { readonly received: string; readonly stderr?: string }): TestResult {
  return {
    suite: 'public',
    title: 'serves its routes',
    verdict: 'failed',
    durationMs: 1,
    failure: { steps: [], expected: 'a response', ...failure },
  }
}

describe('a part that nobody has written yet', () => {
  it('blocks the tests of other tasks, and says by what', () => {
    const result = failedWith({ received: 'FIN and no response', stderr })
    expect(blockedByUnfinished({ id: '2.4' }, result)).toEqual({
      suite: 'public',
      title: 'serves its routes',
      verdict: 'blocked',
      durationMs: 1,
      reason: '2.3: Connection.start is not written yet.',
    })
  })

  it('blocks them also where a module is called, not the server', () => {
    const result = failedWith({ received: stderr })
    expect(blockedByUnfinished({ id: '2.4' }, result)).toMatchObject({ verdict: 'blocked' })
  })

  it('fails the tests of its own task', () => {
    const result = failedWith({ received: 'FIN and no response', stderr })
    expect(blockedByUnfinished({ id: '2.3' }, result)).toBe(result)
  })

  it('is not what other failures are about', () => {
    const result = failedWith({ received: 'status 500' })
    expect(blockedByUnfinished({ id: '2.4' }, result)).toBe(result)
  })
})
