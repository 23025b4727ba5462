/** `npm run handout -- --out ../handout --levels 1-3`: the learner's edition of the workbook. */
import path from 'node:path'
import { levelsHere, UsageError } from '../course.ts'
import { makeHandout } from '../handout/handout.ts'

export interface HandoutCommandOptions {
  readonly out: string
  readonly levels?: string
  readonly given?: string
  readonly seal?: readonly string[]
}

export async function handout(options: HandoutCommandOptions): Promise<void> {
  const all = levelsHere.map(({ number }) => number)
  const levels = options.levels === undefined ? all : readLevels('--levels', options.levels)
  const given = options.given === undefined ? [] : readLevels('--given', options.given)
  const recipients = options.seal ?? []
  const out = path.resolve(options.out)
  const files = await makeHandout({ out, levels, given, recipients })
  const first = levels.find((level) => !given.includes(level)) ?? 1
  process.stdout.write(
    [
      `Wrote ${files} files to ${options.out}: level ${levels.join(', ')}${given.length === 0 ? '' : `, of these finished: ${given.join(', ')}`}.`,
      recipients.length === 0
        ? 'The hidden tests are not in it.'
        : `The hidden tests are in it, sealed for ${recipients.length} ${recipients.length === 1 ? 'key' : 'keys'}.`,
      `A learner starts with: npm ci && npm test -- level${first}`,
      '',
    ].join('\n'),
  )
}

/** Reads `1-3`, `1,3` or `2`. */
function readLevels(option: string, text: string): number[] {
  const known = levelsHere.map(({ number }) => number)
  const numbers = text.split(',').flatMap((part) => {
    const match = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part)
    const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])]
    return known.includes(from) && known.includes(to) && from <= to
      ? known.filter((level) => level >= from && level <= to)
      : Number.NaN
  })
  if (numbers.some(Number.isNaN)) {
    throw new UsageError(
      `${option} takes numbers of levels, as in 1-3 or 1,2; there are ${known.join(', ')}, and "${text}" names others.`,
    )
  }
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}
