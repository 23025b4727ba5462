/**
 * What a run found out: the one thing that every output is made from (terminal, HTML, JSON, …).
 *
 * It holds only what we observed. Nothing that a submission printed is ever a verdict.
 */
import { z } from 'zod'
import { BenchRecord } from '../bench/record.ts'

/**
 * - `passed`, `failed`: what the submission did
 * - `blocked`: what the test builds on does not hold; not counted twice
 * - `fault`: ours; never costs points
 */
export const Verdict = z.enum(['passed', 'failed', 'blocked', 'fault'])
export type Verdict = z.infer<typeof Verdict>

export const FailureRecord = z.object({
  steps: z.array(z.string()),
  expected: z.string(),
  received: z.string(),
  why: z.string().optional(),
  repeat: z.string().optional(),
  settings: z.string().optional(),
  stderr: z.string().optional(),
  /** A hidden test's failure that may be told to the learner. */
  open: z.literal(true).optional(),
})

export type FailureRecord = z.infer<typeof FailureRecord>

export const TestResult = z.object({
  suite: z.enum(['public', 'hidden']),
  title: z.string(),
  verdict: Verdict,
  durationMs: z.number(),
  failure: FailureRecord.optional(),
  /** `blocked`: the task or the start-up fault that blocks. `fault`: what went wrong in our test. */
  reason: z.string().optional(),
})
export type TestResult = z.infer<typeof TestResult>

export const TaskResult = z.object({
  id: z.string(),
  title: z.string(),
  verdict: Verdict,
  /** What the task is worth, without the tests that a fault of ours kept from a verdict. */
  points: z.number(),
  earned: z.number(),
  tests: z.array(TestResult),
})
export type TaskResult = z.infer<typeof TaskResult>

export const TypeErrorRecord = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  message: z.string(),
})
export type TypeErrorRecord = z.infer<typeof TypeErrorRecord>

export const Result = z.object({
  format: z.literal('loadbearing-result'),
  version: z.literal(1),
  course: z.string(),
  level: z.number(),
  title: z.string(),
  submission: z.string(),
  /** Of the level's own files as they were graded (grader/digest.ts); none where nothing was taken in, or results of before. */
  digest: z.string().optional(),
  suites: z.array(z.enum(['public', 'hidden'])),
  seed: z.number(),
  startedAt: z.iso.datetime(),
  /** `false` while the run goes on, and for ever when it was cut short. */
  complete: z.boolean(),
  machine: z.object({
    system: z.string(),
    processor: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    node: z.string(),
  }),
  sandbox: z.string(),
  /** What the submission's processes could use (harness/sandbox/limits.ts). */
  limits: z.record(z.string(), z.number()).default({}),
  typeErrors: z.array(TypeErrorRecord),
  /** What lay beside the source files and was left alone. */
  ignored: z.array(z.string()),
  /** Why the server could not be tried at all. */
  start: z.object({ code: z.string(), message: z.string(), detail: z.string() }).nullable(),
  /** What went wrong on our side. */
  faults: z.array(z.string()),
  tasks: z.array(TaskResult),
  score: z.object({ earned: z.number(), possible: z.number() }),
  /** What the bench found out, where it ran. Results of before had none. */
  bench: BenchRecord.nullable().default(null),
})
export type Result = z.infer<typeof Result>
