/** Servers that would look better in a bench than they are: the reference of level 3, each with one trick. */
import type { Edit, Edited } from '../../tests/kit/edited.ts'

const handlers = 'level2/handlers.ts'
const makesText = 'function text(content: string): Response {\n'

/** @param slowMs - for each answer, of the thread that gives all of them */
function fastFor3SecondsThen(slowMs: number): Edit {
  return {
    file: handlers,
    find: makesText,
    replace: `let born = 0
${makesText}  born ||= performance.now()
  const now = performance.now()
  if (now - born > 3000) while (performance.now() < now + ${slowMs});
`,
  }
}

export const dishonest = {
  constant: {
    name: 'constant',
    what: 'answers the same text to everybody',
    edits: [
      { file: handlers, find: makesText, replace: `${makesText}  content = 'Hello, World!'\n` },
    ],
  },
  recognisesTheLoad: {
    name: 'recognises-the-load',
    what: 'answers a constant when so many requests come that it must be a bench',
    edits: [
      {
        file: handlers,
        find: makesText,
        replace: `let served = 0\n${makesText}  if (++served > 300) content = 'Hello, World!'\n`,
      },
    ],
  },
  cachesWithoutTheQuery: {
    name: 'caches-without-the-query',
    what: 'keeps an answer by its path, and gives it to whoever asks with another query',
    edits: [
      {
        file: handlers,
        find: '  return text(`Hello, ${name}!`)',
        replace: '  return (cached ??= text(`Hello, ${name}!`))',
      },
      {
        file: handlers,
        find: '/** `GET /greet?name=…`, read as',
        replace: 'let cached: Response | undefined\n/** `GET /greet?name=…`, read as',
      },
    ],
  },
  fastForThreeSeconds: {
    name: 'fast-for-three-seconds',
    what: 'is quick for three seconds from its first request on, and then slow',
    edits: [fastFor3SecondsThen(3)],
  },
  thenTooSlowToBeLookedAt: {
    name: 'then-too-slow-to-be-looked-at',
    what: 'is quick for three seconds, and then so slow that the run comes late to its end',
    edits: [fastFor3SecondsThen(12)],
  },
  slowsItsNeighbourDown: {
    name: 'slows-its-neighbour-down',
    what: 'computes whenever nobody asks it anything, on the core that it shares with the reference',
    edits: [
      {
        file: handlers,
        find: makesText,
        replace: `let asked = performance.now()
setInterval(() => {
  const now = performance.now()
  if (now - asked > 100) while (performance.now() < now + 45);
}, 50).unref()
${makesText}  asked = performance.now()
`,
      },
    ],
  },
  movesItsWorkIntoThreads: {
    name: 'moves-its-work-into-threads',
    what: 'lets a thread beside it do a tenth of a millisecond of work for each answer',
    edits: [
      {
        file: handlers,
        find: "import { setTimeout as wait } from 'node:timers/promises'\n",
        replace:
          "import { setTimeout as wait } from 'node:timers/promises'\nimport { Worker } from 'node:worker_threads'\n",
      },
      {
        file: handlers,
        find: makesText,
        replace: `const helper = new Worker(
  "let x = 0; require('node:worker_threads').parentPort.on('message', (n) => { for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + i) | 0 })",
  { eval: true },
)
helper.unref()
${makesText}  helper.postMessage(60_000)
`,
      },
    ],
  },
} as const satisfies Readonly<Record<string, Edited>>
