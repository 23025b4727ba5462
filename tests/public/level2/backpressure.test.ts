import { answers, holds, serves } from '../../kit/holds.ts'
import { get, head } from '../../kit/request.ts'
import { stallsFlat } from '../../kit/stalled.ts'
import { describe, it } from '../../kit/test.ts'

const MEGABYTE = 1024 * 1024

describe('backpressure', () => {
  it('keeps its memory while clients read nothing', async ({ server }) => {
    await stallsFlat(server, 12, `/bytes/${256 * MEGABYTE}`, 40 * MEGABYTE)
  })

  it('goes on where it stopped when a client reads on', async ({ server }) => {
    const why = 'a client that reads slowly gets every byte'
    const bytes = 6 * MEGABYTE
    const wire = await server.connect()
    await wire.send(get(`/bytes/${bytes}`))
    await wire.received(1)
    wire.stall()
    await serves(server, why)
    wire.resume()
    const response = await wire.response({ patienceMs: 30_000 })
    answers(wire, response, { status: 200, fields: { 'Content-Length': String(bytes) } }, why)
    const wrong = response.content.findIndex((byte, index) => byte !== index % 251)
    if (wrong !== -1)
      throw wire.fails({
        expected: 'byte i is i mod 251',
        received: `byte ${wrong} is ${response.content[wrong]}`,
        why,
      })
  })

  it('makes no content for HEAD', async ({ server }) => {
    await holds(server, {
      send: head('HEAD /bytes/1073741824 HTTP/1.1'),
      expect: {
        status: 200,
        fields: { 'Content-Length': '1073741824' },
        closes: true,
        serves: true,
      },
      why: 'HEAD is GET without the content (RFC 9110 §9.3.2)',
    })
  })
})
