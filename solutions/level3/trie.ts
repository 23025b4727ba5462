/** A tree that patterns share, segment by segment. */
import type { PatternSegment } from './route-pattern.ts'

/** Keeps a leaf for each method and pattern, and finds the one that serves a path. */
export class Trie<Leaf> {
  readonly #root = new TrieNode<Leaf>('')

  /**
   * Where each segment of the path that was looked up last begins: the one before ends a slash earlier.
   * A wildcard's segments count as one.
   */
  readonly starts: number[] = [1]
  /** A `%` was met where the last lookup took what it found: the path has to be decoded first. */
  metEscape = false

  /** Adds a leaf; or gives back the one that has its place already. */
  add(method: string, segments: readonly PatternSegment[], leaf: Leaf): Leaf | undefined {
    let node = this.#root
    for (const segment of segments) node = node.grow(segment)
    return node.add(method, leaf)
  }

  /** Finds the leaf that serves `path`, which begins with `/`. */
  find(method: string, path: string): Leaf | undefined {
    this.metEscape = false
    return this.#search(this.#root, method, path, 1, 0)
  }

  /**
   * Follows the segments from the one at `begin` on: text first, then the parameter, then the wildcard.
   *
   * A way that is not a node's last is tried by a search of its own, and left again when it leads nowhere.
   * The last way is gone on with: a call a segment would be a tenth of a lookup.
   *
   * No node is met twice, because its place in the tree says how many segments lie before it: a path
   * costs at most the nodes that match its segments.
   */
  #search(
    root: TrieNode<Leaf>,
    method: string,
    path: string,
    begin: number,
    depth: number,
  ): Leaf | undefined {
    let node = root
    let start = begin
    for (let place = depth + 1; ; place++) {
      // `next` is where the last way leads that this segment leaves, and `end` is where the segment ends there.
      let next = node.textAt(path, start)
      let end = next === undefined ? start : start + next.text.length
      if (next !== undefined && (node.parameter !== undefined || node.wildcard !== undefined)) {
        const leaf = this.#below(next, method, path, end, place)
        if (leaf !== undefined) return leaf
        next = undefined
      }
      if (next === undefined && node.parameter !== undefined) {
        end = this.#endOfSegment(path, start)
        if (end > start) next = node.parameter
        if (next !== undefined && node.wildcard !== undefined) {
          const leaf = this.#below(next, method, path, end, place)
          if (leaf !== undefined) return leaf
          next = undefined
        }
      }
      if (next === undefined) {
        if (node.wildcard === undefined || this.#hasGap(path, start)) return undefined
        next = node.wildcard
        end = path.length
      }

      this.starts[place] = end + 1
      if (end === path.length) return next.leaf(method)
      node = next
      start = end + 1
    }
  }

  /** What serves the path in `node`, to which the segment that ends at `end` has led. */
  #below(
    node: TrieNode<Leaf>,
    method: string,
    path: string,
    end: number,
    place: number,
  ): Leaf | undefined {
    this.starts[place] = end + 1
    if (end === path.length) return node.leaf(method)
    return this.#search(node, method, path, end + 1, place)
  }

  /** At a slash, or where the path ends. */
  #endOfSegment(path: string, start: number): number {
    for (let end = start; end < path.length; end++) {
      const character = path.charCodeAt(end)
      if (character === SLASH) return end
      if (character === PERCENT) this.metEscape = true
    }
    return path.length
  }

  /** Is a segment from `start` on empty, and not the last one? */
  #hasGap(path: string, start: number): boolean {
    if (path.includes('%', start)) this.metEscape = true
    let slash = path.indexOf('/', start)
    while (slash !== -1 && path.charCodeAt(slash - 1) !== SLASH)
      slash = path.indexOf('/', slash + 1)
    return slash !== -1
  }
}

const SLASH = 0x2f
const PERCENT = 0x25

/** So many texts are compared one after the other; more are looked up by their hash. */
const FEW = 8

/** What is known after some segments: where the next one can lead, and what ends here. */
class TrieNode<Leaf> {
  /** The segment that leads here, when it is a text. */
  readonly text: string
  /** What ends here. GET has a field of its own: nearly every lookup asks for it. */
  #get: Leaf | undefined
  readonly #others = new Map<string, Leaf>()
  readonly #texts: TrieNode<Leaf>[] = []
  readonly #byText = new Map<string, TrieNode<Leaf>>()
  parameter: TrieNode<Leaf> | undefined
  wildcard: TrieNode<Leaf> | undefined

  constructor(text: string) {
    this.text = text
  }

  /** The node behind `segment`, made if there is none. */
  grow({ kind, text }: PatternSegment): TrieNode<Leaf> {
    if (kind === 'parameter') return (this.parameter ??= new TrieNode(''))
    if (kind === 'wildcard') return (this.wildcard ??= new TrieNode(''))

    const known = this.#byText.get(text)
    if (known !== undefined) return known
    const node = new TrieNode<Leaf>(text)
    this.#texts.push(node)
    this.#byText.set(text, node)
    return node
  }

  add(method: string, leaf: Leaf): Leaf | undefined {
    const known = method === 'GET' ? this.#get : this.#others.get(method)
    if (known !== undefined) return known
    if (method === 'GET') this.#get = leaf
    else this.#others.set(method, leaf)
    return undefined
  }

  /** HEAD is served by what serves GET (RFC 9110 §9.3.2). */
  leaf(method: string): Leaf | undefined {
    if (method === 'GET') return this.#get
    return this.#others.get(method) ?? (method === 'HEAD' ? this.#get : undefined)
  }

  /** The node behind the segment of `path` that begins at `start`, if that is a text that leads on. */
  textAt(path: string, start: number): TrieNode<Leaf> | undefined {
    const texts = this.#texts
    if (texts.length > FEW) {
      const slash = path.indexOf('/', start)
      return this.#byText.get(path.slice(start, slash === -1 ? path.length : slash))
    }
    for (let i = 0; i < texts.length; i++) {
      const node = texts[i]!
      if (isSegment(node.text, path, start)) return node
    }
    return undefined
  }
}

/** Compared in place: quicker than to cut the segment out. */
function isSegment(text: string, path: string, start: number): boolean {
  const end = start + text.length
  if (end > path.length || (end < path.length && path.charCodeAt(end) !== SLASH)) return false
  return path.startsWith(text, start)
}
