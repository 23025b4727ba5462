/** Which cores the server and the load get. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Cores as `taskset` counts them: `0-1`. */
export interface Placement {
  readonly server: string
  readonly load: string
}

/**
 * Halves the machine between server and load.
 *
 * @returns `undefined` where that is not possible: one core, or a system without `taskset`
 */
export function placement(): Placement | undefined {
  const cores = availableParallelism()
  const half = Math.floor(cores / 2)
  if (half === 0 || spawnSync('taskset', ['-p', String(process.pid)]).status !== 0) return undefined
  return { server: coreRange(0, half - 1), load: coreRange(half, cores - 1) }
}

export function allCores(): string {
  return coreRange(0, availableParallelism() - 1)
}

function coreRange(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`
}

/** Puts a process, all its threads included, on these cores. One that has just ended needs none. */
export function place(pid: number, cores: string): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)], {
    stdio: 'ignore',
  })
}

/** The same in a sentence, for the record. */
export function placementInWords(placed: Placement | undefined): string {
  if (placed === undefined) return 'Server and load share the cores.'
  return `Server on core ${placed.server}, load on core ${placed.load}; both on all cores where a scenario needs the threads of the server.`
}
