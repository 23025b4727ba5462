/** Handlers that throw, which a server survives. */
import type { Build } from '../../harness/build.ts'
import { answersOwn } from './own-handlers.ts'

/** Checks that a handler may throw, or reject with, whatever there is: 500 for its request, and nothing else happens. */
export async function survivesWhatIsThrown(build: Build, level: 2 | 3): Promise<void> {
  await answersOwn(
    build,
    [
      'throw an error, null, undefined, a string and an object without a prototype; reject with an error, with nothing, and later',
      'ask a handler that works',
    ],
    async ({ on, get }) => {
      const toss = (value: unknown) => {
        throw value
      }
      on('a', () => toss(new Error('a secret')))
      on('b', () => toss(null))
      on('c', () => toss(undefined))
      on('d', () => toss('a secret'))
      on('e', () => Promise.reject(new Error('a secret')))
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a handler may
      on('f', () => Promise.reject())
      on('g', () => new Promise((_, reject) => setTimeout(() => reject(new Error('a secret')), 20)))
      // Not even text can be made of it.
      on('h', () => toss(Object.create(null)))
      on('works', () => ({ status: 200, content: 'it works' }))
      const visits = await Promise.all([...'abcdefgh'].map((name) => get(name)))
      const works = await get('works')
      return {
        statuses: visits.map(({ head }) => head.slice(0, 'HTTP/1.1 500'.length)),
        told: visits.filter(({ head, content }) => `${head}${content}`.includes('a secret')).length,
        endings: visits.filter(({ ending }) => ending !== 'FIN').length,
        works: works.content,
      }
    },
    { statuses: Array<string>(8).fill('HTTP/1.1 500'), told: 0, endings: 0, works: 'it works' },
    'a handler throws, or its promise rejects, whatever the value: 500 for its request, and nothing of the error in it (RFC 9110 §15.6.1)',
    level,
  )
}
