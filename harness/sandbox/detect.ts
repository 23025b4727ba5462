/**
 * Is there a strong sandbox on this machine? Found out by using it, not by looking for a program.
 *
 * Two runs, started as a grader starts its workers: Node with the very arguments that a submission gets, and a
 * canary: a script that tries to read a file outside. Both must end as they should.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable, Writable } from 'node:stream'
import { removeFolder, temporaryFolder } from '../reaper.ts'
import { bubblewrap, walls } from './bubblewrap.ts'
import { descriptors, type Command, type Program } from './program.ts'
import { handOver, isolated } from './worker.ts'

const PATIENCE_MS = 20_000

/** Why there is none, in a sentence, and what to do about it, in another. */
export interface Missing {
  readonly reason: string
  readonly remedy: string
}

/** What the canary says of the inside. */
const CANARY = `
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
const [, , secret] = process.argv
let read = 'nothing'
try { read = readFileSync(secret, 'utf8') } catch (error) { read = error.code }
const status = readFileSync('/proc/self/status', 'utf8')
const capabilities = /CapEff:\\s+(\\w+)/.exec(status)[1]
const networks = Object.values(networkInterfaces()).flat().filter(({ internal }) => !internal).length
console.log(JSON.stringify({ read, capabilities: Number('0x' + capabilities), networks, pid: process.pid }))
`

/** `undefined` when a strong sandbox works here. */
export async function strongSandboxMissing(): Promise<Missing | undefined> {
  if (process.platform !== 'linux') {
    return {
      reason: `The strong sandbox needs Linux, and this is ${process.platform}.`,
      remedy:
        process.platform === 'win32'
          ? 'Grade in WSL2, or in a Linux virtual machine.'
          : 'Grade in a Linux virtual machine (on macOS, for instance, with Lima: `limactl start`).',
    }
  }
  const folder = await temporaryFolder()
  try {
    return await tryOut(folder)
  } finally {
    await removeFolder(folder)
  }
}

async function tryOut(folder: string): Promise<Missing | undefined> {
  const inside = path.join(folder, 'inside')
  const secret = path.join(folder, 'secret')
  const token = randomUUID()
  await writeFile(secret, token)
  await mkdir(inside)
  await writeFile(path.join(inside, 'empty.mjs'), '')
  await writeFile(path.join(inside, 'canary.mjs'), CANARY)
  await handOver(folder)
  const program: Program = {
    folder: inside,
    entry: path.join(inside, 'empty.mjs'),
    environment: {},
    grants: {},
  }
  const real = await run(bubblewrap.command(program))
  if (real.code !== 0) return missing(real)
  const canary = await run({
    program: 'bwrap',
    // Without Node's own permissions: the walls alone must hold.
    arguments: [...walls(program), '/node/node', path.join(inside, 'canary.mjs'), secret],
  })
  if (canary.code !== 0) return missing(canary)
  const { read, capabilities, networks } = JSON.parse(canary.output) as {
    read: string
    capabilities: number
    networks: number
  }
  if (read !== 'ENOENT' || capabilities !== 0 || networks !== 0) {
    return {
      reason: `bubblewrap runs here, but does not wall in: a file outside gave ${read === token ? 'its content' : read}, ${capabilities === 0 ? 'no' : 'some'} privileges, ${networks} networks.`,
      remedy:
        'Please report this, with the version of bubblewrap (`bwrap --version`) and of Linux.',
    }
  }
  return undefined
}

interface Ending {
  /** `undefined` when the program is not there. */
  readonly code: number | null | undefined
  readonly output: string
  readonly errors: string
}

async function run({ program, arguments: args, input }: Command): Promise<Ending> {
  const command = isolated(program, args)
  const child = spawn(command.program, command.arguments, {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  })
  const filter = child.stdio[descriptors.input] as Writable
  filter.on('error', () => undefined).end(input)
  const ended = new Promise<number | null | undefined>((resolve) => {
    child.once('error', () => resolve(undefined))
    child.once('close', (code) => resolve(code))
  })
  const [code, output, errors] = await Promise.all([
    ended,
    text(child.stdout as Readable),
    text(child.stderr as Readable),
  ])
  return { code, output, errors }
}

function missing({ code, errors }: Ending): Missing {
  const said = errors.trim().split('\n').at(-1) ?? ''
  const refusal = `${said === '' ? `it ended with ${code ?? 'a timeout'}` : said}`
  for (const { when, reason, remedy } of KNOWN) {
    if (when(errors, code)) return { reason: `${reason} (${refusal}).`, remedy: remedy() }
  }
  return {
    reason: `bubblewrap does not work here (${refusal}).`,
    remedy:
      'Grade on a Linux machine, or in a virtual machine, where this user may create user namespaces.',
  }
}

const KNOWN: readonly {
  readonly when: (errors: string, code: number | null | undefined) => boolean
  readonly reason: string
  readonly remedy: () => string
}[] = [
  {
    when: (errors, code) =>
      code === undefined || /(failed to execute|execvp) (bwrap|setpriv)/.test(errors),
    reason: 'bubblewrap is not installed',
    remedy: () => `Install it: ${installCommand()}.`,
  },
  {
    when: (errors) => /prlimit/.test(errors),
    reason: 'prlimit is not installed',
    remedy: () => 'Install util-linux.',
  },
  {
    when: (errors) =>
      /execvp .*Permission denied|Can't find source path|Cannot find module/.test(errors),
    reason: 'the unprivileged user whom the grader becomes cannot read this checkout',
    remedy: () =>
      'Put the checkout where every user may read, for instance in /srv; not below /root.',
  },
  {
    when: () => holds('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'),
    reason: 'AppArmor keeps programs from making user namespaces, as it does on Ubuntu since 23.10',
    remedy: () =>
      'Allow it to bubblewrap by a profile (apt-get install apparmor-profiles && ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && systemctl reload apparmor), or on a machine only for this: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0.',
  },
  {
    when: () => holds('/proc/sys/kernel/unprivileged_userns_clone', '0'),
    reason: 'this system keeps users from making user namespaces',
    remedy: () => 'Allow it: sysctl -w kernel.unprivileged_userns_clone=1.',
  },
  {
    when: () => holds('/proc/sys/user/max_user_namespaces', '0'),
    reason: 'this system allows no user namespaces',
    remedy: () => 'Allow them: sysctl -w user.max_user_namespaces=10000.',
  },
  {
    when: (errors) =>
      /namespace|Operation not permitted|uid map/.test(errors) &&
      (existsSync('/.dockerenv') || existsSync('/run/.containerenv')),
    reason: 'this container may not make user namespaces',
    remedy: () =>
      'Start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined (in a virtual machine that has no other use), or grade outside of it.',
  },
]

function holds(file: string, value: string): boolean {
  try {
    return readFileSync(file, 'utf8').trim() === value
  } catch {
    return false
  }
}

function installCommand(): string {
  let release = ''
  try {
    release = readFileSync('/etc/os-release', 'utf8')
  } catch {
    // A system without a name.
  }
  if (/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return 'apt-get install bubblewrap'
  if (/^ID(_LIKE)?=.*(fedora|rhel)/m.test(release)) return 'dnf install bubblewrap'
  if (/^ID(_LIKE)?=.*arch/m.test(release)) return 'pacman -S bubblewrap'
  if (/^ID(_LIKE)?=.*suse/m.test(release)) return 'zypper install bubblewrap'
  return 'the package is called bubblewrap'
}
