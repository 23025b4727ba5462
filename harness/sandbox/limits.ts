/** What a submission's process may use. */
import { availableParallelism } from 'node:os'

/** Node 24 reserves this much address space for its code before it runs a line (measured: 573 MB). */
const NODE_BASELINE_BYTES = 640 * 1024 * 1024

/** Each thread reserves as much again (measured: 527 MB a worker). */
const THREAD_BASELINE_BYTES = 544 * 1024 * 1024

/** More than a pool starts by itself (one fewer than there are processors), and enough for tests that name a size. */
const MOST_THREADS = Math.max(3, availableParallelism())

export const limits = {
  /** Heap, buffers and stacks together, above what Node itself reserves. */
  dataBytes: NODE_BASELINE_BYTES + 768 * 1024 * 1024,
  openFiles: 8192,
  fileBytes: 16 * 1024 * 1024,
  cpuSeconds: 600,
} as const

/** Arguments of util-linux `prlimit` that set the limits on the program that follows them. */
export function prlimitArguments(workers = false): readonly string[] {
  const threadBytes = workers ? MOST_THREADS * THREAD_BASELINE_BYTES : 0
  return [
    `--data=${limits.dataBytes + threadBytes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    `--cpu=${limits.cpuSeconds}`,
    '--core=0',
  ]
}
