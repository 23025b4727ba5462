/** Keeps a result on disk from the first verdict on, so that nothing already earned is lost. */
import { writeFileSync } from 'node:fs'
import type { BenchRecord } from '../bench/record.ts'
import { Draft } from './draft.ts'
import { whyRefused } from './file-refused.ts'
import type { Result } from './result.ts'

export class Journal {
  readonly #file: string
  #problem: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  /** Why the file could not be written last, in a sentence; the result itself goes on. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Replaces the file as a whole: a reader sees the old text or the new one. */
  write(result: Result | BenchRecord): void {
    try {
      writeFile(this.#file, `${JSON.stringify(result, null, 2)}\n`)
      this.#problem = undefined
    } catch (error) {
      // The next verdict tries again: room may have been made.
      this.#problem = problemWith(this.#file, error as NodeJS.ErrnoException)
    }
  }
}

function problemWith(file: string, { code = '', message }: NodeJS.ErrnoException): string {
  const why = whyRefused(code)
  const said = why === undefined ? `(${code || message})` : `(${code}): ${why}`
  return `${file} cannot be written ${said}. ${REMEDIES[code] ?? 'Name another folder with --out.'}`
}

const WRITABLE = 'Make the folder writable, or name another one with --out.'
const ROOM = 'Make room, or name another folder with --out.'
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: WRITABLE,
  EPERM: WRITABLE,
  EROFS: WRITABLE,
  ENOSPC: ROOM,
  EDQUOT: ROOM,
}

/**
 * Writes a file in one step, making its folder.
 *
 * @throws an error of the file system, with its `code` and the `path` that was asked for
 */
export function writeFile(file: string, content: string | Uint8Array): void {
  const draft = new Draft(file)
  try {
    writeFileSync(draft.path, content)
    draft.putInPlace()
  } catch (error) {
    throw draft.giveUp(error)
  }
}
