/** What a source text says, taken from its syntax tree. */
import { withTree } from '../../grader/similar/syntax.ts'

const FUNCTIONS = [
  'function_declaration',
  'generator_function_declaration',
  'function_expression',
  'generator_function',
  'arrow_function',
  'method_definition',
]

/** Bodies of functions and methods, without the white space that a formatter would change. */
export async function functionBodies(source: string, moreLinesThan: number): Promise<string[]> {
  return await withTree(source, ({ rootNode }) =>
    rootNode
      .descendantsOfType(FUNCTIONS)
      .flatMap((node) => node.childForFieldName('body') ?? [])
      .filter(({ text }) => text.split('\n').length > moreLinesThan)
      .map(({ text }) => squeezed(text)),
  )
}

/** Titles of tests; of a title with `${…}` in it, its longest piece. */
export async function testTitles(source: string): Promise<string[]> {
  return await withTree(source, ({ rootNode }) =>
    rootNode.descendantsOfType('call_expression').flatMap((call) => {
      const called = call.childForFieldName('function')?.text ?? ''
      const [title] = call.childForFieldName('arguments')?.namedChildren ?? []
      if (!/^(it|test|describe)\b/.test(called) || title === undefined) return []
      if (!/^(string|template_string)$/.test(title.type)) return []
      const pieces = title.text.slice(1, -1).split(/\$\{[^}]*\}/)
      return pieces.toSorted((a, b) => b.length - a.length)[0] ?? []
    }),
  )
}

export function squeezed(text: string): string {
  return text.replace(/\s+/g, '')
}
