/** Runs of tokens: what is looked for in files, and subtracted from them. */
import { WinnowFilter } from '@dodona/dolos-core'
import type { Shaped } from './document.ts'

/** Tokens in a run, and runs of which at least one is kept as a fingerprint. */
export const RUN = 23
const WINDOW = 17

const filter = new WinnowFilter(RUN, WINDOW)

/** A run that stands for those around it: whoever has 39 tokens in common (three or four lines) shares one. */
export interface Fingerprint {
  readonly hash: number
  /** The first of its tokens. */
  readonly start: number
}

/** Winnowing ("Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003). */
export function fingerprintsOf({ shape }: Shaped): Fingerprint[] {
  return filter.fingerprints(shape.split(''))
}

/** All runs of one length in some files; a file that is shorter is one. */
export class Runs {
  readonly #length: number
  readonly #runs = new Set<string>()

  constructor(length: number) {
    this.#length = length
  }

  add(files: readonly Shaped[]): void {
    for (const { shape } of files) for (const [run] of this.#runsOf(shape)) this.#runs.add(run)
  }

  has({ shape }: Shaped, start: number): boolean {
    return this.#runs.has(shape.slice(start, start + this.#length))
  }

  /** Of each token of a file, whether it lies in one of the runs. */
  cover({ shape }: Shaped): boolean[] {
    const covered = Array.from(shape, () => false)
    for (const [run, start] of this.#runsOf(shape))
      if (this.#runs.has(run)) covered.fill(true, start, start + run.length)
    return covered
  }

  *#runsOf(shape: string): Generator<[run: string, start: number]> {
    const last = Math.max(0, shape.length - this.#length)
    for (let start = 0; start <= last; start++)
      yield [shape.slice(start, start + this.#length), start]
  }
}
