/** Colour, on a terminal only: a file or a pipe gets plain text. `NO_COLOR` is obeyed. */
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

export interface Style {
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly soft: (text: string) => string
  readonly strong: (text: string) => string
}

export function styleFor(stream: NodeJS.WriteStream): Style {
  const coloured = stream.isTTY && !process.env['NO_COLOR']
  const paint = (format: Format) => (text: string) =>
    coloured ? styleText(format, text, { validateStream: false }) : text
  return { good: paint('green'), bad: paint('red'), soft: paint('dim'), strong: paint('bold') }
}

/** Text from a stranger, made harmless for a terminal: no escape sequences, no bidirectional tricks, no endless lines. */
export function printable(text: string): string {
  return harmless(text)
    .split('\n')
    .map((line) => (line.length > 400 ? `${line.slice(0, 400)}…` : line))
    .join('\n')
}

/**
 * The same with lines of any length: for what is to be copied.
 *
 * @param unseen - stands for each character that is not seen, or does something
 */
export function harmless(text: string, unseen = '?'): string {
  // The zero-width joiner is what holds 👩‍💻 together, in a name as in the path of a command.
  return text.replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[^\P{C}\n\t\u200d]/gu, unseen)
}

/** Breaks prose into lines, each after the first indented. */
export function wrap(text: string, indent: number, width = 100): string {
  const margin = ' '.repeat(indent)
  return text
    .split('\n')
    .flatMap((paragraph) => {
      if (/^\s/.test(paragraph)) return [paragraph]
      const lines: string[] = ['']
      for (const word of paragraph.split(' ')) {
        const line = lines.at(-1) ?? ''
        if (line !== '' && indent + line.length + 1 + word.length > width) lines.push(word)
        else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
      }
      return lines
    })
    .join(`\n${margin}`)
}
