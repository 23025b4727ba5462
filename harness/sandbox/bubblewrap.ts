/**
 * The strong sandbox, for code of strangers: bubblewrap, as an unprivileged user.
 *
 * The process sees its own copy, Node and the system's libraries, and nothing else of the disk; no other
 * process; no privilege; system calls that a server has no use for are refused. Its network is the one of
 * whoever starts it, so a grader starts its workers in a network of their own (`worker.ts`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { nodeArguments } from './default.ts'
import { limits, prlimitArguments } from './limits.ts'
import { descriptors, type Exit, type Program, type Sandbox } from './program.ts'
import { hasSeccomp, seccompFilter } from './seccomp.ts'

const FILTER = seccompFilter({ processes: false })

const LIBRARIES = ['/lib', '/lib64', '/usr/lib', '/usr/lib64']

export const bubblewrap: Sandbox = {
  describe: () =>
    hasSeccomp
      ? 'strong (bubblewrap, seccomp, limits, Node permissions)'
      : 'strong (bubblewrap, limits, Node permissions; no seccomp filter on this processor)',
  command: (program) => ({
    program: 'bwrap',
    arguments: [
      ...walls(program),
      ...(hasSeccomp ? ['--seccomp', String(descriptors.input)] : []),
      ...['--json-status-fd', String(descriptors.status)],
      '/node/prlimit',
      // Inside, where only the sandbox's own processes are counted.
      `--nproc=${limits.tasks}`,
      ...prlimitArguments(program.grants.workers),
      '/node/node',
      ...nodeArguments(program),
    ],
    input: FILTER,
  }),
  ownPid: (started) => onlyChild(onlyChild(started) ?? 0) ?? 0,
  ownExit,
}

/** What the process sees, and what it does not. */
export function walls({ folder, environment, grants }: Program): readonly string[] {
  const readOnly = (from: string, to = from) => ['--ro-bind', from, to]
  return [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--disable-userns',
    '--die-with-parent',
    // Else `kill(0)` in there would reach the process group out here.
    '--new-session',
    ...['--hostname', 'student'],
    '--clearenv',
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...LIBRARIES.filter((library) => existsSync(library)).flatMap((library) => readOnly(library)),
    ...readOnly(process.execPath, '/node/node'),
    ...readOnly('/usr/bin/prlimit', '/node/prlimit'),
    ...['--proc', '/proc'],
    ...['--dev', '/dev'],
    ...['--size', String(limits.temporaryBytes), '--tmpfs', '/tmp'],
    ...['--size', String(limits.sharedMemoryBytes), '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev'],
    // Where they are outside: stacks, settings and what /proc tells then speak of the same paths.
    ...[folder, ...(grants.read ?? [])].flatMap((name) => readOnly(name)),
    ...['--chdir', folder],
    ...['--remount-ro', '/'],
  ]
}

/** bwrap's first child is the sandbox's process 1, whose only child is the program. */
function onlyChild(pid: number): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    return child ? Number(child) : undefined
  } catch {
    return undefined
  }
}

/** bwrap ends as its program did, but says a signal as the shell does: 128 and its number. */
function ownExit(exit: Exit, status: string): Exit | undefined {
  const { code } = exit
  if (code === null) return exit
  // Written only when the program had been started.
  if (!status.includes('"exit-code"')) return undefined
  if (code <= 128) return exit
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)
  return signal === undefined ? exit : { code: null, signal: signal[0] as NodeJS.Signals }
}
