/** Asks for numbers on a terminal, one line each. */
import { createInterface } from 'node:readline'
import type { Predictions, Question } from '../predictions.ts'
import { wrap } from './style.ts'

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

/**
 * Asks the questions in their order. Enter skips one.
 *
 * @returns the answers; `null` when the learner left, by Ctrl-C or Ctrl-D
 */
export async function askFor(
  questions: readonly Question[],
  { input, output }: Terminal,
): Promise<Predictions | null> {
  // Without a listener for SIGINT, Ctrl-C ends the lines just as Ctrl-D does.
  const terminal = createInterface({ input, output, terminal: true })
  const lines = terminal[Symbol.asyncIterator]()
  let open = true
  terminal.once('close', () => (open = false))
  const answers: Record<string, number | null> = {}
  output.write('Predict first. Enter skips a question, Ctrl-C leaves.\n\n')
  try {
    for (const { id, text, unit } of questions) {
      output.write(`${wrap(text, 0)}\n`)
      terminal.setPrompt(`  ${unit}: `)
      for (;;) {
        // What was typed before the end is still to come.
        if (open) terminal.prompt()
        const { value: line, done } = await lines.next()
        if (done) {
          output.write('\nNothing was measured.\n')
          return null
        }
        const answer = read(line, unit)
        if (answer !== undefined) {
          answers[id] = answer
          break
        }
        output.write(`  That is no number. One like 80 or 2.5, please; Enter alone skips it.\n`)
      }
    }
    return answers
  } finally {
    terminal.close()
  }
}

/** `80`, `2.5`, `12,480` or `80 ms`; `null` for an empty line, `undefined` for what is no number. */
function read(line: string, unit: string): number | null | undefined {
  const text = line.trim().replace(new RegExp(`\\s*${unit}$`, 'i'), '')
  if (text === '') return null
  return /^(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,6})?$/.test(text)
    ? Number(text.replaceAll(',', ''))
    : undefined
}
