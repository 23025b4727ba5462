/** The tests of task 3.5 about files that are large, and about those that change while they are sent. */
import { appendFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { Download, type Comparison, type Rest } from '../../kit/download.ts'
import { answers, holds, serves } from '../../kit/holds.ts'
import { KnownBytes } from '../../kit/known-bytes.ts'
import { memoryStands } from '../../kit/memory-stands.ts'
import { rangesOf } from '../../kit/multipart.ts'
import { closesFiles } from '../../kit/open-files.ts'
import { get, head } from '../../kit/request.ts'
import { StaticRoot } from '../../kit/static-root.ts'
import { it } from '../../kit/test.ts'
import type { Server } from '../../../harness/server.ts'

const MEGABYTE = 1024 * 1024
const GIGABYTE = 1024 * MEGABYTE
/** More than the kernel holds between two ends of a connection. */
const LARGE = 40 * MEGABYTE

export function gradesLargeFiles(): void {
  it('serves any part of a file of 5 GB', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('five.bin', 5 * GIGABYTE, 'the end')
    const server = await folder.serve(launch)
    await holds(server, {
      send: head('HEAD /static/five.bin HTTP/1.1'),
      expect: { status: 200, fields: { 'Content-Length': '5368709120' } },
      why: 'a length is as long as it is',
    })
    await holds(server, {
      send: get('/static/five.bin', 'Range: bytes=-7'),
      expect: {
        status: 206,
        fields: { 'Content-Range': 'bytes 5368709113-5368709119/5368709120' },
        content: 'the end',
      },
      why: 'positions beyond 2^32 are positions',
    })
    await memoryStands(server, 64 * MEGABYTE, async () => {
      for (let client = 0; client < 8; client++) {
        announces(server, await Download.begin(server, '/static/five.bin'), 5 * GIGABYTE)
      }
    })
  })

  it('finds the bytes beyond 4 GiB that a range begins with', async ({ launch, random }) => {
    const folder = await StaticRoot.with()
    const size = 5 * GIGABYTE
    const bytes = new KnownBytes(random)
    await folder.writeSparse('five.bin', size)
    const server = await folder.serve(launch)
    for (const [range, first, last] of [
      ['bytes=4294967296-4294967300', 4_294_967_296, 4_294_967_300],
      ['bytes=5368709113-', 5_368_709_113, 5_368_709_119],
    ] as const) {
      const length = last - first + 1
      await folder.writeInto('five.bin', first, bytes.from(first, length))
      const download = await Download.begin(server, '/static/five.bin', `Range: ${range}`)
      const contentRange = `bytes ${first}-${last}/${size}`
      announces(server, download, length, contentRange)
      isPart(server, await download.compare(bytes, first), first, length)
      download.close()
    }
  })

  it('sends a large file byte for byte to a client that is slow to read', async ({
    launch,
    random,
  }) => {
    const folder = await StaticRoot.with()
    const bytes = new KnownBytes(random)
    const length = 16 * MEGABYTE + random.integer(1, 65_535)
    await folder.writeKnown('large.bin', length, bytes)
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/large.bin')
    announces(server, download, length)
    // Meanwhile the server fills what the kernel holds for a client that does not read, and has to wait.
    for (let request = 0; request < 20; request++) await serves(server)
    isPart(server, await download.compare(bytes, 0), 0, length)
  })

  it('sends large ranges byte for byte, wherever they begin and end', async ({
    launch,
    random,
  }) => {
    const folder = await StaticRoot.with()
    const bytes = new KnownBytes(random)
    await folder.writeKnown('large.bin', MEGABYTE, bytes)
    const server = await folder.serve(launch)
    // Files are often read in pieces of 64, 128 or 256 KiB: over the borders between them, up to one, and from one on.
    for (const ranges of [
      [[65_535, 65_536]],
      [[262_143, 262_144]],
      [[131_000, 132_000]],
      [[131_072, 524_287]],
      [[65_535, 262_144]],
      [[random.integer(1, 65_534), random.integer(600_000, 1_000_000)]],
      [
        [786_431, 1_000_000],
        [0, 65_536],
        [131_071, 131_072],
        [200_000, 524_288],
      ],
    ] as readonly (readonly (readonly [number, number])[])[]) {
      await areParts(server, ranges, bytes)
    }
  })

  it('keeps no file open, whatever became of the request', async ({ launch }) => {
    const folder = await StaticRoot.with({ 'sub/b.txt': 'b', 'sub/index.html': '<p>' })
    await folder.writeSparse('large.bin', LARGE)
    await folder.link('linked', 'sub')
    const server = await folder.serve(launch)
    const large = '/static/large.bin'
    const why =
      'a file that was opened for a request is closed when that is over, and the next is served'
    for (const [status, send] of [
      [200, get('/static/linked/b.txt')],
      [200, head(`HEAD ${large} HTTP/1.1`)],
      [304, get(large, 'If-None-Match: *')],
      [412, get(large, 'If-Match: "other"')],
      [416, get(large, `Range: bytes=${LARGE}-`)],
      [206, get(large, 'Range: bytes=0-0,2-2')],
      [308, get('/static/sub')],
      [200, get('/static/sub/')],
      [404, get('/static/large.bin/')],
    ] as const) {
      const wire = await server.connect()
      const method = send.startsWith('HEAD') ? 'HEAD' : 'GET'
      for (let time = 0; time < 3; time++) {
        await wire.send(send)
        answers(wire, await wire.response({ method, why }), { status }, why)
      }
      await closesFiles(server, folder.root)
    }
  })

  it('sends a large file whole, and keeps no file open for those who leave', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('large.bin', LARGE)
    const server = await folder.serve(launch)
    const whole = await Download.begin(server, '/static/large.bin')
    await isRest(server, await whole.rest(0), LARGE)
    for (let client = 0; client < 12; client++) {
      const download = await Download.begin(server, '/static/large.bin')
      if (client % 2 === 0) download.reset()
      else download.close()
    }
    for (const line of [
      'If-None-Match: *',
      'Range: bytes=999999999999-',
      'If-Match: "x"',
      'X-Note: none',
    ]) {
      await holds(server, {
        send: head('HEAD /static/large.bin HTTP/1.1', line),
        expect: {},
        why: 'HEAD reads no file',
      })
    }
    await closesFiles(server, folder.root)
  })

  it('closes every file that a client of a pipeline will never read', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('large.bin', LARGE)
    const server = await folder.serve(launch)
    for (let client = 0; client < 4; client++) {
      const wire = await server.connect()
      wire.discard()
      await wire.send(get('/static/large.bin').repeat(8))
      await wire.received(1)
      wire.reset()
    }
    await closesFiles(server, folder.root)
  })

  it('destroys the connection when a file shrinks while it is sent', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('shrinks.bin', LARGE)
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/shrinks.bin')
    await truncate(folder.at('shrinks.bin'), MEGABYTE)
    const { bytes, ending } = await download.rest(0)
    if (ending === 'complete' || ending === 'silence') {
      throw server.fails({
        expected: 'the end of the connection before the announced length',
        received: ending === 'complete' ? `all ${bytes} bytes` : `silence after ${bytes} bytes`,
        why: 'an incomplete answer must not look complete; nothing is padded (RFC 9112 §8)',
      })
    }
    await serves(server, 'the other clients notice nothing')
    await closesFiles(server, folder.root)
  })

  it('answers nothing more on the connection of a file that shrank', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('shrinks.bin', LARGE)
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/shrinks.bin')
    download.askAlso('/greet?name=beyond')
    await truncate(folder.at('shrinks.bin'), MEGABYTE)
    const { bytes, others, ending } = await download.rest(0)
    if (others === 0 && ending !== 'complete' && ending !== 'silence') return
    throw server.fails({
      expected: 'bytes of the file, then the end of the connection',
      received:
        others > 0
          ? `${others} bytes that are not of the file among ${bytes}: another answer?`
          : `${ending} after ${bytes} bytes`,
      why: 'the client would take the next answer for a part of the file (RFC 9112 §8)',
    })
  })

  it('sends the announced length of a file that grows', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('grows.bin', LARGE)
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/grows.bin', 'Connection: close')
    await appendFile(folder.at('grows.bin'), Buffer.alloc(MEGABYTE, 'x'))
    await isRest(server, await download.rest(0), LARGE)
  })

  it('sends the file that it opened, although another takes its name', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('replaced.bin', LARGE)
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/replaced.bin')
    await writeFile(folder.at('new.bin'), Buffer.alloc(MEGABYTE, 'x'))
    await rename(folder.at('new.bin'), folder.at('replaced.bin'))
    await isRest(server, await download.rest(0), LARGE)
  })

  it('sends the file that it opened, or breaks the connection, when its name is removed', async ({
    launch,
  }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('removed.bin', LARGE, 'the end')
    const server = await folder.serve(launch)
    const download = await Download.begin(server, '/static/removed.bin')
    announces(server, download, LARGE)
    await rm(folder.at('removed.bin'))
    const { bytes, others, ending } = await download.rest(0)
    const isWhole = ending === 'complete' && bytes === LARGE && others === 'the end'.length
    const isBroken = (ending === 'FIN' || ending === 'reset') && bytes < LARGE && others === 0
    if (!isWhole && !isBroken) {
      throw server.fails({
        expected: `all ${LARGE} bytes of the file, or the end of the connection before the last of them`,
        received: `${bytes} bytes, the last of them ${others === 7 ? 'right' : 'wrong'}, ${ending}`,
        why: 'a file that is open keeps its content when its name is removed; an incomplete answer must not look complete (RFC 9112 §8)',
      })
    }
    await serves(server, 'the other clients notice nothing')
  })

  it('sends large ranges, in one part and in several', async ({ launch }) => {
    const folder = await StaticRoot.with()
    await folder.writeSparse('large.bin', LARGE)
    const server = await folder.serve(launch)
    const single = await Download.begin(server, '/static/large.bin', `Range: bytes=1-${LARGE - 2}`)
    await isRest(server, await single.rest(0), LARGE - 2)
    const several = await Download.begin(
      server,
      '/static/large.bin',
      `Range: bytes=0-${LARGE / 2}, ${LARGE / 2 + 2}-`,
    )
    const { bytes, others, ending } = await several.rest(0)
    if (ending === 'complete' && bytes - others === LARGE - 1 && others < 2000) return
    throw server.fails({
      expected: `two parts that hold ${LARGE - 1} bytes of the file`,
      received: `${bytes - others} bytes of the file, ${others} others, ${ending}`,
      why: 'Content-Length counts the parts and what stands between them (RFC 9110 §15.3.7.2)',
    })
  })
}

