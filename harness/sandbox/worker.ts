/**
 * Where the grader's own workers run when they handle code of strangers: as an unprivileged user, in a
 * network of their own.
 *
 * Any port is free in there, nothing leaves the machine, and a submission that the worker starts shares this network
 * with it and with nobody else. The disk is the machine's: what a worker runs is ours.
 */
import { readFileSync } from 'node:fs'
import { chown, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from './program.ts'

/** Root becomes this user before anything of a stranger is handled: one that owns no file. */
const UNPRIVILEGED = 61_000

export const isRoot = process.getuid?.() === 0

/** The command line that runs a program in there. */
export function isolated(program: string, args: readonly string[]): Command {
  const walled = ['--dev-bind', '/', '/', '--unshare-user', '--unshare-net', '--die-with-parent']
  return unprivileged('bwrap', [...walled, program, ...args])
}

/** The command line that runs a program without root's rights. */
export function unprivileged(program: string, args: readonly string[]): Command {
  if (!isRoot) return { program, arguments: args }
  const user = [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, '--clear-groups']
  return { program: 'setpriv', arguments: [...user, program, ...args] }
}

/** One right of root's is lent: a class may lie where only root can read. */
const READING = '+dac_read_search'

/** The command line that runs a program which may read whatever root may, and otherwise what `unprivileged` lets it. */
export function readsOnly(program: string, args: readonly string[]): Command {
  if (!isRoot) return { program, arguments: args }
  const lent = mayLend(READ_ANYTHING) ? [`--inh-caps=${READING}`, `--ambient-caps=${READING}`] : []
  const { arguments: rest, program: setpriv } = unprivileged(program, args)
  return { program: setpriv, arguments: ['--no-new-privs', ...lent, ...rest] }
}

/** Its bit in the list of capabilities (capabilities(7)); containers often have it not. */
const READ_ANYTHING = 2

function mayLend(capability: number): boolean {
  const sets = readFileSync('/proc/self/status', 'latin1').matchAll(/^Cap(?:Prm|Bnd):\s*(\w+)$/gm)
  return [...sets].every(([, bits]) => ((BigInt(`0x${bits}`) >> BigInt(capability)) & 1n) === 1n)
}

/** Gives a folder that we made to the user whom the workers run as. */
export async function handOver(folder: string): Promise<void> {
  if (!isRoot) return
  await chown(folder, UNPRIVILEGED, UNPRIVILEGED)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await chown(path.join(entry.parentPath, entry.name), UNPRIVILEGED, UNPRIVILEGED)
}
