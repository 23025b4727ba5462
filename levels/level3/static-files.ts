/**
 * Serves the files below a folder (task 3.5).
 *
 * `ranges.ts` and `conditional.ts` beside this file hold what a request may ask for. Split the rest as you
 * like: what a path means, how a file is opened, how it is read while it is sent.
 */
import type { Handler } from '../level2/http.ts'
import { NotImplementedError } from '../level2/not-implemented.ts'

/**
 * Answers the requests whose path begins with `mount` by the files below `root`.
 *
 * Links in `root` itself are resolved now. Without such a folder every file is 404.
 *
 * The handler throws what it refuses: {@link RequestError} `INVALID_PATH`, `NOT_FOUND`,
 * `PRECONDITION_FAILED`, `RANGE_NOT_SATISFIABLE`, and `TOO_BUSY` when there are no descriptors left.
 */
export function staticFiles(_root: string, _mount = '/static/'): Handler {
  return () => {
    // TODO(3.5): Split the path before you decode it, and refuse the names that no file may have.
    throw new NotImplementedError('3.5', 'staticFiles')
  }
}
