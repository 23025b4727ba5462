/** A file that is written beside its place and put there in one step: a reader sees the old one or the new one. */
import { renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { makeFolder } from './make-folder.ts'

export class Draft {
  /** Where to write. */
  readonly path: string
  readonly #file: string

  /**
   * Makes the folder, unless it is there.
   *
   * @throws {NodeJS.ErrnoException} when it cannot be made
   */
  constructor(file: string) {
    makeFolder(path.dirname(file))
    this.#file = file
    this.path = `${file}.${process.pid}.draft`
  }

  putInPlace(): void {
    renameSync(this.path, this.#file)
  }

  /**
   * Leaves nothing behind of a draft that came to nothing.
   *
   * @returns what to throw: of the draft nobody has heard, so the error is about the file
   */
  giveUp(error: unknown): unknown {
    try {
      rmSync(this.path, { force: true })
    } catch {
      // Where it could not be written, it need not be removed.
    }
    const { code, syscall, path: place } = error as NodeJS.ErrnoException
    // A write, of all calls, does not say where.
    const isOurs = place === this.path || (place === undefined && syscall === 'write')
    if (!isOurs) return error
    const about = new Error(`${code ?? ''}: ${syscall ?? ''} '${this.#file}'`, { cause: error })
    return Object.assign(about, { code, syscall, path: this.#file })
  }
}
