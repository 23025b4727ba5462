/** The process behind `reaper.ts`: reads what exists, and removes it when its input ends. */
import { readdirSync, readlinkSync, rmSync } from 'node:fs'
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
  if (word === 'folder' && isOurs(rest)) folders.add(rest)
}

for (const group of groups) kill(-group)
// Who was killed while it started a process could not tell us of it.
for (const pid of processesInFolders()) kill(pid)
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })

/** Whether `temporaryFolder` makes such a one: in any other, nothing is removed and nobody ended. */
function isOurs(folder: string): boolean {
  return path.basename(folder).startsWith('loadbearing-') && folder !== tmpdir()
}

function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** The processes that work in one of the folders, as every submission does; none where the system does not tell. */
function processesInFolders(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(worksInFolder)
  } catch {
    return []
  }
}

function worksInFolder(pid: number): boolean {
  try {
    const directory = readlinkSync(`/proc/${pid}/cwd`)
    return [...folders].some((folder) => directory.startsWith(folder + path.sep))
  } catch {
    return false
  }
}
