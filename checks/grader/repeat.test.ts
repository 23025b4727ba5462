/** What a failure gives to be pasted means to a shell what it says. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { root } from '../../grader/course.ts'
import { firstFailure } from '../../grader/terminal/failure.ts'
import { styleFor } from '../../grader/terminal/style.ts'
import { madeUpResult } from '../kit/made-up-class.ts'

describe('the command that repeats a failure', () => {
  for (const folder of ['../ada', 'a folder with spaces ü€', "it's; echo no", '$HOME/*']) {
    it(`names this folder: ${folder}`, () => {
      const result = { ...madeUpResult(() => 'failed'), submission: folder }
      const [, command] =
        /Repeat it: (.*)\n/.exec(firstFailure(result, styleFor(process.stdout))) ?? []
      const shell = execFileSync('sh', ['-c', `npm() { printf '%s|' "$@"; }; ${command ?? ''}`])
      expect(shell.toString()).toBe(`start|--|level3|--from|${folder}|`)
    })
  }

  it('names it as it is seen from where the command was typed', () => {
    const typedIn = vi.spyOn(process, 'cwd').mockReturnValue(path.join(root, 'levels', 'level3'))
    const result = { ...madeUpResult(() => 'failed'), submission: '../ada' }
    expect(firstFailure(result, styleFor(process.stdout))).toContain(' --from ../../../ada\n')
    typedIn.mockRestore()
  })
})
