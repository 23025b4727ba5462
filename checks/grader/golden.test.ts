/**
 * What people see, for submissions of every kind, equals its golden copy.
 *
 * After a change that is meant, look at `npx vitest run checks/grader -u` and at the difference it makes.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { Result } from '../../grader/result.ts'
import { writeEdited, type Edit } from '../../tests/kit/edited.ts'
import { loadbearing } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

/** Without what differs from run to run. */
function steady(text: string): string {
  return (
    text
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'IMF-FIXDATE')
      .replace(/[^\s"]*\/loadbearing-\w+/g, 'FOLDER')
      .replace(/\d+(\.\d+)? (MB|MiB)/g, 'N MB')
      .replace(/\d+(\.\d+)? ms/g, 'N ms')
      // When a connection ends, and whether by FIN or by a reset, is chance where a process dies.
      .replace(/^ +\d+\. (client \d+: )?receive (FIN|a reset \(RST\))\n/gm, '')
      .replace(/^ +\d+\. /gm, '   #. ')
      .replace(/but it listens on \d+/g, 'but it listens on PORT')
      // Not every machine has `nc`.
      .replace(/\| npm run --silent send$/gm, '| nc 127.0.0.1 8080')
  )
}

async function grading(...args: readonly string[]) {
  const out = await folderWith()
  const ending = await loadbearing(['test', 'level1', '--seed', '1', '--out', out, ...args])
  const result = Result.parse(
    JSON.parse(await readFile(path.join(out, 'public-result.json'), 'utf8')),
  )
  return { ...ending, result }
}

function steadyResult(result: Result): string {
  const machine = { system: '', processor: '', cores: 0, memoryBytes: 0, node: '' }
  const tasks = result.tasks.map((task) => ({
    ...task,
    tests: task.tests.map(({ failure: _failure, ...test }) => ({ ...test, durationMs: 0 })),
  }))
  return steady(
    `${JSON.stringify({ ...result, machine, tasks, startedAt: '', sandbox: '', limits: {}, digest: undefined }, null, 2)}\n`,
  )
}

const fixture = (name: string) => ['--from', path.join('checks/submissions/golden', name)]

/** The reference with a difference in what it does once it knows the handler of a request. */
async function referenceThat(name: string, first: string): Promise<readonly string[]> {
  const edits: Edit[] = [
    {
      file: 'level1/server.ts',
      find: '/** The life of a connection',
      replace: 'let requests = 0\n\n/** The life of a connection',
    },
    {
      file: 'level1/server.ts',
      find: '  const handler = findHandler(requestLine)\n',
      replace: `  ${first}\n  const handler = findHandler(requestLine)\n`,
    },
  ]
  const folder = await folderWith()
  await writeEdited({ name, what: name, edits }, 1, folder)
  return ['--from', folder]
}

const submissions: [
  name: string,
  exitCode: number,
  args: () => Promise<readonly string[]> | readonly string[],
][] = [
  ['perfect', 0, () => ['--solution']],
  ['starter', 1, () => []],
  ['does-not-compile', 1, () => fixture('does-not-compile')],
  ['exits-at-once', 1, () => fixture('exits-at-once')],
  ['listens-elsewhere', 1, () => fixture('listens-elsewhere')],
  ['never-listens', 1, () => fixture('never-listens')],
  ['hangs', 1, () => fixture('hangs')],
  [
    'dies-at-the-second-request',
    1,
    () => referenceThat('dies', 'if (++requests === 2) process.exit(1)'),
  ],
  [
    'prints-10-megabytes',
    0,
    () => referenceThat('prints', "if (++requests === 1) console.error('x'.repeat(10_000_000))"),
  ],
  ['forges-results', 1, () => fixture('forges-results')],
]

describe('golden output', () => {
  for (const [name, exitCode, args] of submissions) {
    it.concurrent(`of a submission that is called ${name}`, async ({ expect }) => {
      const { code, stdout, result } = await grading(...(await args()))
      await expect(steady(stdout)).toMatchFileSnapshot(
        path.join(root, 'checks/golden', `${name}.txt`),
      )
      await expect(steadyResult(result)).toMatchFileSnapshot(
        path.join(root, 'checks/golden', `${name}.json`),
      )
      expect(code).toBe(exitCode)
    })
  }
})
