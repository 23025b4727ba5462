import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { needs } from '../../kit/needs.ts'
import { onlyWorkIsSlow } from '../../kit/quickest.ts'
import { get, headerSection, post } from '../../kit/request.ts'
import { settles } from '../../kit/rounds.ts'

const LONG_HEAD = Buffer.from(`GET / HTTP/1.1\r\n${headerSection(15 * 1024)}`)

describe('no leak', () => {
  it('reaches a size and stays there, however many requests it serves', async ({
    server,
    random,
  }) => {
    const content = random.word(32 * 1024)
    const long = post('/echo', content)

    await needs(
      '1.3',
      'The load sends 32 KiB to /echo, and /echo does not give them back yet.',
      () =>
        holds(server, {
          // As it may come: in two reads.
          send: [long.subarray(0, 20_000), long.subarray(20_000)],
          expect: { status: 200, content },
          why: 'task 1.3',
        }),
    )
    await needs(
      '1.1',
      'The load asks with a header section near 15 KiB, and this is not answered yet.',
      () => holds(server, { send: LONG_HEAD, expect: { status: 200 }, why: 'task 1.1' }),
    )
    await needs('1.4', 'GET / pays for /work: 12,000 requests would take 20 minutes.', () =>
      onlyWorkIsSlow(server),
    )

    await settles(
      server,
      {
        says: '1,000 requests of 50 clients at a time: GET / with a header section of 15 KiB, POST /echo of 32 KiB',
        visits: 1000,
        atATime: 50,
        visit: (index) => ({ send: index % 2 === 0 ? LONG_HEAD : long, then: 'read', status: 200 }),
      },
      'a request that is answered leaves nothing behind: memory reaches a size and stays there',
    )
    await holds(server, {
      send: get('/'),
      expect: { status: 200 },
      why: 'the server goes on after the load',
    })
  })
})
