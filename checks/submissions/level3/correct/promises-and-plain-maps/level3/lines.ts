import { wholeNumber } from '../level2/handlers.ts'
import type { Handler, Params } from '../level2/http.ts'

export const MAX_LINES = 1_000_000

export const streamLines: Handler = (_request, params) => {
  const n = wholeNumber(params['n'], MAX_LINES)
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    content: {
      length: undefined,
      async *[Symbol.asyncIterator]() {
        let text = ''
        for (let line = 1; line <= n; line++) {
          text += `line ${line}\n`
          if (text.length > 8192) {
            yield Buffer.from(text)
            text = ''
          }
        }
        if (text) yield Buffer.from(text)
      },
    },
  }
}

export function checkLines(params: Params): void {
  wholeNumber(params['n'], MAX_LINES)
}
