/** A limit that a submission's process ran into: told by name, wherever it happens. */
import type { FaultCode } from '../faults.ts'
import { limits } from './limits.ts'

export interface Overstep {
  readonly fault: FaultCode
  /** What the server did: `used more than 768 MB of memory and was ended`. */
  readonly what: string
}

/** Limits that we watch ourselves. */
export const oversteps = {
  output: {
    fault: 'OUTPUT_LIMIT',
    what: `printed more than ${limits.outputBytes / 2 ** 20} MB and was ended`,
  },
  memory: {
    fault: 'MEMORY_LIMIT',
    what: `used more than ${limits.memoryBytes / 2 ** 20} MB of memory and was ended`,
  },
} as const satisfies Readonly<Record<string, Overstep>>

/** Limits that the system keeps, and the words in which a process that ran into them ends. */
const LAST_WORDS: readonly (Overstep & { readonly said: RegExp })[] = [
  {
    said: /heap out of memory|Array buffer allocation failed|ERR_MEMORY_ALLOCATION_FAILED|ERR_WORKER_OUT_OF_MEMORY|\bENOMEM\b|std::bad_alloc/,
    fault: 'MEMORY_LIMIT',
    what: `it asked for more memory than it may have (${limits.memoryBytes / 2 ** 20} MB)`,
  },
  {
    said: /permission: 'ChildProcess'|spawn\w* \S* ?E(AGAIN|PERM)|fork: |uv_thread_create/,
    fault: 'PROCESS_LIMIT',
    what: 'it started processes, or more threads than it may; a server of this level is one process',
  },
  {
    said: /\bENOSPC\b|\bEFBIG\b|\bEROFS\b|\bEDQUOT\b|permission: 'FileSystemWrite'/,
    fault: 'DISK_LIMIT',
    what: 'it wrote to the disk, where a server of this level has no business, or more than there is room for',
  },
]

/** The limit that the last words of a process speak of. */
export function limitIn(lastWords: string): Overstep | undefined {
  return LAST_WORDS.find(({ said }) => said.test(lastWords))
}
