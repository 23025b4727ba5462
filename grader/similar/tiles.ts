/**
 * What two submissions have in common: the longest runs of tokens first, and no line in two of them.
 *
 * Greedy string tiling ("YAP3: Improved Detection of Similarities in Computer Program and Other Texts", SIGCSE 1996).
 */
import { END, type Shaped } from './document.ts'
import { RUN, type Fingerprint } from './runs.ts'

/** A file of the one submission or the other. */
export interface Side {
  readonly file: Shaped
  /** Where something common may begin. */
  readonly fingerprints: readonly Fingerprint[]
  /** Of each token, whether a tile may hold it. */
  readonly isFree: boolean[]
}

/** Tokens of the one file, and as many of the same kinds of the other. */
export interface Tile {
  readonly left: Side
  readonly right: Side
  readonly leftStart: number
  readonly rightStart: number
  readonly length: number
}

/** The longest first. Their tokens are free no more. */
export function tilesOf(left: readonly Side[], right: readonly Side[]): Tile[] {
  const tiles: Tile[] = []
  const ofLength: Tile[][] = []
  const add = (tile: Tile) => (ofLength[tile.length] ??= []).push(tile)
  commonRuns(left, right).forEach(add)
  for (let length = ofLength.length - 1; length >= RUN; length--) {
    for (const run of ofLength[length] ?? []) {
      const parts = freeParts(run)
      if (parts[0]?.length !== length) {
        parts.forEach(add)
        continue
      }
      tiles.push(run)
      take(run.left, run.leftStart, length)
      take(run.right, run.rightStart, length)
    }
  }
  return tiles
}

/** Each as long as it can be. */
function commonRuns(left: readonly Side[], right: readonly Side[]): Tile[] {
  const places = new Map<number, { side: Side; start: number }[]>()
  for (const side of right) {
    for (const { hash, start } of side.fingerprints) {
      const known = places.get(hash)
      if (known === undefined) places.set(hash, [{ side, start }])
      else known.push({ side, start })
    }
  }
  return left.flatMap((one) => {
    // A run is found once, however many fingerprints lie in it: by how far the files are shifted against each other.
    const ends = new Map<Side, Map<number, number>>()
    return one.fingerprints.flatMap(({ hash, start }) =>
      (places.get(hash) ?? []).flatMap(({ side, start: rightStart }) => {
        const shifts = ends.get(side) ?? new Map<number, number>()
        const shift = rightStart - start
        if (start < (shifts.get(shift) ?? 0)) return []
        const run = longestAround(one, side, start, rightStart)
        ends.set(side, shifts.set(shift, run.leftStart + run.length))
        return [run]
      }),
    )
  })
}

function longestAround(left: Side, right: Side, leftAt: number, rightAt: number): Tile {
  const [a, b] = [left.file.shape, right.file.shape]
  let before = 0
  while (before < Math.min(leftAt, rightAt) && a[leftAt - before - 1] === b[rightAt - before - 1])
    before++
  let after = 0
  const most = Math.min(a.length - leftAt, b.length - rightAt)
  while (after < most && a[leftAt + after] === b[rightAt + after]) after++
  const length = before + after
  return { left, right, leftStart: leftAt - before, rightStart: rightAt - before, length }
}

/** What of a run a tile may hold still, without what is too short to tell anything. */
function freeParts(run: Tile): Tile[] {
  const parts: Tile[] = []
  let start = 0
  for (let at = 0; at <= run.length; at++) {
    // What ends here began before, so a part does not begin with it.
    if (isFree(run, at) && !(at === start && kindAt(run, at) === END)) continue
    const length = at - start
    if (length >= RUN)
      parts.push({
        ...run,
        leftStart: run.leftStart + start,
        rightStart: run.rightStart + start,
        length,
      })
    start = at + 1
  }
  return parts
}

function isFree({ left, right, leftStart, rightStart, length }: Tile, at: number): boolean {
  return (
    at < length && left.isFree[leftStart + at] === true && right.isFree[rightStart + at] === true
  )
}

function kindAt({ left, leftStart }: Tile, at: number): string | undefined {
  return left.file.shape[leftStart + at]
}

/** Lines are taken as a whole. */
function take({ file: { rows }, isFree }: Side, start: number, length: number): void {
  const [first = 0, last = 0] = [rows[start], rows[start + length - 1]]
  isFree.fill(false, rows.indexOf(first), rows.lastIndexOf(last) + 1)
}
