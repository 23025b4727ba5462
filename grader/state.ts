/** What the workbook remembers of a learner between two commands, in `.loadbearing/`. Forgetting it costs nothing. */
import { readFileSync } from 'node:fs'
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
  try {
    return State.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return State.parse({})
  }
}

/** Remembers, if the folder can be written. */
export function writeState(state: State): void {
  try {
    writeFile(file, `${JSON.stringify(state, null, 2)}\n`)
  } catch {
    // A read-only checkout: every command works, only nothing is remembered.
  }
}
