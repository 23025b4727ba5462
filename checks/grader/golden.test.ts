/**
 * What people see, for submissions of every kind, equals its golden copy.
 *
 * After a change that is meant, look at `npx vitest run checks/grader -u` and at the difference it makes.
 */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { Result } from '../../grader/result.ts'
import { editedReference } from '../../tests/kit/edited.ts'
import { folderWith } from '../kit/folders.ts'

interface Ending {
  readonly code: number
  readonly stdout: string
}

/** Runs a command as a user does, and waits for its end. */
function loadbearing(...args: readonly string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(root, 'grader/main.js'), ...args],
      { cwd: root, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 1 << 28 },
      (_error, stdout) => resolve({ code: child.exitCode ?? -1, stdout }),
    )
  })
}

/** Without what differs from run to run. */
function steady(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'IMF-FIXDATE')
    .replace(/loadbearing-check-\w+/g, 'FOLDER')
    .replace(/\d+(\.\d+)? (MB|MiB)/g, 'N MB')
    .replace(/\d+(\.\d+)? ms/g, 'N ms')
}

async function grading(...args: readonly string[]): Promise<Ending & { readonly result: Result }> {
  const out = await folderWith()
  const ending = await loadbearing('grade', 'level1', '--seed', '1', '--out', out, ...args)
  const result = Result.parse(JSON.parse(await readFile(path.join(out, 'result.json'), 'utf8')))
  return { ...ending, result }
}

function steadyResult(result: Result): string {
  const machine = { system: '', processor: '', cores: 0, memoryBytes: 0, node: '' }
  const tasks = result.tasks.map((task) => ({ ...task, tests: task.tests.map((test) => ({ ...test, durationMs: 0 })) }))
  return steady(`${JSON.stringify({ ...result, machine, tasks, startedAt: '', sandbox: '' }, null, 2)}\n`)
}

const fixture = (name: string) => ['--from', path.join('checks/submissions/golden', name)]

const submissions: [name: string, exitCode: number, args: () => Promise<readonly string[]> | readonly string[]][] = [
  ['perfect', 0, () => ['--solution']],
  ['starter', 1, () => []],
  ['does-not-compile', 1, () => fixture('does-not-compile')],
  ['exits-at-once', 1, () => fixture('exits-at-once')],
  ['listens-elsewhere', 1, () => fixture('listens-elsewhere')],
  ['never-listens', 1, () => fixture('never-listens')],
  ['hangs', 1, () => fixture('hangs')],
  ['forges-results', 1, () => fixture('forges-results')],
]

describe('golden output', () => {
  beforeAll(() => mkdir(path.join(root, 'checks/golden'), { recursive: true }))

  for (const [name, exitCode, args] of submissions) {
    it.concurrent(`of a submission that is called ${name}`, async () => {
      const { code, stdout, result } = await grading(...(await args()))
      const terminal = steady(stdout).replace(/^Report: .*$/m, 'Report: FILE')
      await expect(terminal).toMatchFileSnapshot(path.join(root, 'checks/golden', `${name}.txt`))
      await expect(steadyResult(result)).toMatchFileSnapshot(path.join(root, 'checks/golden', `${name}.json`))
      expect(code).toBe(exitCode)
    })
  }
})