async function isRest(server: Server, rest: Rest, bytes: number): Promise<void> {
  if (rest.ending === 'complete' && rest.bytes === bytes && rest.others === 0) return
  throw server.fails({
    expected: `${bytes} bytes of the file as it was when it was opened`,
    received: `${rest.bytes} bytes, ${rest.others} of them of no such file, ${rest.ending}`,
    why: 'what was announced is what is sent (RFC 9112 §6.3)',
  })
}

/** Checks what the head of an answer says of its content: all of a file, or this part of it. */
function announces(server: Server, download: Download, bytes: number, contentRange?: string): void {
  const of = (status: number, length: number, range?: string) =>
    `status ${status}, Content-Length: ${length}${range === undefined ? '' : `, Content-Range: ${range}`}`
  const expected = of(contentRange === undefined ? 200 : 206, bytes, contentRange)
  const received = of(
    download.status,
    download.length,
    /^content-range:[ \t]*(.*?)[ \t]*$/im.exec(download.head)?.[1],
  )
  if (received === expected) return
  throw server.fails({
    expected,
    received,
    why: 'lengths and positions are as large as they are, also beyond 2^32 (RFC 9110 §8.6, §14.4)',
  })
}

const BYTE_FOR_BYTE =
  'content is bytes, not text; each piece begins where the one before ended, and its buffer is filled again only when the socket has written it (RFC 9110 §6.4, task 2.7)'

