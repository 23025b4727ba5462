/** Reads the graded tests of a level without running them. */
import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { testFile } from '../../grader/course.ts'
import type { Suite } from '../../grader/grade.ts'
import type { Level, Task } from '../../levels/register.ts'
import { CASES_MODULE } from './mutants.ts'
import { collected, type Collected } from './vitest-stand-in.ts'

/** A test that waits to be run, and where it stands. */
export interface WaitingTest extends Collected {
  readonly suite: Suite
  readonly task: Task
}

const standIn = new URL('./vitest-stand-in.ts', import.meta.url).href

/** The tests of both suites that judge the server, in the order of their files. */
export async function collect(level: Level): Promise<WaitingTest[]> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vitest' ? { url: standIn, shortCircuit: true } : next(specifier, context),
  })
  const tests: WaitingTest[] = []
  for (const suite of ['public', 'hidden'] as const) {
    for (const task of level.tasks) {
      const file = testFile(suite, level, task)
      if (task.module === CASES_MODULE || !existsSync(file)) continue
      await import(file)
      tests.push(...collected.splice(0).map((test) => ({ ...test, suite, task })))
    }
  }
  hooks.deregister()
  return tests
}
