import { setTimeout as delay } from 'node:timers/promises'
import { Blocked } from '../../../harness/expectation.ts'
import { answers, serves } from '../../kit/holds.ts'
import { anonymousBytes } from '../../kit/memory-stands.ts'
import { makesNothingForHead } from '../../kit/nothing-for-head.ts'
import { answersOwn } from '../../kit/own-handlers.ts'
import { get } from '../../kit/request.ts'
import { MOST_ROUNDS, Sizes } from '../../kit/rounds.ts'
import {
  givesUpWhoDrips,
  givesUpWhoTakesNothing,
  letsGo,
  stalls,
  stallsFlat,
} from '../../kit/stalled.ts'
import { describe, it } from '../../kit/test.ts'

const MEGABYTE = 1024 * 1024
/** Much data on a busy machine: the kernel, too, may need a while to go on. */
const PATIENT_MS = 30_000
const STREAM = 'the comment above `ContentStream`, and task 2.7'

describe('backpressure', () => {
  it('keeps its memory while many read nothing, and frees everything when they leave', async ({
    server,
  }) => {
    const why = 'when a client is gone, everything that was held for it is gone'
    const clients = await stallsFlat(server, 60, `/bytes/${256 * MEGABYTE}`, 64 * MEGABYTE)
    const ends = clients.map(({ port }) => ({ port }))
    for (const client of clients) client.reset()
    if (!(await letsGo(server, ends))) {
      throw server.fails({
        expected: 'the sockets of 60 clients that left are closed',
        received: 'some are still open',
        why,
      })
    }
    await serves(server, why)
  })

  it('forgets clients that leave in the middle of an answer, round after round', async ({
    server,
  }) => {
    const why =
      'growth that goes on for ever is a leak: a connection that has ended leaves nothing behind, however it ended'
    const sizes = new Sizes()
    for (let round = 0; round < MOST_ROUNDS && !sizes.haveSettled; round++) {
      for (let batch = 0; batch < 5; batch++) {
        const clients = await Promise.all(
          Array.from({ length: 12 }, () => stalls(server, `/bytes/${8 * MEGABYTE}`)),
        )
        for (const [index, client] of clients.entries()) {
          if (index % 2 === 0) client.reset()
          else client.close()
        }
      }
      await serves(server, why)
      sizes.add(anonymousBytes(server))
    }
    if (sizes.haveSettled) return
    throw server.fails({ expected: Sizes.wanted, received: sizes.inWords(), why })
  })

  it('serves others while one client takes all it can get', async ({ server }) => {
    const why = 'whoever reads fast is served fast, and holds nobody'
    const bytes = 1024 * MEGABYTE
    const wire = await server.connect()
    wire.discard()
    await wire.send(get(`/bytes/${bytes}`))
    await wire.received(MEGABYTE)
    for (let i = 0; i < 3; i++) await serves(server, why)
    if (wire.bytesReceived >= bytes)
      throw wire.fails({
        expected: '/ answered three times meanwhile',
        received: `all of /bytes/${bytes} first`,
        why,
      })
    wire.reset()
    await serves(server, why)
  })

  it('gives up on a client that takes nothing, and not too soon', async ({ launch }) => {
    const server = await launch({ WRITE_TIMEOUT_MS: '600' })
    await givesUpWhoTakesNothing(server, 600)
  })

  it('gives up on a client that takes nothing, however often it sends', async ({ launch }) => {
    await givesUpWhoDrips(launch)
  })

  it('makes no piece of content for HEAD', async ({ build }) => {
    await makesNothingForHead(build, 2)
  })

  it('serves a client that reads slowly to the end, however long that takes', async ({
    launch,
  }) => {
    const timeoutMs = 2500
    const why =
      'a client that takes a byte now and then is not gone: the time runs from the last progress'
    const server = await launch({
      WRITE_TIMEOUT_MS: String(timeoutMs),
      HEADER_TIMEOUT_MS: '3000',
      BODY_TIMEOUT_MS: '3000',
    })
    const bytes = 48 * MEGABYTE
    for (let attempt = 0; attempt < 3; attempt++) {
      let lastMs = performance.now()
      const wire = await server.connect()
      wire.discard()
      await wire.send(get(`/bytes/${bytes}`))
      let longestMs = 0
      for (let part = 1; part <= 12; part++) {
        const came = await wire.received(part * 4 * MEGABYTE)
        if (came) {
          wire.stall()
          await delay(350)
          wire.resume()
        }
        longestMs = Math.max(longestMs, performance.now() - lastMs)
        lastMs = performance.now()
        if (!came) break
      }
      if (await wire.received(bytes, PATIENT_MS)) return
      // On a machine that stood still, this client was gone for longer than it meant to be.
      if (longestMs > timeoutMs / 2) continue
      throw wire.fails({
        expected: `all ${bytes} bytes`,
        received: `the end after ${wire.bytesReceived}`,
        why,
      })
    }
    throw new Blocked('system', 'this machine is too busy to read slowly')
  })

  it('waits for ever for a client when it is told to', async ({ launch }) => {
    const why = 'a timeout of 0 never gives up'
    const server = await launch({ WRITE_TIMEOUT_MS: '0' })
    const bytes = 24 * MEGABYTE
    const client = await stalls(server, `/bytes/${bytes}`)
    const work = await server.connect()
    await work.send(get('/work'))
    answers(work, await work.response({ why }), { status: 200 }, why)
    client.resume()
    if (await client.received(bytes, PATIENT_MS)) return
    throw client.fails({
      expected: 'the whole answer',
      received: `the end after ${client.bytesReceived} bytes`,
      why,
    })
  })

  it('asks a stream for no more than the client takes, and ends it when the client leaves', async ({
    build,
  }) => {
    await answersOwn(
      build,
      ['answer with a stream that never ends', 'read nothing', 'reset the connection'],
      async ({ on, stall, until }) => {
        const piece = Buffer.alloc(65_536)
        const seen = { asked: 0, returned: 0 }
        const content = {
          length: 2 ** 40,
          [Symbol.asyncIterator]: () => ({
            next: () => {
              seen.asked++
              return Promise.resolve({ done: false, value: piece })
            },
            return: () => {
              seen.returned++
              return Promise.resolve({ done: true, value: undefined })
            },
          }),
        }
        on('endless', () => ({ status: 200, content }))
        const { client, server } = await stall('endless')
        let quiet = 0
        for (let last = -1; quiet < 10; last = seen.asked) {
          await new Promise((resolve) => setTimeout(resolve, 20))
          quiet = seen.asked === last && last > 0 ? quiet + 1 : 0
          if (seen.asked > 20_000) break
        }
        const kept = server.writableLength
        const early = seen.returned
        client.resetAndDestroy()
        await until(() => seen.returned > 0)
        return { quiet: quiet >= 10, kept: kept <= 262_144, early, returned: seen.returned > 0 }
      },
      { quiet: true, kept: true, early: 0, returned: true },
      STREAM,
    )
  })

  it('ends a stream whose client leaves while the next piece is being made, and keeps no timer', async ({
    build,
  }) => {
    await answersOwn(
      build,
      [
        'answer with a stream whose second piece never comes',
        'reset the connection while it is awaited',
      ],
      async ({ on, get, stall, until, timers }) => {
        // A timer of the whole server is no client's.
        on('quick', () => ({ status: 200, content: 'done' }))
        await get('quick')
        await until(() => timers() === 0)
        const ofTheServer = timers()
        const seen = { asked: 0, returned: 0 }
        const content = {
          length: 100,
          [Symbol.asyncIterator]: () => ({
            next: () =>
              seen.asked++ === 0
                ? Promise.resolve({ done: false, value: Buffer.alloc(50) })
                : new Promise(() => {}),
            return: () => {
              seen.returned++
              return Promise.resolve({ done: true, value: undefined })
            },
          }),
        }
        on('slow', () => ({ status: 200, content }))
        const { client } = await stall('slow')
        const asked = await until(() => seen.asked === 2)
        client.resetAndDestroy()
        const returned = await until(() => seen.returned > 0)
        return { asked, returned, timers: await until(() => timers() <= ofTheServer) }
      },
      { asked: true, returned: true, timers: true },
      STREAM,
    )
  })

  it('resets the connection when a stream fails, or is not as long as it said', async ({
    build,
  }) => {
    await answersOwn(
      build,
      [
        'answer with streams that throw, that end too soon, that go on too long, and one that is right',
        'read each to its end',
      ],
      async ({ on, get }) => {
        const stream = (length: number | undefined, pieces: readonly string[], fails = false) => ({
          length,
          async *[Symbol.asyncIterator]() {
            for (const piece of pieces) {
              yield Buffer.from(piece)
              await new Promise((resolve) => setTimeout(resolve, 10))
            }
            if (fails) throw new Error('no more')
          },
        })
        on('throws', () => ({ status: 200, content: stream(9, ['abc'], true) }))
        on('breaks', () => ({ status: 200, content: stream(undefined, ['abc'], true) }))
        on('short', () => ({ status: 200, content: stream(9, ['abc', 'def']) }))
        on('long', () => ({ status: 200, content: stream(5, ['abc', 'def']) }))
        on('right', () => ({ status: 200, content: stream(6, ['abc', 'def']) }))
        const [throws, breaks, short, long, right] = await Promise.all([
          get('throws'),
          get('breaks'),
          get('short'),
          get('long'),
          get('right'),
        ])
        return {
          endings: [throws, breaks, short, long, right].map((visit) => visit.ending),
          long: long.content.length <= 5,
          right: right.content,
          after: (await get('right')).content,
        }
      },
      {
        endings: ['reset', 'reset', 'reset', 'reset', 'FIN'],
        long: true,
        right: 'abcdef',
        after: 'abcdef',
      },
      'an incomplete answer must not look complete (RFC 9112 §8)',
    )
  })

  it('sends a stream of unknown length up to the close', async ({ build }) => {
    await answersOwn(
      build,
      ['answer with a stream that does not know its length', 'read it to its end'],
      async ({ on, get }) => {
        on('unknown', () => ({
          status: 200,
          content: {
            length: undefined,
            async *[Symbol.asyncIterator]() {
              for (const piece of ['abc', 'def']) yield await Promise.resolve(Buffer.from(piece))
            },
          },
        }))
        const { head, content, ending } = await get('unknown')
        return {
          length: /content-length/i.test(head),
          close: /\r\nconnection:[ \t]*close[ \t]*\r\n/i.test(head),
          content,
          ending,
        }
      },
      { length: false, close: true, content: 'abcdef', ending: 'FIN' },
      'without Content-Length the close ends the content (RFC 9112 §6.3)',
    )
  })

  it('sends what a handler gives: nothing, text as UTF-8, bytes as they are', async ({ build }) => {
    await answersOwn(
      build,
      ['answer without content, with text, and with bytes', 'read each to its end'],
      async ({ on, get }) => {
        on('nothing', () => ({ status: 200 }))
        on('text', () => ({ status: 200, content: 'h\u00e9llo \u{1f600}' }))
        on('bytes', () => ({ status: 200, content: new Uint8Array([0, 255, 13, 10]) }))
        const answers = await Promise.all([get('nothing'), get('text'), get('bytes')])
        return answers.map(({ head, content }) => ({
          length: /\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1] ?? null,
          content: Buffer.from(content, 'latin1').toString('hex'),
        }))
      },
      [
        { length: '0', content: '' },
        { length: '11', content: '68c3a96c6c6f20f09f9880' },
        { length: '4', content: '00ff0d0a' },
      ],
      'Content-Length counts bytes, and a string is sent as UTF-8: the comment above `content`',
    )
  })
})
