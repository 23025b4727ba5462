/** Writes a class into a folder: `index.html`, `grades.csv`, and for each learner a page of their own in `pages/`. */
import path from 'node:path'
import type { Graded } from '../class/graded.ts'
import { gradesCsv } from '../export/csv.ts'
import { writePieces } from '../export/files.ts'
import { writeFile } from '../journal.ts'
import { picturesOf } from '../pictures/pictures.ts'
import { classPage } from './class-page.ts'
import { ClassSummary } from './class-summary.ts'
import type { Feedback } from './feedback.ts'
import { report } from './report.ts'

/**
 * Publishes a class. Results are taken one at a time, and none is kept.
 *
 * @param out - the folder; what stood there of an earlier publishing is replaced file by file
 * @throws an error of the file system, with its `code`, when a file cannot be written
 */
export async function publish(
  class_: Iterable<Graded>,
  out: string,
  feedback: Feedback = {},
): Promise<ClassSummary> {
  const summary = new ClassSummary()
  await writePieces(
    path.join(out, 'grades.csv'),
    gradesCsv(written(class_, out, feedback, summary)),
  )
  writeFile(path.join(out, 'index.html'), classPage(summary))
  return summary
}

/** Writes each learner's page as the results go by. */
async function* written(
  class_: Iterable<Graded>,
  out: string,
  feedback: Feedback,
  summary: ClassSummary,
): AsyncIterable<Graded> {
  for (const graded of class_) {
    const { href } = summary.add(graded)
    const { bench } = graded.result
    const pictures = bench === null ? [] : await picturesOf(bench)
    writeFile(path.join(out, href), report(graded.result, feedback, graded, pictures))
    yield graded
  }
}
