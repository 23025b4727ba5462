/**
 * Mutants that no test may notice, each with the reason: the change makes no difference, or one that the assignment leaves
 * to the learner.
 *
 * An entry stands for every mutant that it fits. A survivor that fits none is a missing test.
 */
import type { Mutant } from './mutants.ts'
import { level1 } from './reasons/level1.ts'
import { level2 } from './reasons/level2.ts'
import { level3 } from './reasons/level3.ts'

export interface Equivalence {
  /** `level1/request-line.ts`, or all files whose path it matches. */
  readonly file: string | RegExp
  /** The code that was changed. */
  readonly original?: string | RegExp
  readonly replacement?: string
  readonly mutator?: string
  /** The line of the change, as it reads after it: where the same code stands in several places. */
  readonly line?: string
  readonly why: string
}

export const equivalences: readonly Equivalence[] = [...level1, ...level2, ...level3]

/** Why a mutant may survive; `undefined` if nothing says so. */
export function reasonToSurvive(mutant: Mutant): string | undefined {
  return equivalences.find((entry) => fits(entry, mutant))?.why
}

/** Whether an entry speaks of a mutant. */
export function fits(
  { file, original, replacement, mutator, line }: Equivalence,
  mutant: Pick<Mutant, 'file' | 'original' | 'replacement' | 'mutator' | 'text' | 'line'>,
): boolean {
  return (
    matches(file, mutant.file) &&
    (original === undefined || matches(original, mutant.original)) &&
    (replacement === undefined || replacement === mutant.replacement) &&
    (mutator === undefined || mutator === mutant.mutator) &&
    (line === undefined || line === mutant.text.split('\n')[mutant.line - 1]?.trim())
  )
}

function matches(pattern: string | RegExp, text: string): boolean {
  return typeof pattern === 'string' ? pattern === text : pattern.test(text)
}
