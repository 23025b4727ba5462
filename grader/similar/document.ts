/** The files of a submission's level, and the shape of their syntax. */
import type { Node } from 'web-tree-sitter'
import { withTree } from './syntax.ts'

/** A source file of a submission. */
export interface Source {
  /** `level3/router.ts` */
  readonly name: string
  readonly text: string
}

/** A source file with its tokens: the kinds of its nodes, each with the end of those that hold others. */
export interface Shaped {
  readonly name: string
  readonly lines: readonly string[]
  /** The tokens, a character each: neither names nor texts, so that other ones leave it as it is. */
  readonly shape: string
  /** The row that each token stands in, counted from 0. */
  readonly rows: readonly number[]
}

/** What stands for the end of a node that holds others. */
export const END = '\0'

export async function shapesOf(sources: readonly Source[]): Promise<Shaped[]> {
  const shaped: Shaped[] = []
  for (const { name, text } of sources.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const tokens = await withTree(text, ({ rootNode }) => [...tokensOf(rootNode)])
    shaped.push({
      name,
      lines: text.split(/\r?\n/),
      shape: tokens.map(([kind]) => kind).join(''),
      rows: tokens.map(([, row]) => row),
    })
  }
  return shaped
}

/** Without the root: every file has one, and it ends below the last line. */
function* tokensOf(root: Node): Generator<[kind: string, row: number]> {
  const cursor = root.walk()
  try {
    if (!cursor.gotoFirstChild()) return
    for (;;) {
      const { nodeType, nodeTypeId, nodeIsNamed, startPosition } = cursor
      const counts = nodeIsNamed && nodeType !== 'comment'
      if (counts) yield [String.fromCharCode(nodeTypeId), startPosition.row]
      if (counts && cursor.gotoFirstChild()) continue
      while (!cursor.gotoNextSibling()) {
        cursor.gotoParent()
        if (cursor.currentDepth === 0) return
        yield [END, cursor.endPosition.row]
      }
    }
  } finally {
    cursor.delete()
  }
}
