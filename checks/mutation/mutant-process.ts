/**
 * Judges one mutant, in a process of its own: ends at the first test that fails.
 *
 * Reads a `Trial` from its argument, prints a `Finding` as one line of JSON. What it started goes with it (harness/reaper.ts).
 */
import path from 'node:path'
import { testFile } from '../../grader/course.ts'
import { runSuites } from '../../grader/suites.ts'
import { build } from '../../harness/build.ts'
import { SubmissionFault } from '../../harness/faults.ts'
import { firstContact } from '../../harness/first-contact.ts'
import { takeIn } from '../../harness/intake.ts'
import { temporaryFolder } from '../../harness/reaper.ts'
import { levelNumbered, type Level, type Task } from '../../levels/register.ts'
import type { Finding, Trial } from './trial.ts'

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
    for (const suite of ['public', 'hidden'] as const) {
      const tasks = inOrder(level.tasks, trial.first)
      const files = new Map(tasks.map((task) => [testFile(suite, level, task), task]))
      const { faults } = await runSuites({
        files: [...files.keys()],
        inThisOrder: true,
        build: built,
        seed: trial.seed,
        cache: trial.cache,
        onCollected: () => undefined,
        onResult: (file, { verdict, title, reason = '' }) => {
          if (verdict === 'passed') return
          if (verdict === 'fault') report({ outcome: 'fault', reason: `${title}: ${reason}` })
          report({ outcome: 'killed', suite, task: files.get(file)?.id ?? '', title })
        },
      })
      const [fault] = faults
      if (fault !== undefined) return { outcome: 'fault', reason: fault }
    }
    return { outcome: 'survived' }
  } catch (error) {
    if (error instanceof SubmissionFault)
      return { outcome: 'killed', suite: 'public', task: 'start', title: error.code }
    throw error
  }
}

/** The tasks that are most likely to notice come first. */
function inOrder(tasks: readonly Task[], first: readonly string[]): Task[] {
  const place = ({ id }: Task) => {
    const index = first.indexOf(id)
    return index === -1 ? first.length : index
  }
  return tasks.toSorted((a, b) => place(a) - place(b))
}

function report(finding: Finding): never {
  process.stdout.write(`${JSON.stringify(finding)}\n`)
  process.exit(0)
}
