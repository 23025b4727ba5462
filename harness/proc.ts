/** What Linux tells about a process from outside, in `/proc`. Elsewhere every answer is "not known". */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** A process and all its descendants. */
export function processTree(pid: number): number[] {
  const tree = [pid]
  for (let at = 0; at < tree.length; at++) {
    for (const thread of list(`/proc/${tree[at]}/task`)) {
      const children = read(`/proc/${tree[at]}/task/${thread}/children`)
      tree.push(...children.split(' ').filter(Boolean).map(Number))
    }
  }
  return tree
}

/** Whether a process is there and runs: one that has ended and waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  const state = read(`/proc/${pid}/stat`).split(') ').at(-1)?.[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Memory of a process tree, in bytes. */
export interface Memory {
  /** Memory that is its own: heap, buffers, stacks (`RssAnon`). */
  readonly anonymous: number
  /** All resident memory, 45 MB of it the pages of Node itself. */
  readonly resident: number
}

/** Memory of a process and its descendants; `undefined` where the system does not tell. */
export function memoryOf(pid: number): Memory | undefined {
  let anonymous = 0
  let resident = 0
  for (const process of processTree(pid)) {
    const status = read(`/proc/${process}/status`)
    anonymous += kilobytes(status, 'RssAnon')
    resident += kilobytes(status, 'VmRSS')
  }
  return resident === 0 ? undefined : { anonymous, resident }
}

/** CPU time that a process and its descendants have used, in microseconds (the system counts in 10 ms). */
export function cpuTimeOf(pid: number): number | undefined {
  let ticks = 0
  for (const process of processTree(pid)) {
    const fields = read(`/proc/${process}/stat`).split(') ').at(-1)?.split(' ') ?? []
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  }
  return ticks === 0 ? undefined : ticks * 10_000
}

/** Bytes that a process has read so far, from sockets and files alike; `undefined` where the system does not tell. */
export function bytesReadBy(pid: number): number | undefined {
  const count = /^rchar: (\d+)$/m.exec(read(`/proc/${pid}/io`))?.[1]
  return count === undefined ? undefined : Number(count)
}

/** A listening TCP socket. */
export interface Listener {
  readonly port: number
  readonly ipv6: boolean
}

/** The sockets on which a process and its descendants listen. */
export function listenersOf(pid: number): Listener[] {
  const inodes = new Set(processTree(pid).flatMap(socketInodes))
  return [false, true].flatMap((ipv6) =>
    tcpTable(ipv6)
      .filter(({ state, inode }) => state === LISTEN && inodes.has(inode))
      .map(({ localPort }) => ({ port: localPort, ipv6 })),
  )
}

/**
 * How many bytes wait unread at the other end of a loopback connection; `undefined` where the system does not tell.
 *
 * @param port - our end's port
 * @param peerPort - the other end's
 */
export async function unreadBytes(port: number, peerPort: number): Promise<number | undefined> {
  // Thousands of closed connections can stand in the table, and are not worth parsing.
  for (const file of TCP_TABLES) {
    const row = rowBetween(await readAside(file), peerPort, port)
    if (row !== undefined) return tcpRow(row).unread
  }
  return undefined
}

/** The ports at the other ends of the connections that a process holds at this port of ours. */
export async function heldPorts(localPort: number): Promise<Set<number>> {
  const texts = await Promise.all(TCP_TABLES.map(readAside))
  const rows = texts.flatMap(tcpRows)
  // A connection that was closed has no inode, whatever the system still sends on it.
  return new Set(
    rows
      .filter((row) => row.localPort === localPort && row.inode !== '0')
      .map((row) => row.remotePort),
  )
}

const TCP_TABLES = ['/proc/net/tcp', '/proc/net/tcp6']

const LISTEN = '0A'

interface TcpRow {
  readonly localPort: number
  readonly remotePort: number
  readonly state: string
  readonly unread: number
  readonly inode: string
}

function tcpTable(ipv6: boolean): TcpRow[] {
  return tcpRows(read(ipv6 ? '/proc/net/tcp6' : '/proc/net/tcp'))
}

function tcpRows(table: string): TcpRow[] {
  return table.split('\n').slice(1).filter(Boolean).map(tcpRow)
}

function tcpRow(line: string): TcpRow {
  const [, local = '', remote = '', state = '', queues = '', , , , , inode = ''] = line
    .trim()
    .split(/\s+/)
  return {
    localPort: parseInt(local.split(':')[1] ?? '', 16),
    remotePort: parseInt(remote.split(':')[1] ?? '', 16),
    state,
    unread: parseInt(queues.split(':')[1] ?? '', 16),
    inode,
  }
}

/** The line of a table about the connection between two ports. */
function rowBetween(table: string, localPort: number, remotePort: number): string | undefined {
  const [local, remote] = [localPort, remotePort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')} `,
  )
  for (let at = table.indexOf(remote ?? ''); at !== -1; at = table.indexOf(remote ?? '', at + 1)) {
    const start = table.lastIndexOf('\n', at) + 1
    if (table.slice(start, at).includes(local ?? ''))
      return table.slice(start, table.indexOf('\n', at))
  }
  return undefined
}

function socketInodes(pid: number): string[] {
  return list(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
    } catch {
      return []
    }
  })
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/**
 * Reads on another thread: the system writes a table of connections in ten milliseconds on an idle machine, and in most
 * of a second on a busy one, while every client of this process would stand still.
 */
async function readAside(file: string): Promise<string> {
  return await readFile(file, 'latin1').catch(() => '')
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
