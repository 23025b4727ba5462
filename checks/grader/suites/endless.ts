/** A suite with a test that never ends, for checks/grader/endless.test.ts. */
import { describe, it } from '../../../tests/kit/test.ts'

describe('a suite', () => {
  it('never ends', () => new Promise(() => undefined))
  it('ends', () => undefined)
})
