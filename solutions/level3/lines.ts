import { wholeNumber } from '../level2/handlers.ts'
import type { ContentStream, Handler } from '../level2/http.ts'

/** The largest `n` of `/stream/:n`. */
export const MAX_LINES = 1_000_000

/** `GET /stream/:n`: `line 1` to `line n`, each ended by LF, made one by one: nobody knows beforehand how many bytes. */
export const streamLines: Handler = (_request, params) => ({
  status: 200,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  content: lines(wholeNumber(params['n'], MAX_LINES)),
})

function lines(count: number): ContentStream {
  return {
    length: undefined,
    async *[Symbol.asyncIterator]() {
      for (let line = 1; line <= count; line++) yield Buffer.from(`line ${line}\n`)
    },
  }
}
