/** Where, and as whom, a grader runs. None of it may change a verdict. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../grader/course.ts'
import { courseFiles } from '../course/files.ts'

/** How a command of the workbook is started. */
export interface Surroundings {
  /** The checkout. */
  readonly root: string
  /** What stands before the command on its command line. */
  readonly before: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const usual: Surroundings = { root, before: [], env: {} }

/** In a shell of its own, which becomes the command that follows. */
const shell = (script: string) => ['sh', '-c', `${script} && exec "$@"`, 'sh']

/** Each takes a folder that it may fill. All but the first two need root, and Linux. */
export const circumstances = {
  usual: () => usual,
  'another time zone and language': () => ({
    ...usual,
    env: { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
  }),
  'a path with spaces and UTF-8': (folder) => ({
    ...usual,
    root: copyOfTheCheckout(path.join(folder, 'my course', 'Übung № 3 ☃')),
  }),
  'no IPv6': () => ({
    ...usual,
    before: [
      'unshare',
      '--net',
      ...shell('ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1'),
    ],
  }),
  'an unprivileged user': () => ({
    ...usual,
    before: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'],
    env: { HOME: '/nonexistent' },
  }),
  'a read-only checkout': () => ({
    ...usual,
    before: [
      'unshare',
      '--mount',
      ...shell(`mount --bind '${root}' '${root}' && mount -o remount,bind,ro '${root}'`),
    ],
  }),
} as const satisfies Readonly<Record<string, (folder: string) => Surroundings>>

export type Circumstance = keyof typeof circumstances

export function isCircumstance(name: string): name is Circumstance {
  return Object.hasOwn(circumstances, name)
}

/** What git knows, beside the packages that are installed here. */
function copyOfTheCheckout(into: string): string {
  for (const file of courseFiles()) {
    mkdirSync(path.dirname(path.join(into, file)), { recursive: true })
    cpSync(path.join(root, file), path.join(into, file))
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(into, 'node_modules'))
  execFileSync('git', ['init', '--quiet', into])
  return into
}
