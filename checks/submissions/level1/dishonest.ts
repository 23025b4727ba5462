/** Servers that would look better in a bench than they are: the reference of level 1, each with one trick. */
import type { Edited } from '../../../tests/kit/edited.ts'

const file = 'level1/routes.ts'
const home = `function home(): Response {
  return text('Hello, World!')`
const greeting = '  return text(`Hello, ${name}!`)'
const greet = 'function greet({ query }: Request): Response {\n'

export const constant: Edited = {
  name: 'constant',
  what: 'answers the same text to everybody',
  edits: [{ file, find: greeting, replace: "  return text('Hello, World!')" }],
}

export const recognisesTheLoad: Edited = {
  name: 'recognises-the-load',
  what: 'answers a constant when so many requests come that it must be a bench',
  edits: [
    {
      file,
      find: greet,
      replace: `let served = 0\n${greet}  if (++served > 30) return text('Hello, World!')\n`,
    },
  ],
}

export const cachesWithoutTheQuery: Edited = {
  name: 'caches-without-the-query',
  what: 'keeps an answer by its path, and gives it to whoever asks with another query',
  edits: [
    { file, find: greet, replace: `let cached: Response | undefined\n${greet}` },
    { file, find: greeting, replace: '  return (cached ??= text(`Hello, ${name}!`))' },
  ],
}

export const fastForThreeSeconds: Edited = {
  name: 'fast-for-three-seconds',
  what: 'is quick for three seconds from its first request on, and then slow',
  edits: [
    {
      file,
      find: home,
      replace: `let born = 0
function home(): Response {
  const now = performance.now()
  born ||= now
  if (now - born > 3000) while (performance.now() < now + 3);
  return text('Hello, World!')`,
    },
  ],
}

export const dishonest = [
  constant,
  recognisesTheLoad,
  cachesWithoutTheQuery,
  fastForThreeSeconds,
] as const
