/** Reads HINTS.md: three folded stages under each task's heading. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './course.ts'

export interface HintStage {
  /** `1 Question` */
  readonly title: string
  readonly text: string
}

/** The stages of a task's hints, in order; none when HINTS.md has no heading for it. */
export function hintsFor(taskId: string): HintStage[] {
  const text = readFileSync(path.join(root, 'HINTS.md'), 'utf8')
  const section = text.split(/^### Task /m).find((part) => part.startsWith(`${taskId} `))
  if (section === undefined) return []
  const stages = section.matchAll(/<details>\s*<summary>(.*?)<\/summary>\s*(.*?)<\/details>/gs)
  return Array.from(stages, ([, title = '', body = '']) => ({
    title: title.trim(),
    text: body.trim(),
  }))
}
