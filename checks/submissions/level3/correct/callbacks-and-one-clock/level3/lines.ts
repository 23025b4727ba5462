/** `GET /stream/:n`: content of which nobody knows beforehand how long it is. */
import { wholeNumber } from '../level2/handlers.ts'
import type { ContentStream, Handler, Params } from '../level2/http.ts'

/** The largest `n` of `/stream/:n`. */
export const MAX_LINES = 1_000_000

/** Lines that leave together; the last piece may have fewer. */
const LINES_A_PIECE = 300

class Lines implements ContentStream {
  readonly length = undefined
  readonly #last: number

  constructor(last: number) {
    this.#last = last
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let at = 1
    let last = this.#last
    return {
      next() {
        if (at > last) return Promise.resolve({ done: true, value: undefined })
        let piece = ''
        for (let i = 0; i < LINES_A_PIECE && at <= last; i += 1, at += 1) piece += `line ${at}\n`
        return Promise.resolve({ done: false, value: Buffer.from(piece, 'latin1') })
      },
      return() {
        last = 0
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
}

/** 200, `text/plain; charset=utf-8`: `line 1` to `line n`, each ended by LF, made one by one while they are sent. */
export const streamLines: Handler = (_request, { n }) => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  content: new Lines(wholeNumber(n, MAX_LINES)),
})

/**
 * Refuses an `n` that is not decimal digits, or over `MAX_LINES`, before any content is read.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function checkLines({ n }: Params): void {
  wholeNumber(n, MAX_LINES)
}