function isPart(
  server: Server,
  { bytes, otherAt, ending }: Comparison,
  first: number,
  length: number,
): void {
  if (ending === 'complete' && bytes === length && otherAt === undefined) return
  throw server.fails({
    expected: `the ${length} bytes of the file from byte ${first} on`,
    received:
      otherAt === undefined
        ? `${bytes} bytes, ${ending}`
        : `another byte in the place of byte ${otherAt} of the file; ${bytes} bytes in all, ${ending}`,
    why: BYTE_FOR_BYTE,
  })
}

/** Asks for ranges of `large.bin`, which has 1 MB, and compares what comes. */
async function areParts(
  server: Server,
  ranges: readonly (readonly [number, number])[],
  bytes: KnownBytes,
): Promise<void> {
  const wire = await server.connect()
  const asked = ranges.map((range) => range.join('-')).join(',')
  await wire.send(get('/static/large.bin', `Range: bytes=${asked}`))
  const response = await wire.response({ why: BYTE_FOR_BYTE })
  answers(wire, response, { status: 206 }, 'each of these ranges is in the file (RFC 9110 §15.3.7)')
  const parts = rangesOf(server, response)
  const received = parts.map(({ range, content }, index) => {
    const [first] = ranges[index] ?? [0]
    const otherAt = bytes.firstOther(content, first)
    const wrong = otherAt === undefined ? '' : `, with another byte in the place of ${otherAt}`
    return `${range}: ${content.length} bytes${wrong}`
  })
  const expected = ranges.map(
    ([first, last]) => `bytes ${first}-${last}/${MEGABYTE}: ${last - first + 1} bytes`,
  )
  wire.close()
  if (received.join() === expected.join()) return
  throw wire.fails({
    expected: expected.join('; '),
    received: received.join('; '),
    why: BYTE_FOR_BYTE,
  })
}
