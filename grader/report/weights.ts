/** An instructor's own weights: `3.1=2,3.10=0` counts task 3.1 twice and leaves 3.10 out. */
import { readTask, UsageError } from '../course.ts'
import type { Result } from '../result.ts'
import { total } from '../score.ts'

/** By task; a task that is not named counts as the course has it. */
export type Weights = ReadonlyMap<string, number>

/** @throws {UsageError} saying what was wrong */
export function readWeights(text: string): Weights {
  const weights = new Map<string, number>()
  for (const part of text.split(',')) {
    const match = /^\s*(\d+\.\d+)\s*=\s*(\d{1,3}(?:\.\d{1,3})?)\s*$/.exec(part)
    if (match === null)
      throw new UsageError(
        `The weight "${part}" is not of the form task=number, as in 3.1=2,3.10=0.`,
      )
    const { task } = readTask(match[1] ?? '')
    weights.set(task.id, Number(match[2]))
  }
  return weights
}

/** The result with its points counted by these weights. What was found out stays as it is. */
export function weighted(result: Result, weights: Weights): Result {
  if (weights.size === 0) return result
  const tasks = result.tasks.map((task) => {
    const weight = weights.get(task.id) ?? 1
    return { ...task, points: task.points * weight, earned: task.earned * weight }
  })
  return { ...result, tasks, score: total(tasks) }
}
