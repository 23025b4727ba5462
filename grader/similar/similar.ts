/** Finds which submissions of a class resemble each other, beyond what the course hands out. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'
import { isNoRoom } from '../class/grade-apart.ts'
import type { Entry } from '../class/submissions.ts'
import { takeInApart } from '../class/take-in-apart.ts'
import { Comparison, type Region, type SimilarPair } from './comparison.ts'
import { shapesOf, type Source } from './document.ts'
import { Given } from './given.ts'

/** Pairs that are listed, and pairs of which the matching regions are kept. */
const MOST_PAIRS = 100
const MOST_SHOWN = 25

/** Below this, a pair is as alike as two answers to one assignment are. */
const WORTH_SHOWING = 0.1

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
  /** Ids of submissions with too little of their own. */
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
  const comparison = new Comparison(await Given.upTo(level))
  const refused: { id: string; why: string }[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const sources = await sourcesOf(entry, level)
      comparison.add(entry.id, sources, await shapesOf(sources))
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
    empty: comparison.empty,
    refused,
    names: new Map(entries.map(({ id, name }) => [id, name])),
  }
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
