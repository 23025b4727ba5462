/** What the workbook remembers of a learner between two commands, in `.loadbearing/`. No grade depends on it. */
import { existsSync, readFileSync, renameSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { root } from './course.ts'
import { writeFile } from './journal.ts'

const State = z.object({
  /** Stages of hints opened, by task. */
  hints: z.record(z.string(), z.number()).default({}),
  /** The last verdict on each task. */
  tasks: z
    .record(
      z.string(),
      z.object({
        verdict: z.string(),
        public: z.tuple([z.number(), z.number()]).optional(),
        hidden: z.tuple([z.number(), z.number()]).optional(),
      }),
    )
    .default({}),
  /** What was predicted of a level's bench, by level and question; `null` was skipped. */
  predictions: z.record(z.string(), z.record(z.string(), z.number().nullable())).default({}),
})
export type State = z.infer<typeof State>

const file = path.join(root, '.loadbearing', 'state.json')

export function readState(): State {
  if (!existsSync(file)) return State.parse({})
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    putAside()
    return State.parse({})
  }
}

/** What cannot be read may be mended by whoever broke it. */
function putAside(): void {
  try {
    renameSync(file, `${file}.damaged`)
    process.stderr.write(
      `What was remembered of you cannot be read, and lies in ${path.relative(process.cwd(), file)}.damaged now: progress and hints begin anew.\n`,
    )
  } catch {
    // Then it stays where it is.
  }
}

/** @returns whether it is remembered: not in a read-only checkout, where every command works all the same */
export function writeState(state: State): boolean {
  try {
    writeFile(file, `${JSON.stringify(state, null, 2)}\n`)
    return true
  } catch {
    return false
  }
}
