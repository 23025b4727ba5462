/** A folder of files for `STATIC_ROOT`, and something beside it that nobody may ever get. */
import { mkdir, open, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { temporaryFolder } from '../../harness/reaper.ts'
import type { Server } from '../../harness/server.ts'
import { toBuffer, type Bytes } from '../../harness/wire/bytes.ts'
import type { KnownBytes } from './known-bytes.ts'
import type { Fixtures } from './test.ts'

/** What no answer may hold. It lies beside the root, and the server's process may read it. */
export const SECRET = 'outside of the root'

/** So much of a large file is in memory while it is written. */
const PIECE_BYTES = 1024 * 1024

export class StaticRoot {
  /** The server may read all of it: only the server's own care keeps it inside of the root. */
  readonly parent: string
  readonly root: string

  private constructor(parent: string) {
    this.parent = parent
    this.root = path.join(parent, 'public')
  }

  /** A root with these files, name → content. Beside it lie `secret.txt` and `public-secret/secret.txt`. */
  static async with(files: Readonly<Record<string, Bytes>> = {}): Promise<StaticRoot> {
    const folder = new StaticRoot(await temporaryFolder())
    await mkdir(folder.root)
    await folder.write('../secret.txt', SECRET)
    await folder.write('../public-secret/secret.txt', SECRET)
    for (const [name, content] of Object.entries(files)) await folder.write(name, content)
    return folder
  }

  /** The place of a file; `name` is relative to the root. */
  at(name: string): string {
    return path.join(this.root, name)
  }

  async write(name: string, content: Bytes): Promise<void> {
    await mkdir(path.dirname(this.at(name)), { recursive: true })
    await writeFile(this.at(name), toBuffer(content))
  }

  /** A file of zeros that takes no room on the disk, however long; `tail` are its last bytes. */
  async writeSparse(name: string, bytes: number, tail = ''): Promise<void> {
    const file = await open(this.at(name), 'w')
    await file.truncate(bytes)
    if (tail !== '')
      await file.write(Buffer.from(tail, 'latin1'), 0, tail.length, bytes - tail.length)
    await file.close()
  }

  /** A file of bytes that are known by their places. */
  async writeKnown(name: string, length: number, bytes: KnownBytes): Promise<void> {
    const file = await open(this.at(name), 'w')
    for (let at = 0; at < length; at += PIECE_BYTES) {
      await file.appendFile(bytes.from(at, Math.min(PIECE_BYTES, length - at)))
    }
    await file.close()
  }

  /** Overwrites a few bytes of a file, from place `first` on. */
  async writeInto(name: string, first: number, content: Buffer): Promise<void> {
    const file = await open(this.at(name), 'r+')
    await file.write(content, 0, content.length, first)
    await file.close()
  }

  /** A symbolic link; `to` is what stands in it. */
  async link(name: string, to: string): Promise<void> {
    await mkdir(path.dirname(this.at(name)), { recursive: true })
    await symlink(to, this.at(name))
  }

  /** Sets when a file was written last. */
  async date(name: string, modified: Date): Promise<void> {
    await utimes(this.at(name), modified, modified)
  }

  /** Starts a server of these files. */
  async serve(
    launch: Fixtures['launch'],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Server> {
    return await launch(
      { STATIC_ROOT: this.root, RATE_LIMIT: '0', ...settings },
      { read: [this.parent] },
    )
  }
}
