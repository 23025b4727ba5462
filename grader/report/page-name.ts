/** The file of a learner's page: safe on every file system, and another one for every id. */
import { createHash } from 'node:crypto'

/** What ends as a mark does could be somebody's mark. */
const SAFE = /^(?!.*-[0-9a-f]{10}$)[a-z0-9_][a-z0-9_.-]{0,79}$/

/** `ada` is `ada.html`; what is not safe as it stands gets a mark that follows from the whole id. */
export function pageName(id: string): string {
  if (SAFE.test(id)) return `${id}.html`
  const words = id
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
  // Ada and ada are two learners, and on some file systems one file.
  const mark = createHash('sha256').update(id).digest('hex').slice(0, 10)
  return `${words === '' ? 'learner' : words}-${mark}.html`
}
