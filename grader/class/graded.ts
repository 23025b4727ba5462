/** One submission of a class with its latest grading: what every report and every export is made from. */
import type { Result } from '../result.ts'

export interface Graded {
  /** Unique in the class: the name of the folder or archive, or the roster's `id`. */
  readonly id: string
  /** As the roster has it; without a roster, the id. A stranger's text: escape it. */
  readonly name: string
  readonly result: Result
}
