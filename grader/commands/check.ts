/** `npm test`: the workbook checks itself, from its types to its own grades. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { startVitest } from 'vitest/node'
import { root } from '../course.ts'

/** So much of what a failed check says is repeated at the end; the whole stands where it failed. */
const MOST_SAID = 2_000

/** Runs every check. Returns the exit code. */
export async function checkCourse(): Promise<number> {
  const count = { passed: 0, failed: 0 }
  const failures: string[] = []

  process.stdout.write('Types …\n')
  const typescript = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const types = spawnSync(
    process.execPath,
    [path.join(typescript, 'bin', 'tsc'), '--noEmit', '-p', root],
    { stdio: 'inherit' },
  )
  count[types.status === 0 ? 'passed' : 'failed']++

  const vitest = await startVitest('test', [], {
    root,
    watch: false,
    config: path.join(root, 'vitest.config.ts'),
    reporters: [
      process.stdout.isTTY ? 'default' : 'dot',
      {
        onTestCaseResult(test) {
          const { state, errors = [] } = test.result()
          if (state === 'passed') count.passed++
          if (state !== 'failed') return
          count.failed++
          const said = errors[0]?.message ?? 'nothing'
          failures.push(
            `${test.module.relativeModuleId} > ${test.fullName}\n${said.slice(0, MOST_SAID)}\n`,
          )
        },
        onTestModuleEnd(module) {
          count.failed += module.errors().length
        },
        onTestRunEnd(_modules, unhandled) {
          count.failed += unhandled.length
        },
      },
    ],
  })
  await vitest?.close()

  if (count.passed < 2) count.failed++
  // Once more, in short: whoever keeps only the end of a long output still learns what failed.
  for (const failure of failures) process.stdout.write(`\nFailed: ${failure}`)
  process.stdout.write(
    `\nThis checked the workbook. Your own level: npm test -- level1\n${count.passed} passed, ${count.failed} failed\n`,
  )
  return count.failed === 0 ? 0 : 1
}
