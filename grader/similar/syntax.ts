/** Syntax trees of TypeScript, by tree-sitter in WebAssembly: whatever the text is, there is a tree, and nothing runs. */
import { createRequire } from 'node:module'
import path from 'node:path'
import { Language, Parser, type Tree } from 'web-tree-sitter'

let parser: Promise<Parser> | undefined

async function load(): Promise<Parser> {
  await Parser.init()
  const grammar = path.dirname(
    createRequire(import.meta.url).resolve('tree-sitter-typescript/package.json'),
  )
  const parser = new Parser()
  parser.setLanguage(await Language.load(path.join(grammar, 'tree-sitter-typescript.wasm')))
  return parser
}

/** Calls `look` with the tree of a source text. The tree is gone afterwards: its memory is WebAssembly's. */
export async function withTree<T>(source: string, look: (tree: Tree) => T): Promise<T> {
  parser ??= load()
  const tree = (await parser).parse(source)
  if (tree === null) throw new Error('tree-sitter gave no tree')
  try {
    return look(tree)
  } finally {
    tree.delete()
  }
}
