/**
 * Compares the documents of a class, each with each, by winnowing: fingerprints of runs of tokens, so chosen that
 * a common run of 39 tokens (three or four lines) always shares one.
 *
 * What the course hands out is subtracted: a fingerprint that is in the starter or in the reference counts for nobody.
 * ("Winnowing: Local Algorithms for Document Fingerprinting", SIGMOD 2003.)
 */
import { FingerprintIndex, type FileEntry, type Fragment } from '@dodona/dolos-core'
import { placeOf, type Document } from './document.ts'

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
  readonly #index = new FingerprintIndex(RUN, WINDOW)
  readonly #documents = new Map<string, Document>()

  /** Subtracts what everybody has, from those that were added before. */
  ignore(document: Document): void {
    this.#index.addIgnoredFile(document.tokens)
    forgetTokens(document)
  }

  add(document: Document): void {
    this.#documents.set(document.id, document)
    this.#index.addFiles([document.tokens])
    forgetTokens(document)
  }

  /** Those with too little of their own to be compared. */
  get empty(): string[] {
    return this.#entries()
      .filter((entry) => own(entry) < FEWEST_OWN)
      .map(({ file }) => file.path)
  }

  /** The most similar pairs first. */
  pairs(): SimilarPair[] {
    const entries = this.#entries().filter((entry) => own(entry) >= FEWEST_OWN)
    const owns = entries.map(own)
    const covered = this.#covered(entries)
    const at = (left: number, right: number) => covered[left * entries.length + right] ?? 0
    const pairs: SimilarPair[] = []
    entries.forEach(({ file: { path: left } }, a) => {
      entries.slice(a + 1).forEach(({ file: { path: right } }, offset) => {
        const b = a + 1 + offset
        const both = (owns[a] ?? 0) + (owns[b] ?? 0)
        pairs.push({ left, right, similarity: (at(a, b) + at(b, a)) / both })
      })
    })
    return pairs.sort(
      (a, b) => b.similarity - a.similarity || (a.left + a.right < b.left + b.right ? -1 : 1),
    )
  }

  /** How many fingerprints of the row's document are in the column's, too: a square of numbers, row by row. */
  #covered(entries: readonly FileEntry[]): Uint32Array {
    const place = new Map(entries.map(({ file }, index) => [file.id, index]))
    const covered = new Uint32Array(entries.length ** 2)
    for (const shared of this.#index.sharedFingerprints()) {
      if (shared.ignored || shared.fileCount() < 2) continue
      const holders = shared.files().flatMap((file) => {
        const row = place.get(file.id)
        return row === undefined ? [] : { row, count: shared.occurrencesOf(file).length }
      })
      for (const { row, count: times } of holders) {
        for (const { row: column } of holders) {
          const cell = row * entries.length + column
          covered[cell] = (covered[cell] ?? 0) + times
        }
      }
    }
    return covered
  }

  /** What a pair has in common, the largest regions first; `undefined` where it would take too long to find. */
  regions({ left, right }: SimilarPair): Region[] | undefined {
    const [one, other] = [this.#documents.get(left), this.#documents.get(right)]
    const entries = this.#entries()
    const [a, b] = [left, right].map((id) => entries.find(({ file }) => file.path === id))
    if (one === undefined || other === undefined || a === undefined || b === undefined) return []
    if (a.kgrams.length * b.kgrams.length > MOST_WORK || matches(a, b) > MOST_MATCHES)
      return undefined
    const fragments = this.#index.getPair(one.tokens, other.tokens).buildFragments(2)
    return withoutInner(fragments)
      .slice(0, MOST_REGIONS)
      .map(({ leftSelection, rightSelection }) => ({
        left: extract(one, leftSelection.startRow, leftSelection.endRow),
        right: extract(other, rightSelection.startRow, rightSelection.endRow),
      }))
  }

  #entries(): FileEntry[] {
    return this.#index.entries()
  }
}

/** Once its fingerprints are taken, a document's tokens are only memory: some megabytes each. */
function forgetTokens({ tokens: { tokens, mapping } }: Document): void {
  tokens.length = 0
  mapping.length = 0
}

/** Fingerprints that are neither the starter's nor the reference's. */
function own({ file, shared }: FileEntry): number {
  return [...shared].reduce((sum, each) => sum + each.occurrencesOf(file).length, 0)
}

/** How often a place of the one meets a place of the other. */
function matches(a: FileEntry, b: FileEntry): number {
  let sum = 0
  for (const shared of a.shared) {
    if (b.shared.has(shared))
      sum += shared.occurrencesOf(a.file).length * shared.occurrencesOf(b.file).length
  }
  return sum
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
