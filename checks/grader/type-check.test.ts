/** What the type checker says of a submission, and what it may not see. */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../grader/course.ts'
import { typeErrors } from '../../grader/types.ts'
import { strongSandboxMissing } from '../../harness/sandbox/detect.ts'
import { otherUserMissing } from '../../harness/sandbox/other-user.ts'
import type { SandboxName } from '../../harness/sandbox/sandbox.ts'
import { folderWith } from '../kit/folders.ts'

const isMissing = (await strongSandboxMissing()) !== undefined

const hidden = path.join(root, 'tests', 'hidden', 'level3', 'broken-servers.ts')

const curious = {
  'level1/server.ts': `import type { Socket } from 'node:net'
export const ours: readonly Socket[] = []
export const wrong: number = 'a text'
export const leak: never = null! as typeof import('${hidden}')
`,
}

async function messagesIn(sandbox: SandboxName): Promise<readonly string[]> {
  const folder = await folderWith(curious)
  const errors = await typeErrors(folder, ['level1/server.ts'], sandbox)
  return errors.map(({ line, message }) => `${line} ${message}`)
}

describe('the type checker', () => {
  it("finds the errors of one's own code", async () => {
    const messages = await messagesIn('default')
    expect(messages).toContainEqual(expect.stringMatching(/^3 TS2322: .*string.*number/))
    expect(messages.some((message) => message.startsWith('2 '))).toBe(false)
  })

  it.runIf(otherUserMissing() === undefined)('finds them as another user, too', async () => {
    const messages = await messagesIn('other-user')
    expect(messages).toContainEqual(expect.stringMatching(/^3 TS2322: .*string.*number/))
  })

  it.skipIf(isMissing)('finds the same in the strong sandbox, and no file of ours', async () => {
    const messages = await messagesIn('strong')
    expect(messages.toSorted()).toEqual([
      expect.stringMatching(/^3 TS2322: .*string.*number/),
      // Of the file that was named, it knows nothing.
      expect.stringMatching(/^4 TS2307: Cannot find module/),
      expect.stringMatching(/^4 TS2322: Type 'any' is not assignable to type 'never'/),
    ])
  })
})
