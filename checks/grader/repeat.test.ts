/** What a failure gives to be pasted means to a shell what it says. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
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
})
