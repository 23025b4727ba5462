import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { Blocked } from '../../harness/expectation.ts'
import type { Server } from '../../harness/server.ts'

/**
 * Lets a running server open only so many files and sockets more than it has open now.
 *
 * @throws {Blocked} where that cannot be done from outside
 */
export function leaveDescriptors(server: Server, count: number): void {
  server.transcript.note(0, `leave the server ${count} file descriptors`)
  let used: ReadonlySet<number>
  try {
    used = new Set(readdirSync(`/proc/${server.pid}/fd`).map(Number))
  } catch {
    throw new Blocked('system', 'the open files of a process can be seen on Linux only')
  }
  // A new descriptor is the lowest number that is free, and below the limit.
  let limit = 0
  for (let free = 0; free < count || used.has(limit); limit++) if (!used.has(limit)) free++
  // The soft limit alone: it can be raised again. As its own user: in a container, not even root may do it to others.
  const { uid, gid } = statSync(`/proc/${server.pid}`)
  const itsUser = uid === process.getuid?.() ? {} : { uid, gid }
  const { status } = spawnSync('prlimit', [`--pid=${server.pid}`, `--nofile=${limit}:`], itsUser)
  if (status !== 0) throw new Blocked('system', 'this system has no prlimit (util-linux)')
}
