/** Where a read ends makes no difference to the reference, also where a limit is reached and the line end is half a one. */
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { launch } from '../../harness/launch.ts'
import type { Server } from '../../harness/server.ts'
import { buildOurs } from '../../tests/kit/edited.ts'

const LINE_BYTES = 60
const SECTION_BYTES = 60

/** So many bytes, line ends included. */
const line = (bytes: number) => `GET /${'a'.repeat(bytes - 'GET / HTTP/1.1'.length)} HTTP/1.1`
const section = (bytes: number) => `Host: a\r\nX: ${'b'.repeat(bytes - 14)}\r\n`

describe('the reference of level 1', () => {
  let server: Server
  beforeAll(async () => {
    const limits = {
      MAX_REQUEST_LINE_BYTES: String(LINE_BYTES),
      MAX_HEADER_BYTES: String(SECTION_BYTES),
    }
    server = await launch(await buildOurs(path.join(root, 'solutions'), 1), limits)
  })
  afterAll(() => server.stop())

  it.each([
    ['a line of exactly the limit, without CR', 400, `${line(LINE_BYTES)}\n`],
    ['a line of one byte too many, without CR', 414, `${line(LINE_BYTES + 1)}\n`],
    ['a section that LF alone fills', 400, `GET / HTTP/1.1\r\n${section(SECTION_BYTES - 1)}\n`],
    ['a section that CRLF fills', 200, `GET / HTTP/1.1\r\n${section(SECTION_BYTES - 2)}\r\n`],
    ['a section that CRLF overfills', 431, `GET / HTTP/1.1\r\n${section(SECTION_BYTES - 1)}\r\n`],
  ])('answers %s with %i, however it is cut', async (_, status, request) => {
    for (const cut of [0, 1, 2]) {
      const wire = await server.connect()
      const at = request.length - cut
      await wire.sendInReads(cut === 0 ? [request] : [request.slice(0, at), request.slice(at)])
      expect((await wire.response()).status).toBe(status)
      wire.close()
    }
  })
})
