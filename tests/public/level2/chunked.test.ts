import { decodes } from '../../kit/chunks.ts'
import { cutsOf } from '../../kit/cuts.ts'
import { holds } from '../../kit/holds.ts'
import { head } from '../../kit/request.ts'
import { describe, it } from '../../kit/test.ts'

const WIKI = '4\r\nWiki\r\n5;note=ignored\r\npedia\r\n0\r\nX-Trailer: dropped\r\n\r\n'

function chunked(body: string, ...fieldLines: readonly string[]): string {
  return head('POST /echo HTTP/1.1', 'Transfer-Encoding: chunked', ...fieldLines) + body
}

describe('chunked content (RFC 9112 §7.1)', () => {
  it('takes the chunks off, ignores extensions and drops trailer fields', async ({ server }) => {
    await holds(server, {
      send: chunked(WIKI),
      expect: {
        status: 200,
        fields: { 'Content-Length': '9' },
        content: 'Wikipedia',
        closes: true,
      },
      why: 'the content is what the chunks hold (RFC 9112 §7.1.3)',
    })
  })

  it('gives the same content for every cut, and says where the next request begins', async ({
    build,
    random,
  }) => {
    await decodes(
      build,
      [
        {
          bytes: `${WIKI}GET / HTTP/1.1\r\n`,
          fault: null,
          content: 'Wikipedia',
          rest: 'GET / HTTP/1.1\r\n',
          why: 'the empty line after the last chunk ends the content, wherever a read ends (RFC 9112 §7.1)',
        },
      ],
      (length) => cutsOf(length, random),
    )
  })

  it('answers 400 to a size that is no hexadecimal number', async ({ server }) => {
    await holds(server, {
      send: chunked('0x4\r\nWiki\r\n0\r\n\r\n'),
      expect: { status: 400, closes: true },
      why: 'a chunk size is hexadecimal digits and nothing else (RFC 9112 §7.1)',
    })
  })

  it('answers 400 to Transfer-Encoding beside Content-Length', async ({ server }) => {
    await holds(server, {
      send: chunked(WIKI, 'Content-Length: 9'),
      expect: { status: 400, closes: true },
      why: 'two lengths are how one request hides inside another (RFC 9112 §6.1)',
    })
  })
})
