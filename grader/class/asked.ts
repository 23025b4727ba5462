/** What was asked of `npm run class`, and what of it cannot be done: said before anything is graded. */
import path from 'node:path'
import type { ClassOptions } from '../commands/class.ts'
import { courseVersion, UsageError } from '../course.ts'
import { plain } from '../report/plain.ts'
import { readWeights } from '../report/weights.ts'
import { printable } from '../terminal/style.ts'
import type { ClassJournal, Round } from './journal.ts'
import type { Entry } from './submissions.ts'

const MOST_JOBS = 64

/** @throws {UsageError} for options that do not go together, before anything is done */
export function checkTogether(options: ClassOptions): void {
  const { dryRun, publish, discard, regrade, only, jobs, weights } = options
  const alone = [dryRun && '--dry-run', publish && '--publish', discard && '--discard'].filter(
    Boolean,
  )
  if (alone.length > 1)
    throw new UsageError(`${alone.join(' and ')} are different things: give one of them.`)
  if (discard && regrade)
    throw new UsageError('--discard forgets a regrading: give it without --regrade.')
  if (only !== undefined && !regrade && (publish || discard))
    throw new UsageError(
      `${publish ? '--publish' : '--discard'} is about a regrading as a whole: give it without --only.`,
    )
  if (jobs !== undefined && !(jobs >= 1 && jobs <= MOST_JOBS))
    throw new UsageError(`--jobs is how many are graded at a time: 1 to ${MOST_JOBS}.`)
  if (weights !== undefined) readWeights(weights)
}

/** @throws {UsageError} when the reports would be taken for submissions the next time */
export function checkApart(from: string, out: string): void {
  const inside = path.relative(path.resolve(from), path.resolve(out))
  if (inside.startsWith('..') || path.isAbsolute(inside)) return
  throw new UsageError(
    `${out} lies in ${from}, and would be taken for a submission: name a folder outside of it with --out.`,
  )
}

/**
 * @throws {UsageError} when the journal is that of another class, whose grades would be given to this one, or published
 * beside it
 */
export function checkSameClass(
  journal: ClassJournal,
  entries: readonly Entry[],
  { out, regrade }: ClassOptions,
): void {
  const paths = journal.paths()
  if (paths.size === 0) return
  const known = entries.filter(({ id }) => paths.has(id))
  if (known.length === 0)
    throw new UsageError(
      `${out} holds the grades of another class: none of these ${entries.length} submissions is among its ${paths.size}. Name another folder with --out.`,
    )
  const moved = known.filter((entry) => paths.get(entry.id) !== entry.path)
  const [first] = moved
  if (first === undefined || regrade) return
  throw new UsageError(
    `${moved.length} of the submissions graded in ${out} lay elsewhere then: ${plain(first.id)} in ${printable(paths.get(first.id) ?? '')}. Name another folder with --out for another class; where it is the same class, --regrade grades all of it anew.`,
  )
}

export function selected(all: Entry[], from: string, { only }: ClassOptions): Entry[] {
  if (only === undefined) return all
  const unknown = only.filter((id) => !all.some((entry) => entry.id === id))
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no submission ${unknown.map((id) => `"${plain(id)}"`).join(', ')} in ${from}. There are ${all.length}: ${all
        .slice(0, 5)
        .map(({ id }) => plain(id))
        .join(
          ', ',
        )}${all.length > 5 ? ', …' : ''}.${unknown.some((id) => id.includes(',')) ? ' Several are separated by spaces.' : ''}`,
    )
  }
  return all.filter(({ id }) => only.includes(id))
}

/** @throws {UsageError} when the rest of a round would be graded otherwise than its beginning, or is not what was asked for */
export function checkGoesOn(
  { number, published, seed, course, earlier }: Round,
  options: ClassOptions,
): void {
  if (number > 1 && !published && !options.regrade)
    throw new UsageError(
      `A regrading in ${options.out} is not published yet: --publish makes it count, --discard forgets it, and --regrade goes on with it. After that, this command grades who is new.`,
    )
  if (options.seed !== undefined && options.seed !== seed)
    throw new UsageError(
      `This grading was begun with seed ${seed}, and goes on with it: leave --seed away, or name another folder with --out.`,
    )
  if (earlier !== undefined && earlierFor(options) !== earlier)
    throw new UsageError(
      earlier === 'reference'
        ? 'This grading was begun with --on-reference, and goes on with it: give it again, or name another folder with --out.'
        : 'This grading was begun without --on-reference: leave it away, or name another folder with --out.',
    )
  if (course !== courseVersion)
    process.stderr.write(
      `This grading was begun with version ${course} of the workbook, and this is ${courseVersion}: those that were graded before stay as they are. --regrade, when it is done, grades all of them anew.\n`,
    )
}

export function earlierFor({ onReference }: ClassOptions): 'reference' | 'submission' {
  return onReference ? 'reference' : 'submission'
}
