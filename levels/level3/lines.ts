/** `GET /stream/:n`: content of which nobody knows beforehand how long it is. */
import type { Handler, Params } from '../level2/http.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'

/** The largest `n` of `/stream/:n`. */
export const MAX_LINES = 1_000_000

/** 200, `text/plain; charset=utf-8`: `line 1` to `line n`, each ended by LF, made one by one while they are sent. */
export const streamLines: Handler = () => {
  // TODO(3.2): Give content whose length is `undefined`, and make a line when it is asked for.
  throw new NotImplementedError('3.2', 'streamLines')
}

/**
 * Refuses an `n` that is not decimal digits, or over `MAX_LINES`, before any content is read.
 *
 * @throws {RequestError} `INVALID_PARAMETER`
 */
export function checkLines(_params: Params): void {
  throw new NotImplementedError('3.2', 'checkLines')
}
