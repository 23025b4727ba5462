/** A submission's level as one document: its files one after the other, and the shape of their syntax as tokens. */
import { File, Region, TokenizedFile } from '@dodona/dolos-core'
import type { Node, Point } from 'web-tree-sitter'
import { withTree } from './syntax.ts'

/** A source file of a submission. */
export interface Source {
  /** `level3/router.ts` */
  readonly name: string
  readonly text: string
}

/** Several files, tokenised; rows count through all of them. */
export interface Document {
  readonly id: string
  readonly tokens: TokenizedFile
  readonly files: readonly { readonly name: string; readonly firstRow: number }[]
  readonly lines: readonly string[]
}

/** Tokenises files in the order of their names. */
export async function documentOf(id: string, sources: readonly Source[]): Promise<Document> {
  const files: { name: string; firstRow: number }[] = []
  const lines: string[] = []
  const tokens: string[] = []
  const places: Region[] = []
  for (const { name, text } of sources.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const firstRow = lines.length
    files.push({ name, firstRow })
    for (const line of text.split(/\r?\n/)) lines.push(line)
    await withTree(text, ({ rootNode }) => {
      for (const [token, from, to] of shapeOf(rootNode)) {
        tokens.push(token)
        places.push(new Region(firstRow + from.row, from.column, firstRow + to.row, to.column))
      }
    })
  }
  const file = new File(id, '')
  return { id, tokens: new TokenizedFile(file, tokens, places), files, lines }
}

/**
 * The kinds of the nodes, each with the end of those that hold others; neither names nor texts.
 *
 * So other names, other literals, comments and formatting leave it as it is.
 */
function* shapeOf(root: Node): Generator<[token: string, from: Point, to: Point]> {
  const cursor = root.walk()
  try {
    for (;;) {
      const { nodeType, nodeIsNamed, startPosition, endPosition } = cursor
      const counts = nodeIsNamed && nodeType !== 'comment'
      const enters = counts && cursor.gotoFirstChild()
      if (counts) yield [nodeType, startPosition, enters ? startPosition : endPosition]
      if (enters) continue
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return
        yield [')', cursor.endPosition, cursor.endPosition]
      }
    }
  } finally {
    cursor.delete()
  }
}

/** The file that a row of a document lies in, and the line there, counted from 1. */
export function placeOf({ files }: Document, row: number): { name: string; line: number } {
  const file = files.findLast(({ firstRow }) => firstRow <= row)
  return { name: file?.name ?? '', line: row - (file?.firstRow ?? 0) + 1 }
}
