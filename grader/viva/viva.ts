/** Chooses six questions for a talk of ten minutes, from what a submission did: they follow from it and from the seed. */
import type { Level, Task } from '../../levels/register.ts'
import { Random } from '../../tests/kit/random.ts'
import type { Result, TestResult } from '../result.ts'
import type { Source } from '../similar/document.ts'
import { printable } from '../terminal/style.ts'
import { bank, type Question } from './bank.ts'

const QUESTIONS = 6
const ABOUT_FAILURES = 2

/** A question as it is put to somebody. */
export interface Asked {
  readonly task: Task
  readonly ask: string
  /** Where in their code, and what stands there. */
  readonly place?: { readonly file: string; readonly line: number; readonly text: string }
  readonly good: readonly string[]
}

export interface Viva {
  readonly level: Level
  readonly sources: readonly Source[]
  /** What a grading found out; without one, the questions are about the code only. */
  readonly result?: Result | undefined
  readonly seed: number
}

/** Why it did not start, if it did not; two about what it failed; one about what was slow; the others about choices in its code. */
export function questionsFor(viva: Viva): Asked[] {
  const random = new Random(viva.seed, `viva of level ${viva.level.number}`)
  const asked = [...notStarted(viva), ...failures(viva, random), ...slowest(viva)]
  const candidates = shuffled(
    viva.level.tasks.flatMap((task) => bank.filter((question) => question.task === task.id)),
    random,
  ).flatMap((question) => put(question, viva) ?? [])
  // Choices in the code before general questions; another task before the same one once more.
  const order = candidates.toSorted(
    (a, b) => Number(b.place !== undefined) - Number(a.place !== undefined),
  )
  for (const repeats of [false, true]) {
    for (const candidate of order) {
      if (asked.length >= QUESTIONS) break
      const known = asked.some(({ task }) => task === candidate.task)
      if (!asked.includes(candidate) && (repeats || !known)) asked.push(candidate)
    }
  }
  return asked.toSorted(
    (a, b) => viva.level.tasks.indexOf(a.task) - viva.level.tasks.indexOf(b.task),
  )
}

/** Why it could not be tried at all. */
function notStarted({ level, result }: Viva): Asked[] {
  const [task] = level.tasks
  if (task === undefined || !result?.start) return []
  return [
    {
      task,
      ask: `Your level could not be tried: ${printable(result.start.message)} How did it come to that, and how would you have noticed before handing it in?`,
      good: [
        'knows what the message means, and finds the place',
        'npm test says the same on their own machine; npm start shows what the server prints',
      ],
    },
  ]
}

/** Tests that it failed, public ones first: of these it has seen everything. */
function failures({ level, result }: Viva, random: Random): Asked[] {
  const failed = (result?.tasks ?? []).flatMap(({ id, tests }) => {
    const task = level.tasks.find((each) => each.id === id)
    const test = shuffled(
      tests.filter(({ verdict }) => verdict === 'failed'),
      random,
    ).toSorted((a, b) => Number(a.suite === 'hidden') - Number(b.suite === 'hidden'))[0]
    return task === undefined || test === undefined ? [] : [{ task, test }]
  })
  return shuffled(failed, random).slice(0, ABOUT_FAILURES).map(failure)
}

function failure({ task, test }: { readonly task: Task; readonly test: TestResult }): Asked {
  const { title, suite, failure: record } = test
  // A hidden test is known by the behaviour that its title names.
  const told = suite === 'public' || record?.open ? record : undefined
  const saw =
    told === undefined
      ? ''
      : ` Expected: ${printable(told.expected)}. Received: ${printable(told.received)}.`
  return {
    task,
    ask: `Your level fails the test “${printable(title)}”.${saw} Where in your code is the cause, and what would you change?`,
    good: [
      'leads from what was sent to the line that goes wrong, rather than guessing',
      ...(told?.why === undefined ? [] : [`knows the rule: ${printable(told.why)}`]),
      'says what the change might break, and how they would try it',
    ],
  }
}

/** The task with the test that took longest, if that tells anything; how long a hunt for bugs takes does not. */
function slowest({ level, result }: Viva): Asked[] {
  const tasks = level.tasks.filter(({ module }) => module !== 'cases')
  const times = (result?.tasks ?? []).map(({ id, tests }) => {
    const longest = tests.toSorted((a, b) => b.durationMs - a.durationMs)[0]
    return { task: tasks.find((each) => each.id === id), longest }
  })
  const { task, longest } =
    times
      .filter((each) => each.task !== undefined)
      .toSorted((a, b) => (b.longest?.durationMs ?? 0) - (a.longest?.durationMs ?? 0))[0] ?? {}
  if (task === undefined || longest === undefined || longest.durationMs < 100) return []
  return [
    {
      task,
      ask: `Of all tests, “${printable(longest.title)}” took longest with your server: ${seconds(longest.durationMs)}. What does your server do, or wait for, in that time?`,
      good: [
        'tells waiting (a timer, the client) from computing, and says how to find out which it is',
        'knows what else the server could do meanwhile, and what it could not',
      ],
    },
  ]
}

/** Puts a question to somebody whose code holds what it is about. */
function put({ task: id, about, files, ask, good }: Question, viva: Viva): Asked | undefined {
  const task = viva.level.tasks.find((each) => each.id === id)
  if (task === undefined) return undefined
  if (about === undefined) return { task, ask, good }
  const isOf = (names: readonly string[], { name }: Source) =>
    names.includes(name.replace(/^level\d+\//, ''))
  const wanted = viva.sources.filter((source) => files === undefined || isOf(files, source))
  // The file that a task is about stands first among its files.
  const rank = (source: Source) => {
    const index = task.files.findIndex((file) => isOf([file], source))
    return index === -1 ? task.files.length : index
  }
  for (const { name, text } of wanted.toSorted((a, b) => rank(a) - rank(b))) {
    const lines = text.split(/\r?\n/)
    const index = lines.findIndex(
      (line) => about.test(line) && !/^\s*(\/\/|\*|\/\*|import\b)/.test(line),
    )
    if (index !== -1)
      return {
        task,
        ask,
        good,
        place: { file: name, line: index + 1, text: (lines[index] ?? '').trim() },
      }
  }
  return undefined
}

function shuffled<T>(of: readonly T[], random: Random): T[] {
  return of
    .map((value) => ({ value, place: random.integer(0, 2 ** 32) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
