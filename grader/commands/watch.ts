/**
 * `npm run watch -- level1`: grades again on every save.
 *
 * It looks at the files' times a few times a second instead of asking the system for events: a level
 * has a dozen files, and events do not arrive on network drives, in containers and in WSL.
 */
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sourceOf, type CommonOptions } from '../cli.ts'
import { readTarget } from '../course.ts'
import { run } from './run.ts'

const LOOK_EVERY_MS = 300

export async function watch(text: string, options: CommonOptions): Promise<void> {
  const target = readTarget(text)
  const folders = Array.from({ length: target.level.number }, (_, index) =>
    path.join(sourceOf(options), `level${index + 1}`),
  )
  for (;;) {
    const before = stateOf(folders)
    if (process.stdout.isTTY && !options.json) process.stdout.write('\x1b[2J\x1b[H')
    const { complete } = await run(target, ['public'], options)
    if (!complete) return
    // Beside JSON there is nothing but JSON.
    const aside = options.json ? process.stderr : process.stdout
    aside.write(
      `Looking at the files of ${path.relative(process.cwd(), sourceOf(options)) || '.'} for changes, on any kind of drive; Ctrl-C ends.\n`,
    )
    while (stateOf(folders) === before) await delay(LOOK_EVERY_MS)
  }
}

/** Changes whenever a source file does. */
function stateOf(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => sourceFiles(folder))
    .map((file) => {
      const status = statSync(file, { throwIfNoEntry: false })
      return `${file} ${status?.mtimeMs ?? 0} ${status?.size ?? 0}`
    })
    .join('\n')
}

function sourceFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const name = path.join(folder, entry.name)
      if (entry.isDirectory()) return sourceFiles(name)
      return entry.name.endsWith('.ts') ? name : []
    })
  } catch {
    return []
  }
}
