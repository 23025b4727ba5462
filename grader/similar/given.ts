/** What the course has itself: starters, and the reference. It is nobody's own, whoever has it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../course.ts'
import { shapesOf, type Shaped, type Source } from './document.ts'
import { RUN, Runs } from './runs.ts'

/** How many lines of code go beyond the starter. */
export interface Origin {
  /** Those that stand in the reference, too. */
  readonly reference: number
  readonly own: number
}

/** Two people who solve one task come to write three or four lines alike; so much of the reference is no chance. */
const NO_CHANCE = 2 * RUN

export class Given {
  readonly #starter = new Runs(RUN)
  readonly #reference = new Runs(RUN)
  readonly #ofReference = new Runs(NO_CHANCE)

  /** Of a level and those below it, from which it grows. */
  static async upTo(level: number): Promise<Given> {
    const given = new Given()
    for (let number = 1; number <= level; number++) {
      given.#starter.add(await shapesOf(ours(`levels/level${number}`)))
      const reference = await shapesOf(ours(`solutions/level${number}`))
      given.#reference.add(reference)
      given.#ofReference.add(reference)
    }
    return given
  }

  /** Whether a run of a file says nothing about who wrote it. */
  has(file: Shaped, start: number): boolean {
    return this.#starter.has(file, start) || this.#reference.has(file, start)
  }

  /** Of each token of a file, whether it was taken from here. */
  cover(file: Shaped): boolean[] {
    const ofReference = this.#ofReference.cover(file)
    return this.#starter.cover(file).map((isGiven, token) => isGiven || ofReference[token] === true)
  }

  originOf(files: readonly Shaped[]): Origin {
    const origin = { reference: 0, own: 0 }
    for (const file of files) {
      const beyondStarter = rowsOutside(this.#starter.cover(file), file)
      const own = rowsOutside(this.cover(file), file)
      origin.reference += beyondStarter - own
      origin.own += own
    }
    return origin
  }
}

/** Rows with a token that is not covered. */
function rowsOutside(covered: readonly boolean[], { rows }: Shaped): number {
  return new Set(rows.filter((_, token) => covered[token] === false)).size
}

/** Nothing in an edition without solutions. */
function ours(folder: string): Source[] {
  const at = path.join(root, folder)
  if (!existsSync(at)) return []
  return readdirSync(at, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(path.join(at, name), 'utf8') }))
}
