/**
 * Compares the documents of a class, each with each, by winnowing: fingerprints of runs of tokens, so chosen that
 * a common run of 39 tokens (three or four lines) always shares one.
 *
 * What the course hands out is subtracted: a fingerprint that is in the starter or in the reference counts for nobody.
 * ("Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003.)
 */
import { FingerprintIndex, WinnowFilter, type Fragment } from '@dodona/dolos-core'
import { documentOf, placeOf, type Document, type Source } from './document.ts'

/** Tokens in a fingerprint, and fingerprints of which one is kept. */
const RUN = 23
const WINDOW = 17

/** Fewer fingerprints of its own than this (some twenty lines) say nothing about a submission. */
export const FEWEST_OWN = 20

/** Regions of a pair, and lines of a region, that are kept to be shown. */
const MOST_REGIONS = 12
const MOST_LINES = 60

/** Beyond this, laying one document beside the other costs more than it shows: both repeat the same run for ever. */
const MOST_WORK = 100_000_000
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
  readonly #filter = new WinnowFilter(RUN, WINDOW)
  readonly #ignored = new Map<string, readonly Source[]>()
  readonly #ignoredHashes = new Set<number>()
  readonly #sources = new Map<string, readonly Source[]>()
  /** The fingerprints of each submission: of a class, this and its texts are all that is kept. */
  readonly #hashes = new Map<string, Float64Array>()

  /** Subtracts what everybody has. */
  async ignore(id: string, sources: readonly Source[]): Promise<void> {
    this.#ignored.set(id, sources)
    for (const hash of await this.#fingerprints(id, sources)) this.#ignoredHashes.add(hash)
  }

  async add(id: string, sources: readonly Source[]): Promise<void> {
    this.#sources.set(id, sources)
    this.#hashes.set(id, Float64Array.from(await this.#fingerprints(id, sources)))
  }

  async #fingerprints(id: string, sources: readonly Source[]): Promise<number[]> {
    const { tokens } = await documentOf(id, sources)
    return this.#filter.fingerprints(tokens.tokens).map(({ hash }) => hash)
  }

  /** Those with too little of their own to be compared. */
  get empty(): string[] {
    return [...this.#hashes.keys()].filter((id) => this.#own(id).length < FEWEST_OWN)
  }

  /** Fingerprints that are neither the starter's nor the reference's. */
  #own(id: string): Float64Array {
    return (this.#hashes.get(id) ?? new Float64Array()).filter(
      (hash) => !this.#ignoredHashes.has(hash),
    )
  }

  /** The most similar pairs first. */
  pairs(): SimilarPair[] {
    const all = [...this.#hashes.keys()].map((id) => ({ id, own: this.#own(id) }))
    const compared = all.filter(({ own }) => own.length >= FEWEST_OWN)
    const covered = coveredBy(compared.map(({ own }) => own))
    const at = (left: number, right: number) => covered[left * compared.length + right] ?? 0
    const pairs: SimilarPair[] = []
    compared.forEach((left, a) => {
      compared.forEach((right, b) => {
        if (b <= a) return
        const similarity = (at(a, b) + at(b, a)) / (left.own.length + right.own.length)
        pairs.push({ left: left.id, right: right.id, similarity })
      })
    })
    return pairs.sort(
      (a, b) => b.similarity - a.similarity || (a.left + a.right < b.left + b.right ? -1 : 1),
    )
  }

  /** What a pair has in common, the largest regions first; `undefined` where it would take too long to find. */
  async regions({ left, right }: SimilarPair): Promise<Region[] | undefined> {
    const [a, b] = [this.#own(left), this.#own(right)]
    if (a.length * b.length > MOST_WORK || matches(a, b) > MOST_MATCHES) return undefined
    const one = await documentOf(left, this.#sources.get(left) ?? [])
    const other = await documentOf(right, this.#sources.get(right) ?? [])
    const index = new FingerprintIndex(RUN, WINDOW)
    index.addFiles([one.tokens, other.tokens])
    // It subtracts from those that it has.
    for (const [id, sources] of this.#ignored)
      index.addIgnoredFile((await documentOf(id, sources)).tokens)
    const fragments = index.getPair(one.tokens, other.tokens).buildFragments(2)
    return withoutInner(fragments)
      .slice(0, MOST_REGIONS)
      .map(({ leftSelection, rightSelection }) => ({
        left: extract(one, leftSelection.startRow, leftSelection.endRow),
        right: extract(other, rightSelection.startRow, rightSelection.endRow),
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

/** The largest first, without those that lie on both sides in a larger one. */
function withoutInner(fragments: readonly Fragment[]): Fragment[] {
  const height = ({ leftSelection: { startRow, endRow } }: Fragment) => endRow - startRow
  const kept: Fragment[] = []
  for (const fragment of fragments.toSorted((a, b) => height(b) - height(a))) {
    const inner = kept.some(
      ({ leftSelection, rightSelection }) =>
        contains(leftSelection, fragment.leftSelection) ||
        contains(rightSelection, fragment.rightSelection),
    )
    if (!inner) kept.push(fragment)
  }
  return kept
}

type Rows = Fragment['leftSelection']

function contains(outer: Rows, inner: Rows): boolean {
  return outer.startRow <= inner.startRow && outer.endRow >= inner.endRow
}

function extract(document: Document, startRow: number, endRow: number): Extract {
  const { name, line } = placeOf(document, startRow)
  // A run may go on into the next file; what is shown ends with its own.
  const next = document.files.find(({ firstRow }) => firstRow > startRow)?.firstRow ?? Infinity
  const rows = document.lines.slice(startRow, Math.min(endRow + 1, next))
  return {
    file: name,
    from: line,
    lines: rows.slice(0, MOST_LINES),
    omitted: Math.max(0, rows.length - MOST_LINES),
  }
}
