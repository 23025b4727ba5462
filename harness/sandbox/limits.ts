/** What a submission's process may use. */
import { availableParallelism } from 'node:os'

/** Node 24 reserves this much address space for its code before it runs a line (measured: 573 MB). */
const NODE_BASELINE_BYTES = 640 * 1024 * 1024

/** Each thread reserves as much again (measured: 527 MB a worker). */
const THREAD_BASELINE_BYTES = 544 * 1024 * 1024

/** More than a pool starts by itself (one fewer than there are processors), and enough for tests that name a size. */
const MOST_THREADS = Math.max(3, availableParallelism())

const MEGABYTE = 1024 * 1024

export const limits = {
  /** Heap, buffers and stacks together, of all its processes. */
  memoryBytes: 768 * MEGABYTE,
  openFiles: 8192,
  fileBytes: 16 * MEGABYTE,
  cpuSeconds: 600,
  /** Processes and threads together: Node alone has about ten. Counted in bubblewrap only. */
  tasks: 64,
  /** `/tmp`, and `/dev/shm`, where there is a file system of its own. */
  temporaryBytes: 64 * MEGABYTE,
  sharedMemoryBytes: 16 * MEGABYTE,
  outputBytes: 16 * MEGABYTE,
} as const

/**
 * Arguments of util-linux `prlimit` that set the limits on the program that follows them.
 *
 * The kernel counts reserved address space, where Node is generous: this limit is far above the one that `server.ts`
 * watches, and stops what grows faster than anybody looks.
 */
export function prlimitArguments(workers = false): readonly string[] {
  const threadBytes = workers ? MOST_THREADS * THREAD_BASELINE_BYTES : 0
  return [
    `--data=${NODE_BASELINE_BYTES + 1.5 * limits.memoryBytes + threadBytes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    `--cpu=${limits.cpuSeconds}`,
    '--core=0',
  ]
}
