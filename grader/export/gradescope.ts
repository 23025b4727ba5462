/**
 * `results.json` of Gradescope: a test for each task, with its points.
 *
 * Every test is visible, because Gradescope hides the total of whoever has a hidden one; what must
 * not be told is taken out before (`grader/report/feedback.ts`).
 */
import { z } from 'zod'
import { levelNumbered } from '../../levels/register.ts'
import { told, type Feedback } from '../report/feedback.ts'
import { gradeOf, tenths } from '../report/grade.ts'
import type { Result } from '../result.ts'
import { overview, taskText } from './text.ts'

const Format = z.enum(['text', 'html', 'simple_format', 'md', 'ansi'])
const Visibility = z.enum(['visible', 'hidden', 'after_due_date', 'after_published'])

/** As Gradescope documents it (specs.md), with nothing that it does not know. */
export const GradescopeResults = z.strictObject({
  score: z.number(),
  output: z.string(),
  output_format: Format,
  test_output_format: Format,
  test_name_format: Format,
  visibility: Visibility,
  stdout_visibility: Visibility,
  extra_data: z.record(z.string(), z.unknown()),
  tests: z.array(
    z.strictObject({
      score: z.number(),
      max_score: z.number(),
      status: z.enum(['passed', 'failed']),
      name: z.string(),
      number: z.string().regex(/^\d+\.\d+$/),
      output: z.string(),
      extra_data: z.record(z.string(), z.unknown()),
    }),
  ),
})
export type GradescopeResults = z.infer<typeof GradescopeResults>

/** @returns `null` when nothing could be judged by our fault: no file is better than a zero. */
export function gradescopeResults(
  whole: Result,
  feedback: Feedback = {},
): GradescopeResults | null {
  const score = scoreOf(whole)
  if (score === null) return null
  const result = told(whole, feedback)
  return {
    // Overrides the sum of the tests: what a fault of ours took from it is given back.
    score,
    output: overview(result),
    output_format: 'text',
    test_output_format: 'text',
    test_name_format: 'text',
    visibility: 'visible',
    stdout_visibility: 'hidden',
    extra_data: { course: result.course, seed: result.seed, sandbox: result.sandbox },
    tests: result.tasks.map((task) => ({
      score: task.earned,
      max_score: task.points,
      status: task.verdict === 'passed' ? 'passed' : 'failed',
      name: task.title,
      number: task.id,
      output: taskText(task, result),
      extra_data: { verdict: task.verdict },
    })),
  }
}

/** Of the points that the level is worth. A run that was cut short keeps what it had earned. */
function scoreOf(result: Result): number | null {
  const { percent, standing } = gradeOf(result)
  if (standing === 'interrupted') return result.score.earned
  if (percent === null) return null
  return tenths((result.score.earned / result.score.possible) * worth(result))
}

/** What all tasks are worth together, faults of ours or not. */
export function worth({ level, tasks }: Result): number {
  const known = levelNumbered(level)?.tasks ?? []
  return tasks.reduce(
    (sum, { id, points }) => sum + (known.find((task) => task.id === id)?.points ?? points),
    0,
  )
}
