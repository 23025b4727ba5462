/** How much code a level is: files, lines that say something, bytes. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { Language, Parser } from 'web-tree-sitter'

export interface CodeSize {
  readonly files: number
  /** Without blank lines, and without comments. */
  readonly lines: number
  readonly bytes: number
}

/**
 * Measures source files.
 *
 * @param folder - where they are
 * @param files - their paths, relative to it
 */
export async function codeSize(folder: string, files: readonly string[]): Promise<CodeSize> {
  const parser = await typescriptParser()
  const sizes = await Promise.all(
    files.map(async (file) => {
      const content = await readFile(path.join(folder, file))
      return { lines: codeLines(content.toString('utf8'), parser), bytes: content.length }
    }),
  )
  parser.delete()
  return {
    files: files.length,
    lines: sizes.reduce((sum, { lines }) => sum + lines, 0),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** Only a parser knows a comment from a string or a regular expression that looks like one. */
function codeLines(text: string, parser: Parser): number {
  const tree = parser.parse(text)
  let code = ''
  let end = 0
  for (const comment of tree?.rootNode.descendantsOfType('comment') ?? []) {
    if (comment === null) continue
    code += text.slice(end, comment.startIndex)
    // What stands before and after a comment of several lines stays on lines of its own.
    if (comment.startPosition.row < comment.endPosition.row) code += '\n'
    end = comment.endIndex
  }
  tree?.delete()
  return `${code}${text.slice(end)}`.split('\n').filter((line) => line.trim() !== '').length
}

async function typescriptParser(): Promise<Parser> {
  await Parser.init()
  const { resolve } = createRequire(import.meta.url)
  const grammar = path.join(
    path.dirname(resolve('tree-sitter-typescript/package.json')),
    'tree-sitter-typescript.wasm',
  )
  return new Parser().setLanguage(await Language.load(grammar))
}
