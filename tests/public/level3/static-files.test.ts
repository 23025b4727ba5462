import { describe, it } from '../../kit/test.ts'
import { holds } from '../../kit/holds.ts'
import { Download } from '../../kit/download.ts'
import { memoryStands } from '../../kit/memory-stands.ts'
import { rangesOf } from '../../kit/multipart.ts'
import { get, head } from '../../kit/request.ts'
import { SECRET, StaticRoot } from '../../kit/static-root.ts'
import { field } from '../../../harness/wire/response.ts'

const MEGABYTE = 1024 * 1024
const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('')
const LAST_WEEK = new Date('2024-02-29T12:00:00.500Z')

describe('static files (RFC 9110 §8.8, §13, §14)', () => {
  it('serves a file byte for byte, with its type', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'hello.txt': 'Hello!',
      'sub/every.png': everyByte,
      'a.unknown': '?',
    })
    const server = await folder.serve(launch)
    await holds(server, {
      send: get('/static/hello.txt'),
      expect: {
        status: 200,
        fields: {
          'Content-Type': 'text/plain; charset=utf-8',
          'Content-Length': '6',
          'Accept-Ranges': 'bytes',
        },
        content: 'Hello!',
      },
      why: 'a file is its bytes and the type of its extension (RFC 9110 §8.3)',
    })
    await holds(server, {
      send: get('/static/sub/every.png'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'image/png', 'Content-Length': '256' },
        content: everyByte,
      },
      why: 'content is bytes; an image is no UTF-8 (RFC 9110 §6.4)',
    })
    await holds(server, {
      send: get('/static/a.unknown'),
      expect: { status: 200, fields: { 'Content-Type': 'application/octet-stream' }, content: '?' },
      why: 'an extension that nobody knows says nothing about the bytes',
    })
  })

  it('finds a file whose name has dots, a space or UTF-8 in it', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'a..b.txt': 'dots',
      'two words.txt': 'space',
      'grün.txt': 'umlaut',
    })
    const server = await folder.serve(launch)
    for (const [target, content] of [
      ['/static/a..b.txt', 'dots'],
      ['/static/two%20words.txt', 'space'],
      ['/static/gr%C3%BCn.txt', 'umlaut'],
    ] as const) {
      await holds(server, {
        send: get(target),
        expect: { status: 200, content },
        why: 'a segment is compared after one percent-decoding; two dots inside of a name are a name (RFC 3986 §2.4, §3.3)',
      })
    }
  })

  it('answers HEAD with the fields of GET, and without content', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'hello.txt': 'Hello!' })
    const server = await folder.serve(launch)
    await holds(server, {
      send: head('HEAD /static/hello.txt HTTP/1.1', 'Connection: close'),
      expect: {
        status: 200,
        fields: {
          'Content-Length': '6',
          'Content-Type': 'text/plain; charset=utf-8',
          ETag: '*',
          'Last-Modified': '*',
        },
        closes: true,
      },
      why: 'HEAD has the fields of GET (RFC 9110 §9.3.2)',
    })
  })

  it('answers 404 to what is not there, and 405 to a POST on what is', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'hello.txt': 'Hello!' })
    const server = await folder.serve(launch)
    for (const target of [
      '/static/missing.txt',
      '/static/hello.txt/',
      '/static/HELLO.txt',
      '/static/hello.txt/x',
    ]) {
      await holds(server, {
        send: get(target),
        expect: { status: 404 },
        why: 'a file has one name, exactly (RFC 9110 §15.5.5)',
      })
    }
    await holds(server, {
      send: head('POST /static/hello.txt HTTP/1.1', 'Content-Length: 0'),
      expect: { status: 405, fields: { Allow: ['GET', 'HEAD', 'OPTIONS'] } },
      why: 'files are read, and nothing else (RFC 9110 §15.5.6)',
    })
  })

  it('serves index.html for a folder, and sends who forgot the slash to it', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'index.html': '<p>root',
      'docs/index.html': '<p>docs',
      'empty/a.txt': 'a',
    })
    const server = await folder.serve(launch)
    const why =
      'a folder is its index.html, under a path that ends with a slash; without one it is 404'
    await holds(server, {
      send: get('/static/'),
      expect: {
        status: 200,
        fields: { 'Content-Type': 'text/html; charset=utf-8' },
        content: '<p>root',
      },
      why,
    })
    await holds(server, {
      send: get('/static/docs/'),
      expect: { status: 200, content: '<p>docs' },
      why,
    })
    await holds(server, {
      send: get('/static/docs?page=2'),
      expect: { status: 308, fields: { Location: '/static/docs/?page=2' } },
      why: 'links of the page are relative to a path that ends with a slash (RFC 9110 §15.4.9)',
    })
    await holds(server, { send: get('/static/empty/'), expect: { status: 404 }, why })
  })

  it('answers 304 to a client that has the file already', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'hello.txt': 'Hello!' })
    await folder.date('hello.txt', LAST_WEEK)
    const server = await folder.serve(launch)
    const first = await holds(server, {
      send: get('/static/hello.txt'),
      expect: {
        status: 200,
        fields: { 'Last-Modified': 'Thu, 29 Feb 2024 12:00:00 GMT', ETag: '*' },
      },
      why: 'Last-Modified is the time of the last change, in whole seconds (RFC 9110 §8.8.2)',
    })
    const etag = field(first, 'ETag') ?? ''
    if (!/^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)) {
      throw server.fails({
        expected: 'a strong entity tag: "…", in quotes and without W/',
        received: `ETag: ${etag}`,
        why: 'only a strong validator lets a client put ranges together (RFC 9110 §8.8.3, §13.1.5)',
      })
    }
    for (const line of [
      `If-None-Match: ${etag}`,
      `If-None-Match: "x", W/${etag}`,
      'If-Modified-Since: Thu, 29 Feb 2024 12:00:00 GMT',
    ]) {
      await holds(server, {
        send: get('/static/hello.txt', line, 'Connection: close'),
        expect: { status: 304, fields: { ETag: etag, 'Content-Type': null }, closes: true },
        why: 'the client has this state of the file: it gets no content (RFC 9110 §13.1.2, §13.1.3, §15.4.5)',
      })
    }
    for (const line of [
      'If-None-Match: "other"',
      'If-Modified-Since: Thu, 29 Feb 2024 11:59:59 GMT',
    ]) {
      await holds(server, {
        send: get('/static/hello.txt', line),
        expect: { status: 200, content: 'Hello!' },
        why: 'the client has another state of the file (RFC 9110 §13.1.2, §13.1.3)',
      })
    }
  })

  it('answers 412 when the file is not the one that the client means', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'hello.txt': 'Hello!' })
    await folder.date('hello.txt', LAST_WEEK)
    const server = await folder.serve(launch)
    for (const line of [
      'If-Match: "other"',
      'If-Unmodified-Since: Thu, 29 Feb 2024 11:59:59 GMT',
    ]) {
      await holds(server, {
        send: get('/static/hello.txt', line),
        expect: { status: 412 },
        why: 'the precondition is false (RFC 9110 §13.1.1, §13.1.4)',
      })
    }
    for (const line of ['If-Match: *', 'If-Unmodified-Since: Thu, 29 Feb 2024 12:00:00 GMT']) {
      await holds(server, {
        send: get('/static/hello.txt', line),
        expect: { status: 200, content: 'Hello!' },
        why: 'the precondition is true (RFC 9110 §13.1.1, §13.1.4)',
      })
    }
  })

  it('sends one range of a file: 206', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'every.bin': everyByte })
    const server = await folder.serve(launch)
    for (const [range, first, last] of [
      ['bytes=0-9', 0, 9],
      ['bytes=200-', 200, 255],
      ['bytes=-5', 251, 255],
      ['bytes=250-999', 250, 255],
    ] as const) {
      await holds(server, {
        send: get('/static/every.bin', `Range: ${range}`),
        expect: {
          status: 206,
          fields: {
            'Content-Range': `bytes ${first}-${last}/256`,
            'Content-Length': String(last - first + 1),
          },
          content: everyByte.slice(first, last + 1),
        },
        why: 'both ends of a range count, and the end of the file is its end (RFC 9110 §14.1.2)',
      })
    }
  })

  it('sends several ranges as multipart/byteranges', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'every.bin': everyByte })
    const server = await folder.serve(launch)
    const response = await holds(server, {
      send: get('/static/every.bin', 'Range: bytes=0-3, 100-101, -1'),
      expect: { status: 206 },
      why: 'several ranges are several parts (RFC 9110 §15.3.7.2)',
    })
    const received = rangesOf(server, response).map(({ range, content }) => [
      range,
      content.toString('latin1'),
    ])
    const expected = [
      ['bytes 0-3/256', '\0\x01\x02\x03'],
      ['bytes 100-101/256', 'de'],
      ['bytes 255-255/256', '\xff'],
    ]
    if (JSON.stringify(received) === JSON.stringify(expected)) return
    throw server.fails({
      expected: `the parts ${JSON.stringify(expected)}`,
      received: JSON.stringify(received),
      why: 'each part has a Content-Range and the bytes of it (RFC 9110 §15.3.7.2)',
    })
  })

  it('answers 416 to a range beyond the end, and ignores one that is none', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'every.bin': everyByte })
    const server = await folder.serve(launch)
    await holds(server, {
      send: get('/static/every.bin', 'Range: bytes=256-'),
      expect: { status: 416, fields: { 'Content-Range': 'bytes */256' } },
      why: 'no byte of the file lies in the range (RFC 9110 §15.5.17)',
    })
    for (const range of ['bytes=9-3', 'bytes=a-b', 'lines=0-9']) {
      await holds(server, {
        send: get('/static/every.bin', `Range: ${range}`),
        expect: { status: 200, content: everyByte },
        why: 'a range that is malformed, or of another unit, is ignored (RFC 9110 §14.2)',
      })
    }
  })

  it('sends a range only of the file that If-Range names', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'every.bin': everyByte })
    const server = await folder.serve(launch)
    const first = await holds(server, {
      send: get('/static/every.bin'),
      expect: { status: 200, fields: { ETag: '*' } },
      why: 'every file has an entity tag',
    })
    const why = 'the rest of another file would be of no use to the client (RFC 9110 §13.1.5)'
    await holds(server, {
      send: get('/static/every.bin', 'Range: bytes=1-2', `If-Range: ${field(first, 'ETag') ?? ''}`),
      expect: { status: 206, content: '\x01\x02' },
      why,
    })
    await holds(server, {
      send: get('/static/every.bin', 'Range: bytes=1-2', 'If-Range: "other"'),
      expect: { status: 200, content: everyByte },
      why,
    })
  })

  it('gives away nothing that lies outside of the root', async ({ launch }) => {
    const folder = await StaticRoot.with({
      'hello.txt': 'Hello!',
      '.env': 'PASSWORD=1',
      'docs/a.txt': 'a',
    })
    await folder.link('escape.txt', '../secret.txt')
    const server = await folder.serve(launch)
    for (const target of [
      '/static/../secret.txt',
      '/static/docs/../../secret.txt',
      '/static/%2e%2e/secret.txt',
      '/static/..%2fsecret.txt',
      '/static/..%5csecret.txt',
      `/static/${folder.parent}/secret.txt`,
      '/static/../public-secret/secret.txt',
      '/static/escape.txt',
      '/static/.env',
    ]) {
      const response = await holds(server, {
        send: get(target),
        expect: { status: 404 },
        why: 'whatever a path says, nothing outside of STATIC_ROOT, and no dotfile, is served',
      })
      if (!response.content.includes(SECRET)) continue
      throw server.fails({ expected: 'an answer without the secret', received: 'the secret' })
    }
  })

  it('follows a link that stays inside of the root', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'versions/2.txt': 'two' })
    await folder.link('latest.txt', 'versions/2.txt')
    const server = await folder.serve(launch)
    await holds(server, {
      send: get('/static/latest.txt'),
      expect: { status: 200, content: 'two' },
      why: 'links are followed if they end inside of the root',
    })
  })

  it('keeps its memory flat while a client is slow to take a large file', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('large.bin', 300 * MEGABYTE)
    const server = await folder.serve(launch)
    await memoryStands(server, 48 * MEGABYTE, async () => {
      const download = await Download.begin(server, '/static/large.bin')
      if (download.status === 200 && download.length === 300 * MEGABYTE) return
      throw server.fails({
        expected: 'status 200 and Content-Length: 314572800',
        received: download.head,
      })
    })
  })
})
