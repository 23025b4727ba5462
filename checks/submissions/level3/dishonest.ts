/** Servers that would look better in a bench than they are: the reference of level 3, each with one trick. */
import type { Edited } from '../../../tests/kit/edited.ts'

const file = 'level2/handlers.ts'
const makesText = 'function text(content: string): Response {\n'

export const thenTooSlowToBeLookedAt: Edited = {
  name: 'then-too-slow-to-be-looked-at',
  what: 'is quick for three seconds, and then so slow that the run comes late to its end',
  edits: [
    {
      file,
      find: makesText,
      replace: `let born = 0
${makesText}  born ||= performance.now()
  const now = performance.now()
  if (now - born > 3000) while (performance.now() < now + 12);
`,
    },
  ],
}

export const slowsItsNeighbourDown: Edited = {
  name: 'slows-its-neighbour-down',
  what: 'computes whenever nobody asks it anything, on the core that it shares with the reference',
  edits: [
    {
      file,
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
}

export const movesItsWorkIntoThreads: Edited = {
  name: 'moves-its-work-into-threads',
  what: 'lets a thread beside it do a tenth of a millisecond of work for each answer',
  edits: [
    {
      file,
      find: "import { setTimeout as wait } from 'node:timers/promises'\n",
      replace:
        "import { setTimeout as wait } from 'node:timers/promises'\nimport { Worker } from 'node:worker_threads'\n",
    },
    {
      file,
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
}

export const dishonest = [
  thenTooSlowToBeLookedAt,
  slowsItsNeighbourDown,
  movesItsWorkIntoThreads,
] as const
