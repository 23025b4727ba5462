import type { Build } from '../../harness/build.ts'
import { answersOwn } from './own-handlers.ts'

/** Checks that of a stream that answers a HEAD no piece is asked for, whether or not it knows its length. */
export async function makesNothingForHead(build: Build, level: 2 | 3): Promise<void> {
  await answersOwn(
    build,
    [
      'answer HEAD with a stream that knows its length, and with one that does not',
      'count the pieces that were asked for',
    ],
    async ({ on, get }) => {
      let made = 0
      for (const length of [9, undefined]) {
        const content = {
          length,
          async *[Symbol.asyncIterator]() {
            for (let piece = 0; piece < 3; piece++) {
              made++
              yield Buffer.from('abc')
              await new Promise((resolve) => setTimeout(resolve, 10))
            }
          },
        }
        on(`stream-${length}`, () => ({ status: 200, content }))
      }
      const visits = [await get('stream-9', 'HEAD'), await get('stream-undefined', 'HEAD')]
      return {
        statuses: visits.map(({ head }) => head.slice(0, 'HTTP/1.1 200'.length)),
        contents: visits.map(({ content }) => content),
        endings: visits.map(({ ending }) => ending),
        made,
      }
    },
    {
      statuses: ['HTTP/1.1 200', 'HTTP/1.1 200'],
      contents: ['', ''],
      endings: ['FIN', 'FIN'],
      made: 0,
    },
    'to HEAD no content is sent, and none is made (RFC 9110 §9.3.2)',
    level,
  )
}
