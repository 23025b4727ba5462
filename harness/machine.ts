/** What a figure was measured on. */
import { arch, cpus, platform, release, totalmem } from 'node:os'

export function machine() {
  const [processor] = cpus()
  return {
    system: `${platform()} ${release()} ${arch()}`,
    processor: processor?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.versions.node,
  }
}
