import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAlive } from '../../harness/proc.ts'
import { removeFolder, temporaryFolder } from '../../harness/reaper.ts'

const reaper = path.join(import.meta.dirname, '../../harness/reaper.ts')
const itsProcess = path.join(import.meta.dirname, '../../harness/reaper-process.ts')

/** Makes a folder, starts a program in it of which nobody is told, says both, and is killed. */
const DIES = `
  const { mkdirSync } = await import('node:fs')
  const { spawn } = await import('node:child_process')
  const { temporaryFolder, watchGroup } = await import(${JSON.stringify(reaper)})
  const folder = await temporaryFolder()
  mkdirSync(folder + '/build')
  const start = (cwd) => spawn('sleep', ['300'], { cwd, detached: true, stdio: 'ignore' })
  const [told, untold] = [start('/'), start(folder + '/build')]
  watchGroup(told.pid)
  process.stdout.write([folder, told.pid, untold.pid].join(' '), () => process.kill(process.pid, 'SIGKILL'))
`

describe('a process that is killed', () => {
  it('leaves behind neither its folder, nor what it started, nor what it had no time to tell of', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', DIES], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    for await (const part of child.stdout.setEncoding('utf8')) said += part as string
    const [folder = '', ...pids] = said.split(' ')
    expect(pids).toHaveLength(2)
    await expect.poll(() => pids.map(Number).filter(isAlive), { timeout: 20_000 }).toEqual([])
    await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false)
  })
})

describe('a folder', () => {
  it('that is none of ours is left alone, and so is whoever works in it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'another-'))
    const cwd = await mkdtemp(path.join(folder, 'in-'))
    const working = spawn('sleep', ['300'], { cwd, stdio: 'ignore' })
    try {
      const child = spawn(process.execPath, [itsProcess], { stdio: ['pipe', 'ignore', 'inherit'] })
      child.stdin.end(`folder ${folder}\n`)
      await once(child, 'close')
      expect([isAlive(working.pid ?? 0), existsSync(cwd)]).toEqual([true, true])
    } finally {
      working.kill('SIGKILL')
      await rm(folder, { recursive: true })
    }
  })

  it('that somebody still writes into keeps nobody from going on', async () => {
    const folder = await temporaryFolder()
    const busy = spawn('sh', ['-c', 'while mkdir -p "$0/a/$((i+=1))"; do :; done', folder])
    try {
      await expect
        .poll(() => existsSync(path.join(folder, 'a/100')), { timeout: 20_000 })
        .toBe(true)
      await expect(removeFolder(folder)).resolves.toBe(undefined)
    } finally {
      busy.kill('SIGKILL')
    }
  })
})
