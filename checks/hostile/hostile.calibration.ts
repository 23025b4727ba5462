/**
 * Hostile submissions, each with what the grader must report: the list of 36 in the study of sandboxes.
 *
 * Each is graded as a class grades it, in the strong sandbox where there is one; beside them a correct neighbour is
 * graded again and again, which must notice nothing.
 *
 * Elsewhere: 9 as archives (`checks/class`), 28, 29 and 31, which are about benchmarks, in a step of their own (`checks/bench/dishonest-level1.calibration.ts`).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gradeApart } from '../../grader/class/grade-apart.ts'
import { entryAt } from '../../grader/class/submissions.ts'
import { readTarget, root } from '../../grader/course.ts'
import type { Result } from '../../grader/result.ts'
import { report } from '../../grader/report/report.ts'
import { told } from '../../grader/report/feedback.ts'
import { render } from '../../grader/terminal/render.ts'
import { styleFor } from '../../grader/terminal/style.ts'
import { temporaryFolder } from '../../harness/reaper.ts'
import { strongSandboxMissing } from '../../harness/sandbox/detect.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { complaintsOf } from '../kit/grading.ts'
import { atTheDoor } from './intake.ts'
import type { Hostile, Place } from './making.ts'
import { running } from './running.ts'

const missing = await strongSandboxMissing()
const sandbox = missing === undefined ? 'strong' : 'default'
// For whoever reads the end of a long log.
const note = process.env['SANDBOX_NOTE']
if (note !== undefined)
  await appendFile(
    note,
    missing === undefined
      ? 'strong (bubblewrap)'
      : `default only: ${missing.reason} ${missing.remedy}`,
  )

/** `HOSTILE=13,14a npm run calibrate -- checks/hostile` grades only these. */
const only = process.env['HOSTILE']?.split(',')

const corpus = [...atTheDoor, ...running]
  // Without walls they would do what they are made for.
  .filter(({ strong }) => sandbox === 'strong' || !strong)
  .filter(({ number }) => only?.includes(number) ?? true)

const LANES = 3
const LIMIT_MS = 150_000

describe(`in the ${sandbox} sandbox, a submission that`, () => {
  const results = new Map<Hostile, Result>()
  const left = new Map<Hostile, readonly string[]>()
  const neighbours: Result[] = []
  let host: Server
  let place: Omit<Place, 'folder'>

  beforeAll(async () => {
    const folder = await temporaryFolder()
    // Whoever the grader becomes could read it, were there no walls.
    await chmod(folder, 0o755)
    const secret = path.join(folder, 'secret')
    await writeFile(secret, 'SECRET=a hidden test')
    host = createServer((socket) => socket.end('a service of this machine')).listen(0)
    await new Promise((resolve) => host.once('listening', resolve))
    const { port } = host.address() as { port: number }
    place = { secret, canary: path.join(folder, 'canary'), port }

    let done = false
    const beside = async () => {
      do neighbours.push(await gradeOne(path.join(root, 'solutions'), 'public', folder))
      while (!done)
    }
    const neighbour = beside()
    await inLanes(LANES, corpus, async (hostile) => {
      const own = path.join(folder, `entry-${hostile.number}`)
      const scratch = path.join(own, 'scratch')
      const submission = path.join(own, 'handed-in')
      await mkdir(scratch, { recursive: true })
      await mkdir(submission)
      await hostile.make({ ...place, folder: submission })
      results.set(
        hostile,
        await gradeOne(submission, hostile.suites ?? 'public', scratch, hostile.task),
      )
      left.set(hostile, [...processesOf(scratch), ...readdirSync(scratch)])
    })
    done = true
    await neighbour
  }, 900_000)

  afterAll(() => host.close())

  for (const hostile of corpus) {
    const { number, what, want } = hostile
    it(`${what} (${number}) is reported as what it is, and leaves nothing`, () => {
      const result = results.get(hostile)
      if (result === undefined) throw new Error('it was not graded')
      if ('start' in want) expect(result.start?.code).toBe(want.start)
      else if (want.score === 'in full')
        expect(complaintsOf({ ...result, typeErrors: [] })).toEqual([])
      else {
        expect(result.start).toBe(null)
        expect(result.score.earned).toBeLessThan(result.score.possible)
      }
      expect(result.faults).toEqual([])
      expect(result.sandbox.startsWith(sandbox)).toBe(true)
      expect(left.get(hostile)).toEqual([])
    })
  }

  it('is anything of these changes nothing for a correct neighbour', () => {
    expect(neighbours.length).toBeGreaterThan(0)
    for (const neighbour of neighbours) expect(complaintsOf(neighbour)).toEqual([])
  })

  it('brings settings of its own has them ignored, by name, and no command of it runs (10)', () => {
    const result = resultOf('10')
    expect(result.ignored).toEqual(
      expect.arrayContaining([
        'package.json',
        'vitest.config.ts',
        '.npmrc',
        '.git',
        'level1/package.json',
      ]),
    )
    expect(existsSync(place.canary)).toBe(false)
  })

  it('knows the public tests by heart passes those, and fails hidden ones (27)', () => {
    const tests = resultOf('27').tasks.flatMap((task) => task.tests)
    const failed = (suite: string) =>
      tests.filter((test) => test.suite === suite && test.verdict !== 'passed').length
    expect(failed('public')).toBe(0)
    expect(failed('hidden')).toBeGreaterThan(3)
  })

  it('dies of what a hidden test sends is told titles only: no bytes, no times (34)', () => {
    const tests = told(resultOf('34'))
      .tasks.flatMap((task) => task.tests)
      .filter(({ suite }) => suite === 'hidden')
    expect(tests.length).toBeGreaterThan(3)
    for (const test of tests) expect(test).toMatchObject({ durationMs: 0 })
    for (const test of tests) expect(test.failure).toBe(undefined)
  })

  it('writes tricks is shown without them (12, 26)', () => {
    const result = resultOf('26')
    const page = report(result, {}, { id: '26', name: '=cmd()' })
    expect(page).not.toContain('<script>alert')
    expect(page).not.toMatch(/[\u0000\u202e]/)
    expect(render(result, styleFor(process.stderr)).replaceAll('\n', '')).not.toMatch(
      /[\x00\u202e]|\x1b\[2J/,
    )
  })

  it('looks hostile is never called so', () => {
    const words = /cheat|hack|attack|malicious|evil|forge/i
    for (const result of results.values()) expect(result.start?.message ?? '').not.toMatch(words)
  })

  function resultOf(number: string): Result {
    const hostile = corpus.find((each) => each.number === number)
    const result = hostile && results.get(hostile)
    if (result === undefined) throw new Error(`${number} was not graded`)
    return result
  }
})

async function gradeOne(
  from: string,
  suites: 'public' | 'public and hidden',
  scratchIn: string,
  task = '1.1',
): Promise<Result> {
  const entry = entryAt(from)
  return await gradeApart({
    target: task,
    grading: {
      target: readTarget(task),
      from,
      name: entry.id,
      suites: suites === 'public' ? ['public'] : ['public', 'hidden'],
      seed: 1,
      sandbox,
    },
    limitMs: LIMIT_MS,
    scratchIn,
    isPacked: true,
  })
}

/** Processes that were started somewhere below a folder. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return /^\d+$/.test(pid) && command.includes(folder) ? [command] : []
    } catch {
      return []
    }
  })
}
