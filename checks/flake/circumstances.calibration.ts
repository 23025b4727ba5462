/** Where, and as whom, a grader runs changes no verdict. */
import { describe, expect, it } from 'vitest'
import { loadbearing } from '../kit/command.ts'
import { circumstances } from './circumstances.ts'

describe('the reference of level 1', { timeout: 600_000 }, () => {
  for (const circumstance of Object.keys(circumstances)) {
    it(`gets the same verdicts twice, in these circumstances: ${circumstance}`, async () => {
      const options = ['--runs', '2', '--only', 'reference', '--circumstance', circumstance]
      const { code, stdout } = await loadbearing(['flake', 'level1', ...options])
      expect(stdout).toContain(' 0 tests differ.')
      expect(stdout).not.toMatch(/failed|blocked|fault/)
      expect(code).toBe(0)
    })
  }

  it('gets the same verdicts when five are graded at once', async () => {
    const options = ['--runs', '5', '--jobs', '5', '--only', 'reference']
    const { code, stdout } = await loadbearing(['flake', 'level1', ...options])
    expect(stdout).not.toMatch(/failed|blocked|fault/)
    expect(code).toBe(0)
  })
})
