/** What a submission's process may use. */

/** Node 24 reserves this much address space for its code before it runs a line (measured: 573 MB). */
const NODE_BASELINE_BYTES = 640 * 1024 * 1024

export const limits = {
  /** Heap, buffers and stacks together, above what Node itself reserves. */
  dataBytes: NODE_BASELINE_BYTES + 768 * 1024 * 1024,
  openFiles: 8192,
  fileBytes: 16 * 1024 * 1024,
  cpuSeconds: 600,
} as const

/** Arguments of util-linux `prlimit` that set the limits on the program that follows them. */
export function prlimitArguments(): readonly string[] {
  return [
    `--data=${limits.dataBytes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    `--cpu=${limits.cpuSeconds}`,
    '--core=0',
  ]
}
