import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { Result } from '../../grader/result.ts'
import { begin } from '../kit/command.ts'
import { folderWith } from '../kit/folders.ts'

it('npm run watch prints nothing but JSON beside JSON', async () => {
  const args = ['watch', '1.1', '--solution', '--json', '--out', await folderWith()]
  const child = begin(args)
  if (child.stdout === null || child.stderr === null) throw new Error('the command has no output')
  const printed = text(child.stdout)
  // It is said when a run is over.
  const [said] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  child.kill()
  expect(said).toMatch(/^Looking at the files of solutions for changes/)
  expect(Result.parse(JSON.parse(await printed)).score.earned).toBe(15)
})
