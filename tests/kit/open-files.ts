import { readdirSync, readlinkSync } from 'node:fs'
import { Blocked } from '../../harness/expectation.ts'
import { patience } from '../../harness/patience.ts'
import type { Server } from '../../harness/server.ts'
import { PATIENCE_MS } from '../../harness/wire/wire.ts'
import { serves } from './holds.ts'

/** Checks that a server has closed all files of a folder; it gets time, and other requests, to do so. */
export async function closesFiles(server: Server, folder: string): Promise<void> {
  const { signal, stop } = patience(PATIENCE_MS)
  let open = openFiles(server, folder)
  while (open > 0 && !signal.aborted) {
    await serves(server)
    open = openFiles(server, folder)
  }
  stop()
  if (open === 0) return
  throw server.fails({
    expected: 'no file that stays open when nobody reads it any more',
    received: `${open} open files`,
    why: 'file descriptors are few; a client that leaves frees everything that was opened for it',
  })
}

function openFiles(server: Server, folder: string): number {
  const descriptors = `/proc/${server.pid}/fd`
  let names: string[]
  try {
    names = readdirSync(descriptors)
  } catch {
    if (server.ended === undefined) {
      throw new Blocked('system', 'the open files of a process can be seen on Linux only')
    }
    throw server.fails({ expected: 'the server goes on', received: 'its process has ended' })
  }
  return names.filter((name) => target(`${descriptors}/${name}`).startsWith(folder)).length
}

/** A descriptor can be closed while we look. */
function target(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
