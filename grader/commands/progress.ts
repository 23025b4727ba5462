/** `npm run progress`: where you are, over all levels. */
import { givenLevels, levelsHere } from '../course.ts'
import { readState } from '../state.ts'
import { styleFor } from '../terminal/style.ts'

const WORDS: Readonly<Record<string, string>> = {
  passed: '✓',
  failed: '✗',
  blocked: '–',
  fault: '!',
}

export function progress({ json }: { readonly json?: boolean }): void {
  const { tasks, hints } = readState()
  if (json) {
    process.stdout.write(`${JSON.stringify({ tasks, hints }, null, 2)}\n`)
    return
  }
  const style = styleFor(process.stdout)
  const levels = levelsHere.filter(({ number }) => !givenLevels.includes(number))
  const lines = levels.flatMap((level) => {
    const done = level.tasks.filter(({ id }) => tasks[id]?.verdict === 'passed').length
    const rows = level.tasks.map(({ id, title }) => {
      const task = tasks[id]
      const counts = (['public', 'hidden'] as const).flatMap((suite) => {
        const [passed, all] = task?.[suite] ?? []
        return all === undefined ? [] : `${suite} ${passed} of ${all}`
      })
      const opened = hints[id] === undefined ? '' : `  (hints opened: ${hints[id]} of 3)`
      const mark = task === undefined ? '·' : (WORDS[task.verdict] ?? '?')
      return `  ${mark} ${id.padEnd(4)} ${title.padEnd(34)} ${counts.join(', ')}${opened}`.trimEnd()
    })
    return [
      '',
      style.strong(
        `Level ${level.number} — ${level.title}: ${done} of ${level.tasks.length} tasks`,
      ),
      ...rows,
    ]
  })
  const next = levels.flatMap((level) =>
    level.tasks.filter(({ id }) => tasks[id]?.verdict !== 'passed'),
  )[0]
  lines.push(
    '',
    next === undefined
      ? 'All of it passes.'
      : `Next: task ${next.id}, ${next.title}. npm test -- ${next.id}`,
  )
  process.stdout.write(`${lines.slice(1).join('\n')}\n`)
}
