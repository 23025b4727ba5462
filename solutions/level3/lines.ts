/** `GET /stream/:n`: content of which nobody knows beforehand how long it is. */
import { wholeNumber } from '../level2/handlers.ts'
import type { ContentStream, Handler, Params } from '../level2/http.ts'

/** The largest `n` of `/stream/:n`. */
export const MAX_LINES = 1_000_000

/** 200, `text/plain; charset=utf-8`: `line 1` to `line n`, each ended by LF, made one by one while they are sent. */
export const streamLines: Handler = (_request, params) => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  content: lines(numberOfLines(params)),
})

/**
 * Refuses an `n` that is not decimal digits, or over `MAX_LINES`, before any content is read.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function checkLines(params: Params): void {
  numberOfLines(params)
}

function numberOfLines({ n }: Params): number {
  return wholeNumber(n, MAX_LINES)
}

function lines(count: number): ContentStream {
  return {
    length: undefined,
    async *[Symbol.asyncIterator]() {
      for (let line = 1; line <= count; line++) yield Buffer.from(`line ${line}\n`)
    },
  }
}
