/** Keeps a result on disk from the first verdict on, so that nothing already earned is lost. */
import { renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { BenchRecord } from '../bench/record.ts'
import type { Result } from './result.ts'
import { makeFolder } from './make-folder.ts'

export class Journal {
  readonly #file: string
  #problem: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  /** Why the file could not be written, in a sentence; the result itself goes on. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Replaces the file as a whole: a reader sees the old text or the new one. */
  write(result: Result | BenchRecord): void {
    this.#try(() => writeFile(this.#file, `${JSON.stringify(result, null, 2)}\n`))
  }

  #try(write: () => void): void {
    if (this.#problem !== undefined) return
    try {
      write()
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      this.#problem = `${this.#file} cannot be written (${code ?? message}): make the folder writable, or name another one with --out.`
    }
  }
}

/** Writes a file in one step, making its folder. */
export function writeFile(file: string, text: string): void {
  makeFolder(path.dirname(file))
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, text)
  renameSync(draft, file)
}
