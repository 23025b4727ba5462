/** The process behind `reaper.ts`: reads what exists, and removes it when its input ends. */
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'

// It would end us, or open a debugger.
process.on('SIGUSR1', () => undefined)

const groups = new Set<number>()
const folders = new Set<string>()

for await (const line of createInterface({ input: process.stdin })) {
  const [word, rest = ''] = line.split(/ (.*)/s)
  if (word === 'group') groups.add(Number(rest))
  if (word === 'released') groups.delete(Number(rest))
  if (word === 'folder') folders.add(rest)
}

for (const group of groups) {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
for (const folder of folders) {
  // Only what `temporaryFolder` makes.
  if (!path.basename(folder).startsWith('loadbearing-') || folder === tmpdir()) continue
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}
