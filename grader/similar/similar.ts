/** Finds which submissions of a class resemble each other, beyond what the course hands out. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { isNoRoom } from '../class/grade-apart.ts'
import type { Entry } from '../class/submissions.ts'
import { takeInApart } from '../class/take-in-apart.ts'
import { Comparison, type Region, type SimilarPair } from './comparison.ts'
import { shapesOf, type Source } from './document.ts'
import { Given, type Origin } from './given.ts'

/** Pairs that are listed, and pairs of which the matching regions are kept. */
const MOST_PAIRS = 100
const MOST_SHOWN = 25

/** Below this, a pair is as alike as two answers to one assignment are. */
const WORTH_SHOWING = 0.1

/** Beyond the starter, so many lines of the reference are no chance, where they are so large a share. */
const FEWEST_OF_REFERENCE = 20
const LARGELY = 0.5

export interface PairFound extends SimilarPair {
  /** Nothing: not looked for. `'too much'`: both repeat themselves so often that it would take too long. */
  readonly regions?: readonly Region[] | 'too much'
}

export interface Similarities {
  readonly level: number
  /** Those that have enough of their own. */
  readonly compared: number
  /** The most similar first. */
  readonly pairs: readonly PairFound[]
  /** How many pairs there are in all. */
  readonly allPairs: number
  /** Those that are largely the reference, the largest share first; some have enough of their own besides. */
  readonly fromReference: readonly (Origin & { readonly id: string })[]
  /** Ids of the others with too little of their own. */
  readonly empty: readonly string[]
  readonly refused: readonly { readonly id: string; readonly why: string }[]
  /** For people, by id. */
  readonly names: ReadonlyMap<string, string>
}

/**
 * Compares one level of all submissions. Only one submission is unpacked at a time.
 *
 * @param onProgress - called with the number of submissions read
 */
export async function similarities(
  entries: readonly Entry[],
  level: number,
  onProgress: (read: number) => void = () => undefined,
): Promise<Similarities> {
  const given = await Given.upTo(level)
  const comparison = new Comparison(given)
  const fromReference: (Origin & { id: string })[] = []
  const refused: { id: string; why: string }[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const sources = await sourcesOf(entry, level)
      const files = await shapesOf(sources)
      comparison.add(entry.id, sources, files)
      const origin = given.originOf(files)
      if (isLargelyReference(origin)) fromReference.push({ id: entry.id, ...origin })
    } catch (error) {
      if (isNoRoom(error)) throw error
      refused.push({ id: entry.id, why: error instanceof Error ? error.message : String(error) })
    }
    onProgress(index + 1)
  }
  const all = comparison.pairs()
  const pairs: PairFound[] = []
  for (const [place, pair] of all.slice(0, MOST_PAIRS).entries()) {
    const isShown = place < MOST_SHOWN && pair.similarity >= WORTH_SHOWING
    pairs.push(
      isShown ? { ...pair, regions: (await comparison.regions(pair)) ?? 'too much' } : pair,
    )
  }
  return {
    level,
    compared: entries.length - refused.length - comparison.empty.length,
    pairs,
    allPairs: all.length,
    fromReference: fromReference.toSorted((a, b) => shareOf(b) - shareOf(a)),
    empty: comparison.empty.filter((id) => !fromReference.some((each) => each.id === id)),
    refused,
    names: new Map(entries.map(({ id, name }) => [id, name])),
  }
}

/** The reference's share of what goes beyond the starter. */
function shareOf({ reference, own }: Origin): number {
  return reference / (reference + own)
}

function isLargelyReference(origin: Origin): boolean {
  return origin.reference >= FEWEST_OF_REFERENCE && shareOf(origin) >= LARGELY
}

/** The files of the level itself; those below it have been compared at their time. */
async function sourcesOf(entry: Entry, level: number): Promise<Source[]> {
  const folder = await temporaryFolder()
  try {
    const intake = await takeInApart({ from: entry.path, isPacked: true, level, folder })
    const names = intake.files.filter((name) => name.startsWith(`level${level}/`))
    return await Promise.all(
      names.map(async (name) => ({
        name,
        text: await readFile(path.join(intake.folder, name), 'utf8'),
      })),
    )
  } finally {
    await removeFolder(folder)
  }
}
