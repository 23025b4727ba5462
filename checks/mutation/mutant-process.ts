/**
 * Judges one mutant, in a process of its own: ends at the first test that fails.
 *
 * Reads a `Trial` from its argument, prints a `Finding` as one line of JSON. What it started goes with it (harness/reaper.ts).
 */
import path from 'node:path'
import { build } from '../../harness/build.ts'
import { Blocked, Expectation, otherKind } from '../../harness/expectation.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { firstContact } from '../../harness/first-contact.ts'
import { takeIn } from '../../harness/intake.ts'
import { temporaryFolder } from '../../harness/reaper.ts'
import { levelNumbered, type Level } from '../../levels/register.ts'
import { inLanes } from '../../tests/kit/hunt.ts'
import { collect, type WaitingTest } from './collect.ts'
import type { Finding, Trial } from './trial.ts'
import { provide } from './vitest-stand-in.ts'

/** Tests at a time: what was begun beside the one that fails was begun in vain. */
const AT_A_TIME = 8

/** So many go before all others, of whichever suite: the public one takes seconds, for each mutant that it does not notice. */
const MOST_LIKELY = 16

const trial = JSON.parse(process.argv[2] ?? '') as Trial
const level = levelNumbered(trial.level)
if (level === undefined) throw new Error(`there is no level ${trial.level}`)
report(await findingFor(level))

async function findingFor(level: Level): Promise<Finding> {
  const folder = await temporaryFolder()
  try {
    const intake = await takeIn(trial.from, level.number, path.join(folder, 'source'))
    const built = await build(intake, level, path.join(folder, 'build'))
    await firstContact(built)
    provide({ build: built, seed: trial.seed })
    const tests = await collect(level)
    const likely = inOrder(tests).slice(0, Math.min(MOST_LIKELY, trial.first.length))
    await inLanes(AT_A_TIME, likely, tryIt)
    for (const suite of ['public', 'hidden'] as const) {
      const others = tests.filter((test) => test.suite === suite && !likely.includes(test))
      await inLanes(AT_A_TIME, inOrder(others), tryIt)
    }
    return { outcome: 'survived' }
  } catch (error) {
    if (error instanceof SubmissionFault)
      return { outcome: 'killed', suite: 'public', task: 'start', title: error.code }
    throw error
  }
}

/** Those first that are most likely to notice. */
function inOrder(tests: readonly WaitingTest[]): WaitingTest[] {
  const place = ({ title }: WaitingTest) => {
    const index = trial.first.indexOf(title)
    return index === -1 ? trial.first.length : index
  }
  return tests.toSorted((a, b) => place(a) - place(b))
}

async function tryIt({ suite, task, title, meta, run }: WaitingTest): Promise<void> {
  try {
    await run()
  } catch (error) {
    const isAboutIt =
      error instanceof Expectation ||
      error instanceof Blocked ||
      (meta.readsResults && error instanceof Error && otherKind.has(error.name))
    if (isAboutIt) report({ outcome: 'killed', suite, task: task.id, title })
    report({ outcome: 'fault', reason: `${title}: ${String(error)}` })
  }
}

function report(finding: Finding): never {
  process.stdout.write(`${JSON.stringify(finding)}\n`)
  process.exit(0)
}
