/** Results of a made-up class: every kind of submission, and names as they come in a class of strangers. */
import type { Graded } from '../../grader/class/graded.ts'
import { root } from '../../grader/course.ts'
import type { FailureRecord, Result, TestResult, Verdict } from '../../grader/result.ts'
import { scoreTask, total } from '../../grader/score.ts'
import { levelNumbered } from '../../levels/register.ts'
import { exampleRecord } from '../bench/example.ts'

/** What only a hidden test knows: nothing made for a learner may hold it. */
export const SECRET = 'GET /hidden-input-4711'

export const failure: FailureRecord = {
  steps: [
    'connect to 127.0.0.1:41873',
    'send "GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"',
    'receive "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok"',
    'send the same request again',
  ],
  expected: 'a second response on the same connection',
  received: 'FIN 3 ms after the first response',
  why: 'HTTP/1.1 connections persist unless a close option is sent (RFC 9112 §9.3)',
  repeat: "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | nc 127.0.0.1 8080",
  settings: 'RATE_LIMIT=0',
  stderr: '\x1b[31m<script>alert(1)</script>\u202e evil \0',
}

const secretFailure: FailureRecord = {
  ...failure,
  steps: [SECRET],
  expected: SECRET,
  received: SECRET,
  repeat: SECRET,
  stderr: `${root}/${SECRET}`,
}

/** What the test at this place of this task came to. */
type Fate = (task: number, suite: 'public' | 'hidden', place: number) => Verdict

function test(fate: Fate, task: number, suite: 'public' | 'hidden', place: number): TestResult {
  const verdict = fate(task, suite, place)
  const secret = suite === 'hidden'
  return {
    suite,
    title: `keeps ${secret ? 'its word in case' : 'the promise of'} ${'abcdefghijkl'.charAt(place)}`,
    verdict,
    durationMs: 37 + place,
    ...(verdict === 'failed' ? { failure: secret ? secretFailure : failure } : {}),
    ...(verdict === 'blocked'
      ? { reason: `3.5: ${secret ? SECRET : 'files are not served yet'}` }
      : {}),
    ...(verdict === 'fault'
      ? { reason: `TypeError: ${SECRET} (${root}/tests/hidden/x.test.ts:3)` }
      : {}),
  }
}

/** A result of level 3. */
export function madeUpResult(fate: Fate, more: Partial<Result> = {}): Result {
  const level = levelNumbered(3)
  if (level === undefined) throw new Error('the register has no level 3')
  const tasks = level.tasks.map((task, number) =>
    scoreTask(task, [
      ...Array.from({ length: 4 }, (_, place) => test(fate, number, 'public', place)),
      ...Array.from({ length: 12 }, (_, place) => test(fate, number, 'hidden', place)),
    ]),
  )
  return {
    format: 'loadbearing-result',
    version: 1,
    course: '0.1.0',
    level: 3,
    title: level.title,
    submission: 'somewhere',
    suites: ['public', 'hidden'],
    seed: 4711,
    startedAt: '2026-11-25T20:15:30.123Z',
    complete: true,
    machine: {
      system: 'linux 6.18 x64',
      processor: 'A processor',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      node: '24.21.0',
    },
    sandbox: 'strong (bubblewrap, seccomp)',
    limits: { memoryBytes: 768 * 2 ** 20, openFiles: 8192, cpuSeconds: 600 },
    typeErrors: [],
    ignored: [],
    start: null,
    faults: [],
    tasks,
    score: total(tasks),
    bench: null,
    ...more,
  }
}

const passes: Fate = () => 'passed'
const fails: Fate = () => 'failed'
/** The first tasks pass, one blocks another, the rest falls short here and there. */
const half: Fate = (task, suite, place) => {
  if (task < 4) return 'passed'
  if (task === 7) return 'blocked'
  return (place + task) % (suite === 'public' ? 3 : 4) === 0 ? 'failed' : 'passed'
}
const oneFault: Fate = (task, suite, place) =>
  task === 2 && suite === 'hidden' && place === 1 ? 'fault' : half(task, suite, place)

function notStarted(): Result {
  const tasks = madeUpResult(fails).tasks.map((task) => ({ ...task, earned: 0, tests: [] }))
  return madeUpResult(fails, {
    tasks,
    score: total(tasks),
    start: {
      code: 'OTHER_PORT',
      message: 'The server says it listens on port 8080, but nothing accepts a connection there.',
      detail: 'Error: listen EACCES <b>bold</b>\n    at Server.listen (levels/level3/main.ts:12:5)',
    },
  })
}

/** A submission of each kind. */
export const kinds = {
  perfect: madeUpResult(passes, { bench: exampleRecord() }),
  starter: madeUpResult(fails),
  half: madeUpResult(half, {
    typeErrors: [
      { file: 'levels/level3/app.ts', line: 7, column: 3, message: "TS2322: Type 'string' is …" },
    ],
    ignored: ['level3/package.json', 'level3/node_modules'],
  }),
  'not started': notStarted(),
  'our fault': madeUpResult(oneFault, { faults: [`x.test.ts: ${SECRET}`] }),
  interrupted: madeUpResult(half, { complete: false }),
} as const satisfies Readonly<Record<string, Result>>

export const names = [
  'Ada Lovelace',
  'O’Neill, Shaun "Shay"',
  "=cmd|'/C calc'!A0",
  '+1+1',
  '@SUM(A1)',
  '-2+3',
  '\t=1+1',
  '👩‍💻 Ünï çødé',
  '\u202egnp.exe\u202c \u200fشروق',
  'NUL\0 in the middle',
  '<img src=x onerror=alert(1)>',
  '\x1b[31mred\x1b[0m',
  'two\nlines',
  'lone \ud800 surrogate',
  '王小明',
] as const

/** So many learners, kinds and names in turn. */
export function* madeUpClass(size = 60): Iterable<Graded> {
  const results = Object.values(kinds)
  for (let place = 0; place < size; place++) {
    const name = names[place % names.length] ?? ''
    const result = results[place % results.length] ?? kinds.half
    const id = place < names.length ? `${name}-${place}` : `s${String(place).padStart(3, '0')}`
    yield { id, name: place < names.length ? name : `${name} ${place}`, result }
  }
}
