/**
 * `npm run flake -- level3 --runs 100`: does the same server get the same verdicts, run after run?
 *
 * Every run has a seed of its own, so that a test which passes a server only for some values is found, too.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { readTarget, UsageError } from '../../grader/course.ts'
import { Result } from '../../grader/result.ts'
import { releaseGroup, temporaryFolder, watchGroup } from '../../harness/reaper.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { candidatesOf } from './candidates.ts'
import { circumstances, isCircumstance, type Surroundings } from './circumstances.ts'
import { Findings, show } from './findings.ts'

export interface FlakeOptions {
  /** [10] How often each of them is graded. */
  readonly runs?: number
  /** [1] So many at a time. */
  readonly jobs?: number
  /** Keeps every processor busy meanwhile. */
  readonly busy?: boolean
  /** Only these of the candidates: `reference`, or a wrong server's name. */
  readonly only?: string
  readonly circumstance?: string
}

/** Repeats the suites, prints each run as it ends, and the tests that differed. Ctrl-C keeps what was found so far. */
export async function flake(text: string, options: FlakeOptions): Promise<void> {
  const { runs = 10, jobs = 1, busy = false, only, circumstance = 'usual' } = options
  const { level } = readTarget(text)
  // What grades nothing would find that nothing differs.
  if (runs < 1) throw new UsageError('--runs is how often each is graded: at least 1.')
  if (jobs < 1) throw new UsageError('--jobs is how many are graded at a time: at least 1.')
  if (!isCircumstance(circumstance))
    throw new UsageError(
      `There is no circumstance "${circumstance}". They are: ${Object.keys(circumstances).join(', ')}.`,
    )
  const all = candidatesOf(level.number)
  const candidates = all.filter(({ name }) => only === undefined || name === only)
  if (candidates.length === 0)
    throw new UsageError(
      `There is no candidate "${only ?? ''}". They are: ${all.map(({ name }) => name).join(', ')}.`,
    )

  const folder = await temporaryFolder()
  // Others than its owner may have to read it.
  await chmod(folder, 0o755)
  const surroundings = circumstances[circumstance](folder)
  const laid = new Map<string, string>()
  for (const { name, lay } of candidates) laid.set(name, await lay(path.join(folder, name)))

  const findings = new Findings()
  const running = new Set<ChildProcess>()
  let stopped = false
  const stop = () => {
    stopped = true
    for (const child of running) child.kill('SIGINT')
  }
  process.on('SIGINT', stop)
  const burning = busy ? Array.from({ length: availableParallelism() }, burn) : []
  try {
    const wanted = Array.from({ length: runs }, (_, index) =>
      candidates.map(({ name }) => ({ name, seed: index + 1 })),
    ).flat()
    await inLanes(jobs, wanted, async ({ name, seed }) => {
      if (stopped) return
      const before = performance.now()
      const out = path.join(folder, `out-${name}-${seed}`)
      const result = await gradeOnce(surroundings, text, laid.get(name) ?? '', out, seed, running)
      if (result === undefined) {
        if (!stopped) process.stdout.write(`seed ${seed}, ${name}: the grader gave no result\n`)
        return
      }
      const known = new Set(findings.differences.map(({ test }) => test))
      findings.take(name, result)
      const fresh = findings.differences.filter(({ test }) => !known.has(test))
      const seconds = ((performance.now() - before) / 1000).toFixed(1)
      process.stdout.write(
        `seed ${seed} of ${runs}, ${name}: ${countsOf(result)}, ${seconds} s; ${findings.differences.length} tests differ so far\n${fresh.map(show).join('')}`,
      )
    })
  } finally {
    process.off('SIGINT', stop)
    for (const child of burning) child.kill('SIGKILL')
  }
  const { differences, verdicts } = findings
  const where = `${circumstance}${busy ? ', every processor busy' : ''}, ${jobs} at a time`
  process.stdout.write(
    `\n${text} (${where}): ${findings.runs} runs, ${verdicts} verdicts, ${differences.length} tests differ.\n${differences.map(show).join('')}`,
  )
  const isWhole = findings.runs === runs * candidates.length
  process.exitCode = stopped ? STOPPED : differences.length > 0 || !isWhole ? 1 : 0
}

/** As a shell says of a program that Ctrl-C has ended. */
const STOPPED = 130

/** Grades once, as a user does. */
async function gradeOnce(
  { root, before, env }: Surroundings,
  target: string,
  from: string,
  out: string,
  seed: number,
  running: Set<ChildProcess>,
): Promise<Result | undefined> {
  await mkdir(out)
  await chmod(out, 0o777)
  const command = [
    ...before,
    process.execPath,
    path.join(root, 'grader', 'main.js'),
    ...['grade', target, '--no-bench', '--from', from, '--any-import', '--json'],
    ...['--seed', String(seed), '--out', out],
  ]
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  running.add(child)
  let output = ''
  for await (const part of child.stdout.setEncoding('utf8')) output += part as string
  running.delete(child)
  return output === '' ? undefined : Result.parse(JSON.parse(output))
}

function countsOf({ tasks }: Result): string {
  const tests = tasks.flatMap((task) => task.tests)
  return (['passed', 'failed', 'blocked', 'fault'] as const)
    .map((verdict) => [verdict, tests.filter((test) => test.verdict === verdict).length] as const)
    .filter(([verdict, count]) => count > 0 || verdict === 'passed')
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ')
}

/** A process that computes for ever. */
function burn(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore', detached: true })
  const { pid } = child
  if (pid !== undefined) {
    watchGroup(pid)
    child.once('exit', () => releaseGroup(pid))
  }
  return child
}
