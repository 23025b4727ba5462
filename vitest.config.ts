/** For the checks of the workbook itself. Graded suites are run by grader/suites.ts, which reads no configuration. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['checks/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
