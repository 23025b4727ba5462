/**
 * Leaves nothing behind, however this process ends.
 *
 * A process that is killed cannot clean up after itself, so another one does it: the reaper
 * holds the reading end of a pipe, is told of every process group and folder that we make, and when
 * the pipe closes, be it by our end, Ctrl-C or `kill -9`, it ends and removes what is left.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

let reaper: ChildProcess | undefined

function tell(line: string): void {
  reaper ??= start()
  reaper.stdin?.write(`${line}\n`)
}

function start(): ChildProcess {
  const script = fileURLToPath(new URL('./reaper-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-sigusr1', script], {
    // A group of its own: Ctrl-C in the terminal ends us, not the reaper.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  })
  child.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  // Neither the process nor its pipe keeps us alive.
  child.unref()
  ;(child.stdin as unknown as { unref(): void }).unref()
  return child
}

/** The group is killed when this process ends, unless it is released before. */
export function watchGroup(pid: number): void {
  tell(`group ${pid}`)
}

/** The group has ended. */
export function releaseGroup(pid: number): void {
  tell(`released ${pid}`)
}

/** Makes a folder that is removed when this process ends, at the latest. */
export async function temporaryFolder(within = tmpdir()): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(within, 'loadbearing-')))
  tell(`folder ${folder}`)
  return folder
}

/** Removes a temporary folder now. What somebody still writes into it goes when this process ends. */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // The reaper tries again; nobody shall lose a result over it.
  }
}
