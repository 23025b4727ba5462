/** What the checkout holds, as the checks see it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../grader/course.ts'

/** Files that git tracks or would track, relative to the root. */
export function courseFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  return output.split('\n').filter(Boolean)
}

export function text(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}
