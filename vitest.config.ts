/**
 * For the checks of the workbook itself. Graded suites are run by grader/suites.ts, which reads no configuration.
 *
 * `npm run calibrate` runs what takes minutes: wrong servers, and correct ones of other shapes, against the suites.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [process.env['CALIBRATE'] ? 'checks/**/*.calibration.ts' : 'checks/**/*.test.ts'],
    pool: 'forks',
    // Most checks wait for a server of their own: a third worker uses what two leave of two cores.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
