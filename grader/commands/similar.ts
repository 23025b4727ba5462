/** `npm run similar -- submissions/ --level 3`: which submissions resemble each other. */
import path from 'node:path'
import { listSubmissions } from '../class/submissions.ts'
import { readTarget } from '../course.ts'
import { whyRefused } from '../file-refused.ts'
import { writeFile } from '../journal.ts'
import { howMuchReference, pairsOf, percent, similarPage, submissionsOf } from '../similar/page.ts'
import { similarities, type Similarities } from '../similar/similar.ts'
import { printable } from '../terminal/style.ts'

const SHOWN = 10

export interface SimilarCommandOptions {
  readonly level: string
  readonly out: string
}

export async function similar(
  from: string,
  { level: text, out }: SimilarCommandOptions,
): Promise<void> {
  const { level } = readTarget(text)
  const entries = await listSubmissions(from)
  const found = await similarities(entries, level.number, (read) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${read} of ${entries.length} read`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  process.stdout.write(`${summary(found)}\n`)
  const file = path.resolve(out)
  try {
    writeFile(file, similarPage(found))
    process.stdout.write(`Side by side: ${path.relative(process.cwd(), file)}\n`)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const why = whyRefused(code)
    process.stderr.write(
      `The page cannot be written to ${file} (${code || message}${why === undefined ? '' : `: ${why}`}): name another place with --out.\n`,
    )
    process.exitCode = 1
  }
}

function summary(found: Similarities): string {
  const { level, compared, pairs, allPairs, fromReference, empty, refused } = found
  const top = pairs.slice(0, SHOWN)
  const width = Math.max(0, ...top.map(({ left }) => printable(left).length))
  return [
    `${submissionsOf(compared)} of level ${level} compared, ${pairsOf(allPairs)}; starter and reference subtracted.`,
    ...(top.length > 0 ? [''] : []),
    ...top.map(
      ({ left, right, similarity }) =>
        `  ${percent(similarity).padStart(5)} similar  ${printable(left).padEnd(width)}  ${printable(right)}`,
    ),
    ...(allPairs > SHOWN ? [`  and ${pairsOf(allPairs - SHOWN)} of less similarity`] : []),
    ...(fromReference.length > 0
      ? [
          '',
          'Beyond the starter, largely the reference:',
          ...fromReference.map((each) => `  ${printable(each.id)}: ${howMuchReference(each)}`),
        ]
      : []),
    ...(empty.length > 0
      ? ['', `Too little of their own to be compared: ${empty.map(printable).join(', ')}`]
      : []),
    ...(refused.length > 0
      ? ['', 'Refused:', ...refused.map(({ id, why }) => `  ${printable(id)}: ${printable(why)}`)]
      : []),
    '',
  ].join('\n')
}
