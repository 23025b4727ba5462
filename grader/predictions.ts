/** Three numbers to predict before a level is measured: a number surprises only someone who expected another one. */
import type { BenchRecord } from '../bench/record.ts'
import { amount } from './pictures/amount.ts'

export interface Question {
  /** Names the answer in the state. */
  readonly id: string
  readonly text: string
  readonly unit: string
  /** What the bench found; `null` where it did not measure it. */
  readonly found: (record: BenchRecord) => number | null
}

/** By question; `null` was skipped. */
export type Predictions = Readonly<Record<string, number | null>>

const QUESTIONS: Readonly<Record<number, readonly Question[]>> = {
  1: [
    {
      id: 'lastOfTen',
      text: '10 clients ask for /work (100 ms) at the same moment. After how long has the last one its answer?',
      unit: 'ms',
      found: (record) => lastAnswer(record),
    },
    target(
      'oneClient',
      'One client after the other asks for /. How many answers are that in a second?',
      'req/s',
    ),
    target('growth', 'How much memory does your server keep of each request, for ever?', 'bytes'),
  ],
  2: [
    target(
      'work',
      '100 clients ask for /work (100 ms), again and again. How many answers are that in a second?',
      'req/s',
    ),
    target(
      'besideFib',
      'While /fib keeps every thread busy, 99 of 100 requests for / take no longer than what?',
      'ms',
    ),
    target(
      'stalled',
      '200 clients ask for a large answer and read nothing. How much memory do they cost?',
      'MB',
    ),
  ],
  3: [
    target(
      'throughput',
      '100 connections stay open and ask for /. How many answers are that in a second?',
      'req/s',
    ),
    target('p99', 'Under the same load, 99 of 100 requests take no longer than what?', 'ms'),
    target('memory', 'And how much memory of its own (RssAnon) does your server hold then?', 'MB'),
  ],
}

/** The questions about a level; none where it has no bench. */
export function questionsAbout(level: number): readonly Question[] {
  return QUESTIONS[level] ?? []
}

/** `you said 80, it was 9`, a line for each number that was predicted. */
export function compared(record: BenchRecord, predictions: Predictions): string[] {
  return questionsAbout(record.level).flatMap(({ id, text, unit, found }) => {
    const said = predictions[id]
    if (said === undefined || said === null) return []
    const was = found(record)
    const answer = was === null ? 'it was not measured' : `it was ${amount(was)} ${unit}`
    return [`${text} You said ${amount(said)}, ${answer}.`]
  })
}

/** A question that a target of the same name answers. */
function target(id: string, text: string, unit: string): Question {
  const found = ({ targets }: BenchRecord) =>
    targets.find((one) => one.id === id)?.value?.median ?? null
  return { id, text, unit, found }
}

function lastAnswer({ scenarios }: BenchRecord): number | null {
  const bars = scenarios.flatMap(({ submission }) => submission?.timeline ?? [])
  return bars.length === 0 ? null : Math.max(...bars.map(({ to }) => to))
}
