import { RequestError } from '../level2/errors.ts'
import type { ContentStream, Handler, Params } from '../level2/http.ts'

export const MAX_LINES = 1_000_000

const LINES_A_PIECE = 256

function* pieces(lines: number): Generator<Uint8Array> {
  for (let from = 1; from <= lines; from += LINES_A_PIECE) {
    const until = Math.min(lines, from + LINES_A_PIECE - 1)
    let text = ''
    for (let line = from; line <= until; line++) text += `line ${line}\n`
    yield Buffer.from(text)
  }
}

export const streamLines: Handler = (_request, { n }) => {
  const content: ContentStream = {
    length: undefined,
    async *[Symbol.asyncIterator]() {
      yield* pieces(Number(n))
    },
  }
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, content }
}

export function checkLines({ n = '' }: Params): void {
  const digits = n.replace(/^0+(?=.)/, '')
  if (!/^[0-9]{1,7}$/.test(digits) || Number(digits) > MAX_LINES)
    throw new RequestError('INVALID_PARAMETER')
}
