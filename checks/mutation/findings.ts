/**
 * What earlier runs found, one line for each mutant, kept in the repository: a whole run takes hours, and goes on where
 * the last one was, on whatever machine that was.
 *
 * A finding is for the paragraph that the mutant changes: the lines between two empty ones, without comments. When that
 * reads otherwise, it is another mutant; when tests have become weaker, delete the lists.
 */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Mutant } from './mutants.ts'
import type { Finding } from './trial.ts'

/** Enough of a hash: there are a few thousand. */
const KEY_DIGITS = 16

export class Findings {
  readonly #file: string
  readonly #known = new Map<string, Finding>()

  constructor(file: string) {
    this.#file = file
    for (const line of readLines(file)) {
      const [key = '', ...words] = line.split(' ')
      const finding = read(words)
      if (finding !== undefined) this.#known.set(key, finding)
    }
  }

  find(mutant: Mutant): Finding | undefined {
    return this.#known.get(keyOf(mutant))
  }

  /** A fault of ours says nothing, and is not kept. */
  keep(mutant: Mutant, finding: Finding): void {
    const key = keyOf(mutant)
    if (this.#known.get(key)?.outcome === finding.outcome || finding.outcome === 'fault') return
    this.#known.set(key, finding)
    mkdirSync(path.dirname(this.#file), { recursive: true })
    appendFileSync(this.#file, `${key} ${write(finding)}\n`)
  }
}

function keyOf(mutant: Mutant): string {
  const changed = `${mutant.file}\n${paragraphOf(mutant)}`
  return createHash('sha256').update(changed).digest('hex').slice(0, KEY_DIGITS)
}

/** The changed lines, and those around them up to the next empty ones. */
function paragraphOf({ text, start, end }: Mutant): string {
  const before = text.lastIndexOf('\n\n', start)
  const after = text.indexOf('\n\n', end)
  return text
    .slice(before + 1, after === -1 ? text.length : after)
    .split('\n')
    .filter((line) => !COMMENT_LINE.test(line))
    .join('\n')
}

const COMMENT_LINE = /^\s*(?:\/\/|\/\*\*|\*(?: |\/|$))/

/** `killed hidden 2.3`, `survived`, `timed-out`: titles would be most of the list. */
function write(finding: Finding): string {
  if (finding.outcome !== 'killed') return finding.outcome.replace(' ', '-')
  return `killed ${finding.suite} ${finding.task}`
}

function read([outcome, suite, task]: readonly string[]): Finding | undefined {
  if (outcome === 'survived') return { outcome }
  if (outcome === 'timed-out') return { outcome: 'timed out' }
  if (outcome !== 'killed' || task === undefined) return undefined
  return { outcome, suite: suite === 'public' ? 'public' : 'hidden', task, title: '' }
}

/** The whole lines. Half a line, of a run that was killed, is taken off the file, before another is written behind it. */
function readLines(file: string): string[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) writeFileSync(file, whole)
  return whole.split('\n').slice(0, -1)
}
