/** One mutant against the suites of its level, in a process that can be ended at any moment. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

/** What a process is asked to judge. */
export interface Trial {
  readonly level: number
  /** Holds the mutant's `level1`, `level2`, … */
  readonly from: string
  readonly seed: number
  /** Titles of the tests that go first. */
  readonly first: readonly string[]
}

export type Finding =
  | {
      readonly outcome: 'killed'
      readonly suite: 'public' | 'hidden'
      /** The task of the test that failed first, or `start`. */
      readonly task: string
      readonly title: string
    }
  | { readonly outcome: 'survived' }
  /** The suites took longer than any server may take them: noticed, but by no test. */
  | { readonly outcome: 'timed out' }
  | { readonly outcome: 'fault'; readonly reason: string }

/** The slowest suite takes a minute of an idle machine. */
const PATIENCE_MS = 480_000

/** Judges one mutant. */
export async function judge(trial: Trial): Promise<Finding> {
  const script = path.join(import.meta.dirname, 'mutant-process.ts')
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--disable-sigusr1', script, JSON.stringify(trial)],
      { timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: 16 * 1024 * 1024 },
    )
    const line = stdout.trim().split('\n').at(-1) ?? ''
    return JSON.parse(line) as Finding
  } catch (error) {
    if ((error as { killed?: boolean }).killed) return { outcome: 'timed out' }
    const [reason = ''] = (error as Error).message.split('\n').slice(-1)
    return { outcome: 'fault', reason }
  }
}
