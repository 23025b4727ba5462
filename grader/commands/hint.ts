/** `npm run hint -- 1.3`: the next stage of a task's hints. */
import { isHandout, readTask } from '../course.ts'
import { hintsFor } from '../hints.ts'
import { readState, writeState } from '../state.ts'
import { styleFor } from '../terminal/style.ts'

export function hint(text: string, { all }: { readonly all?: boolean }): void {
  const { level, task } = readTask(text)
  const stages = hintsFor(task.id)
  const state = readState()
  const opened = all ? stages.length : Math.min((state.hints[task.id] ?? 0) + 1, stages.length)
  const isKept = writeState({ ...state, hints: { ...state.hints, [task.id]: opened } })

  const style = styleFor(process.stdout)
  const shown = all ? stages : stages.slice(opened - 1, opened)
  const lines = shown.flatMap(({ title, text: body }) => [
    '',
    style.strong(title.replace(/^(\d)/, 'Stage $1:')),
    body,
  ])
  const next =
    opened < stages.length && !isKept
      ? `Which stage is open cannot be remembered here, in a folder that cannot be written. All of them: npm run hint -- ${task.id} --all`
      : opened < stages.length
        ? `Still stuck? npm run hint -- ${task.id} opens stage ${opened + 1} of ${stages.length}.`
        : isHandout
          ? 'That was the last stage.'
          : `That was the last stage. What is left is the reference: ${task.files.map((file) => `solutions/level${level.number}/${file}`).join(', ')}`
  process.stdout.write(
    `${[style.strong(`Task ${task.id} — ${task.title}`), ...lines, '', next].join('\n')}\n`,
  )
}
