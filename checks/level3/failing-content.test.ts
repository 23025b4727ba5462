/** What no handler of ours does, and one of somebody else may: the reference survives it, and so do its other clients. */
import path from 'node:path'
import { describe, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { answersOwn } from '../../tests/kit/own-handlers.ts'
import { buildOurs } from '../../tests/kit/edited.ts'

describe.each([2, 3] as const)('a server of level %i', (level) => {
  it('resets the connection of content that cannot even begin, or yields no bytes, and goes on', async () => {
    await answersOwn(
      await buildOurs(path.join(root, 'solutions'), level),
      [
        'answer with content that throws when it is asked to begin, and with content that yields numbers',
      ],
      async ({ on, get }) => {
        const throwsAtOnce = () => {
          throw new Error('no content')
        }
        async function* numbers() {
          yield await Promise.resolve(5)
        }
        on('a', () => ({ status: 200, content: { [Symbol.asyncIterator]: throwsAtOnce } }))
        on('b', () => ({ status: 200, content: numbers() }))
        on('works', () => ({ status: 200, content: 'it works' }))
        const endings = [(await get('a')).ending, (await get('b')).ending]
        return { endings, works: (await get('works')).content }
      },
      { endings: ['reset', 'reset'], works: 'it works' },
      'an incomplete answer must not look complete (RFC 9112 §8)',
      level,
    )
  })

  it('answers 500 where the answer is none, or a field of it cannot be sent', async () => {
    await answersOwn(
      await buildOurs(path.join(root, 'solutions'), level),
      [
        'answer with a line end in a field, with characters whose last bytes are one, and with nothing',
        'answer with content that is an object, a number, and a function',
      ],
      async ({ on, get }) => {
        on('a', () => ({ status: 200, headers: { Location: '/a\r\nX: 1' }, content: '' }))
        on('b', () => ({ status: 200, headers: { Location: '/\u010d\u010aX: 1' }, content: '' }))
        on('c', () => undefined)
        on('d', () => ({ status: 200, content: { a: 1 } }))
        on('e', () => Promise.resolve({ status: 200, content: 5 }))
        on('f', () => ({ status: 200, content: () => 'text' }))
        on('works', () => ({ status: 200, content: 'it works' }))
        const heads: string[] = []
        for (const name of 'abcdef') heads.push((await get(name)).head)
        return {
          statuses: heads.map((head) => head.slice(0, 12)),
          injected: heads.filter((head) => head.includes('X: 1')).length,
          works: (await get('works')).content,
        }
      },
      { statuses: Array<string>(6).fill('HTTP/1.1 500'), injected: 0, works: 'it works' },
      'no handler writes fields or answers of its own (RFC 9110 §5.5)',
      level,
    )
  })
})
