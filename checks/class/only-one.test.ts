import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { holdFolder } from '../../grader/class/only-one.ts'
import { folderWith } from '../kit/folders.ts'

const module = new URL('../../grader/class/only-one.ts', import.meta.url).href

describe('the folder of a class', () => {
  it('takes one run at a time, and says what the other can do', async () => {
    const folder = await folderWith()
    const letGo = holdFolder(folder)
    expect(() => holdFolder(folder)).toThrow(
      `Another npm run class is at work in ${folder}: wait until it is done, or name another folder with --out.`,
    )
    letGo()
    holdFolder(folder)()
  })

  it('is free again when the run that held it was killed', async () => {
    const folder = await folderWith()
    const script = `import { holdFolder } from ${JSON.stringify(module)}
      holdFolder(${JSON.stringify(folder)})
      process.stdout.write('held')
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    expect(() => holdFolder(folder)).toThrow('Another npm run class')
    holder.kill('SIGKILL')
    await once(holder, 'close')
    holdFolder(folder)()
  })
})
