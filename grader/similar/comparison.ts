/**
 * Compares the submissions of a class, each with each, by the fingerprints that two have in common.
 *
 * What the course has itself is subtracted: a run of tokens that is in a starter or in the reference counts for nobody.
 */
import { shapesOf, type Shaped, type Source } from './document.ts'
import { fingerprintsOf, type Fingerprint } from './runs.ts'
import type { Given } from './given.ts'
import { tilesOf, type Side } from './tiles.ts'

/** Fewer fingerprints of its own than this (some twenty lines) say nothing about a submission. */
export const FEWEST_OWN = 20

/** Lines of a region that are kept to be shown. */
const MOST_LINES = 60

/** Beyond this, laying one beside the other costs more than it shows: both repeat the same run for ever. */
const MOST_MATCHES = 1_000_000

/** Two submissions, and how much of what is their own they have in common. */
export interface SimilarPair {
  readonly left: string
  readonly right: string
  /** 0 to 1: of the fingerprints of both, the share that the other one has, too. */
  readonly similarity: number
}

/** A place in a submission. */
export interface Extract {
  readonly file: string
  /** The first line, counted from 1. */
  readonly from: number
  readonly lines: readonly string[]
  /** Lines that follow, and are left out. */
  readonly omitted: number
}

export interface Region {
  readonly left: Extract
  readonly right: Extract
}

export class Comparison {
  readonly #given: Given
  readonly #sources = new Map<string, readonly Source[]>()
  /** The fingerprints of each submission that are its own: of a class, this and its texts are all that is kept. */
  readonly #own = new Map<string, Float64Array>()

  constructor(given: Given) {
    this.#given = given
  }

  add(id: string, sources: readonly Source[], files: readonly Shaped[]): void {
    const own = files.flatMap((file) => this.#fingerprints(file))
    this.#sources.set(id, sources)
    this.#own.set(
      id,
      Float64Array.from(own, ({ hash }) => hash),
    )
  }

  /** Those that are neither a starter's nor the reference's. */
  #fingerprints(file: Shaped): Fingerprint[] {
    return fingerprintsOf(file).filter(({ start }) => !this.#given.has(file, start))
  }

  /** Those with too little of their own to be compared. */
  get empty(): string[] {
    return [...this.#own].flatMap(([id, own]) => (own.length < FEWEST_OWN ? [id] : []))
  }

  /** The most similar pairs first. */
  pairs(): SimilarPair[] {
    const compared = [...this.#own].filter(([, own]) => own.length >= FEWEST_OWN)
    const covered = coveredBy(compared.map(([, own]) => own))
    const at = (left: number, right: number) => covered[left * compared.length + right] ?? 0
    const pairs: SimilarPair[] = []
    compared.forEach(([left, { length: ofLeft }], a) => {
      compared.forEach(([right, { length: ofRight }], b) => {
        if (b <= a) return
        pairs.push({ left, right, similarity: (at(a, b) + at(b, a)) / (ofLeft + ofRight) })
      })
    })
    return pairs.sort(
      (a, b) => b.similarity - a.similarity || (a.left + a.right < b.left + b.right ? -1 : 1),
    )
  }

  /** What a pair has in common, the largest regions first; `undefined` where it would take too long to find. */
  async regions({ left, right }: SimilarPair): Promise<Region[] | undefined> {
    const none = new Float64Array()
    if (matches(this.#own.get(left) ?? none, this.#own.get(right) ?? none) > MOST_MATCHES)
      return undefined
    const tiles = tilesOf(await this.#sides(left), await this.#sides(right))
    return tiles.map(({ left, right, leftStart, rightStart, length }) => ({
      left: extract(left.file, leftStart, length),
      right: extract(right.file, rightStart, length),
    }))
  }

  async #sides(id: string): Promise<Side[]> {
    const files = await shapesOf(this.#sources.get(id) ?? [])
    return files.map((file) => ({
      file,
      fingerprints: this.#fingerprints(file),
      isFree: this.#given.cover(file).map((isGiven) => !isGiven),
    }))
  }
}

/** How many fingerprints of the row's submission are in the column's, too: a square of numbers, row by row. */
function coveredBy(hashes: readonly Float64Array[]): Uint32Array {
  const rowsOf = new Map<number, number[]>()
  hashes.forEach((own, row) => {
    for (const hash of own) {
      const rows = rowsOf.get(hash)
      if (rows === undefined) rowsOf.set(hash, [row])
      else rows.push(row)
    }
  })
  const covered = new Uint32Array(hashes.length ** 2)
  for (const rows of rowsOf.values()) {
    // The rows ascend: the first is the last where only one has it.
    if (rows[0] === rows.at(-1)) continue
    const times = timesOf(rows)
    for (const [row, count] of times) {
      for (const column of times.keys()) {
        const cell = row * hashes.length + column
        covered[cell] = (covered[cell] ?? 0) + count
      }
    }
  }
  return covered
}

function timesOf(values: Iterable<number>): Map<number, number> {
  const times = new Map<number, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return times
}

/** How often a place of the one meets a place of the other. */
function matches(a: Float64Array, b: Float64Array): number {
  const times = timesOf(b)
  return a.reduce((sum, hash) => sum + (times.get(hash) ?? 0), 0)
}

function extract({ name, lines, rows }: Shaped, start: number, length: number): Extract {
  const [from = 0, to = 0] = [rows[start], rows[start + length - 1]]
  const shown = lines.slice(from, Math.min(to + 1, from + MOST_LINES))
  return { file: name, from: from + 1, lines: shown, omitted: to + 1 - from - shown.length }
}
