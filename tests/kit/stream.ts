/** What `/stream/:n` answers, and the digest that may follow it. */
import { createHash } from 'node:crypto'
import { field, type Response } from '../../harness/wire/response.ts'
import type { Wire } from '../../harness/wire/wire.ts'

/** The content of `/stream/:n`. */
export function lines(count: number): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('')
}

/** Checks how the end of an answer was told. */
export function framedAs(
  wire: Wire,
  response: Response,
  wanted: Response['framing'],
  why: string,
): void {
  if (response.framing === wanted) return
  throw wire.fails({
    expected: `content that ends by ${wanted}`,
    received: `content that ends by ${response.framing}`,
    why,
  })
}

/** Checks that the trailer section is announced and holds the SHA-256 of the content; or that there is neither. */
export function hasDigest(wire: Wire, response: Response, wanted: boolean, why: string): void {
  const digest = createHash('sha256').update(response.content).digest('base64')
  const trailers = response.trailers.map(([name, value]) => `${name}: ${value}`)
  const received = trailers.length === 0 ? 'no trailer section' : trailers.join(', ')
  const announced = field(response, 'Trailer')
  if (announced?.toLowerCase() !== (wanted ? 'content-digest' : undefined)) {
    throw wire.fails({
      expected: wanted ? 'Trailer: Content-Digest' : 'no Trailer: nobody asked for it',
      received: announced === undefined ? 'no Trailer' : `Trailer: ${announced}`,
      why,
    })
  }
  if (!wanted) {
    if (trailers.length === 0) return
    throw wire.fails({ expected: 'no trailer section', received, why })
  }
  const right = response.trailers.some(
    ([name, value]) => name.toLowerCase() === 'content-digest' && value === `sha-256=:${digest}:`,
  )
  if (right) return
  throw wire.fails({
    expected: `a trailer section with Content-Digest: sha-256=:${digest}:`,
    received,
    why,
  })
}
