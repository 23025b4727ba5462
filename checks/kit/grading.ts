/** Grades folders as a user does: by the command, in a process of its own. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../../grader/course.ts'
import { Result } from '../../grader/result.ts'

/** A fresh folder for as long as `work` takes. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'loadbearing-check-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Runs `npm run grade -- <target> --from <from>`, or `npm test` if only the public tests count.
 *
 * @param target - `level1`, `1.3`
 * @param from - a folder that holds `level1`
 */
export async function gradeFolder(
  target: string,
  from: string,
  suites: 'public and hidden' | 'public' = 'public and hidden',
): Promise<Result> {
  const grader = path.join(root, 'grader', 'main.js')
  const command =
    suites === 'public'
      ? ['test', target]
      : ['grade', target, '--no-bench', '--out', path.join(from, 'out')]
  const options = ['--from', from, '--any-import', '--json', '--seed', '1']
  const child = spawn(process.execPath, [grader, ...command, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) output += text as string
  return Result.parse(JSON.parse(output))
}

/** What kept a result from being perfect, one line each. */
export function complaintsOf({ tasks, start, faults, typeErrors }: Result): string[] {
  return [
    ...(start === null ? [] : [`${start.code}: ${start.message}`]),
    ...faults,
    ...typeErrors.map(({ file, line, message }) => `${file}, line ${line}: ${message}`),
    ...tasks.flatMap(({ id, tests }) =>
      tests
        .filter(({ verdict }) => verdict !== 'passed')
        .map(
          ({ title, verdict, failure, reason }) =>
            `${id} ${title}: ${verdict}, ${failure?.received ?? reason ?? ''}`,
        ),
    ),
  ]
}
